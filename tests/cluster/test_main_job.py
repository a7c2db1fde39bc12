"""The main job on a real cluster: from the ConfigMap that broke DNS to a musl pod that resolves again, and back."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from remedy.cluster.source import ANNOTATION
from tests.command import Command
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import CONFIGMAP, configmap
from tests.testbed.places import DNS_IP

NAME = "shop.example.cn"
ADDRESS = "203.0.113.7"
NXDOMAIN, NOERROR = 3, 0


def live(testbed: Testbed) -> dict[str, object]:
    """The ConfigMap without what the API server itself changes, and without the annotation for the audit."""
    found = testbed.api("GET", CONFIGMAP)
    annotations = {name: value for name, value in found["metadata"]["annotations"].items() if name != ANNOTATION}
    return {"data": found["data"], "labels": found["metadata"]["labels"], "annotations": annotations}


def test_the_incident_is_found_shown_repaired_on_every_replica_and_rolled_back(incident: Testbed, remedy: Command) -> None:
    before = live(incident)
    assert incident.musl(NAME).code == -2
    assert incident.ask(DNS_IP, NAME, "A") == (NOERROR, [ADDRESS])

    scan = remedy("scan")
    assert scan.code == 1
    assert "AAAA001" in scan.out

    diff = remedy("diff")
    assert diff.code == 1
    changed = [line for line in diff.out.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [
        "-    template ANY AAAA {",
        "-        rcode NXDOMAIN",
        "-    }",
        "+    template IN AAAA .",
    ]

    applied = remedy("apply", "--yes", "--settle", "0", "--validate", "auto")
    assert applied.code == 0, applied.err
    assert "validation (canary): passed" in applied.err
    assert "2 of 2 replicas answer as predicted" in applied.err
    assert incident.musl(NAME).addresses == (ADDRESS,)
    for _, address in incident.pods():
        assert incident.ask(address, NAME, "AAAA") == (NOERROR, [])
    after = live(incident)
    assert {**after, "data": {**after["data"], "Corefile": INCIDENT}} == before  # type: ignore[dict-item]

    version = incident.api("GET", CONFIGMAP)["metadata"]["resourceVersion"]
    again = remedy("apply", "--yes", "--settle", "0")
    assert again.code == 0, again.err
    assert incident.api("GET", CONFIGMAP)["metadata"]["resourceVersion"] == version

    back = remedy("rollback", "--yes", "--settle", "0")
    assert back.code == 0, back.err
    assert incident.corefile() == INCIDENT
    assert live(incident) == before
    assert incident.musl(NAME).code == -2
    for _, address in incident.pods():
        assert incident.ask(address, NAME, "AAAA")[0] == NXDOMAIN


class Asker(threading.Thread):
    """Asks one pod a question every 20 ms, by UDP and without a retry, and counts what was lost."""

    def __init__(self, testbed: Testbed, address: str) -> None:
        super().__init__(daemon=True)
        self._testbed, self._address = testbed, address
        self._over = threading.Event()
        self.asked = self.lost = 0

    def run(self) -> None:
        query = (
            bytes.fromhex("123401000001000000000000")
            + b"".join(bytes([len(label)]) + label.encode() for label in NAME.split("."))
            + b"\0\0\1\0\1"
        )
        with self._testbed.namespace(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(2)
            udp.connect((self._address, 53))
            while not self._over.wait(0.02):
                self.asked += 1
                udp.send(query)
                try:
                    self.lost += udp.recv(512)[3] & 15 != NOERROR
                except OSError:
                    self.lost += 1

    def end(self) -> None:
        self._over.set()
        self.join(10)


def edited_plan(remedy: Command, path: Path, old: str, new: str, *flags: str) -> None:
    """A plan made by hand: what `diff --out` saved, with another text after the change."""
    remedy("diff", "--out", str(path), *flags)
    plan = json.loads(path.read_text())
    (change,) = plan["changes"]
    assert old in change["after"]["text"]
    text = change["after"]["text"].replace(old, new)
    digest = hashlib.sha256(text.encode()).hexdigest()
    change["after"] = {"text": text, "sha256": digest}
    identity = [{"target": change["target"], "before": change["before"]["sha256"], "after": digest}]
    plan["fingerprint"] = hashlib.sha256(json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    path.write_text(json.dumps(plan))


def test_a_text_that_coredns_refuses_is_never_left_live(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    edited_plan(remedy, tmp_path / "plan.json", "    ready\n", "    ready\n    frobnicate\n")
    askers = [Asker(incident, address) for _, address in incident.pods()]
    for asker in askers:
        asker.start()
    done = remedy("apply", str(tmp_path / "plan.json"), "--validate", "none", "--yes", "--settle", "0", "--timeout", "15")
    time.sleep(1)
    for asker in askers:
        asker.end()

    assert done.code == 5, done.err
    assert "the old text is live again, verified" in done.err
    assert incident.corefile() == INCIDENT
    assert all(asker.asked > 100 for asker in askers)
    assert [asker.lost for asker in askers] == [0, 0]
    for _, address in incident.pods():
        assert incident.ask(address, NAME, "AAAA")[0] == NXDOMAIN


def test_an_edit_made_after_the_plan_is_left_alone(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    remedy("diff", "--out", str(tmp_path / "plan.json"))
    others = INCIDENT.replace("cache 30", "cache 60")
    incident.put_corefile(others)
    done = remedy("apply", str(tmp_path / "plan.json"), "--yes", "--settle", "0")
    assert done.code == 3
    assert "nothing was written" in done.err
    assert incident.corefile() == others


def test_a_rollback_over_a_later_edit_is_refused(incident: Testbed, remedy: Command) -> None:
    assert remedy("apply", "--yes", "--settle", "0").code == 0
    others = incident.corefile().replace("cache 30", "cache 60")
    incident.put_corefile(others)
    done = remedy("rollback", "--yes", "--settle", "0")
    assert done.code == 3
    assert incident.corefile() == others


def test_another_cluster_of_the_same_shape_is_not_the_one_planned_for(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    remedy("diff", "--out", str(tmp_path / "plan.json"))
    with suppress(OSError):
        incident.api("DELETE", CONFIGMAP)
    incident.api("POST", CONFIGMAP.rpartition("/")[0], configmap(INCIDENT))
    done = remedy("apply", str(tmp_path / "plan.json"), "--yes", "--settle", "0")
    assert done.code == 3
    assert incident.corefile() == INCIDENT
