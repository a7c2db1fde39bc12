"""An apply on a real cluster when replicas, controllers and operators do not play along."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.test_errors import DIAL, READ, WATCH, WRITE, Under
from tests.cluster.test_main_job import NAME, Asker, edited_plan
from tests.command import Command
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import CONFIGMAP, DEPLOYMENT

MERGE = "application/merge-patch+json"
WITHOUT_RELOAD = INCIDENT.replace("    reload 2s 1s\n", "")


@contextmanager
def asked(testbed: Testbed) -> Iterator[list[Asker]]:
    """Both replicas are asked all the while."""
    askers = [Asker(testbed, address) for _, address in testbed.pods()]
    for asker in askers:
        asker.start()
    try:
        yield askers
    finally:
        for asker in askers:
            asker.end()


def test_a_reload_loses_no_query_and_the_record_holds_the_timeline(incident: Testbed, remedy: Command) -> None:
    with asked(incident) as askers:
        done = remedy("apply", "--yes", "--settle", "1", "--format", "json")
    assert done.code == 0, done.err
    assert [asker.lost for asker in askers] == [0, 0]
    rows = json.loads(done.out)["replicas"]
    assert sorted(row["replica"] for row in rows) == sorted(name for name, _ in incident.pods())
    for row in rows:
        assert 0 <= row["poked"] <= row["noticed"] <= row["seconds"]


def test_a_change_that_no_answer_tells_apart_is_verified_by_the_hash(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    edited_plan(
        remedy, tmp_path / "plan.json", "    template IN AAAA .\n", "    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n    nsid x\n"
    )
    done = remedy("apply", str(tmp_path / "plan.json"), "--validate", "none", "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert done.err.count("runs the predicted hash") == 2


def test_a_corefile_without_reload_is_brought_by_a_rolling_restart(testbed: Testbed, remedy: Command) -> None:
    testbed.reset(WITHOUT_RELOAD)
    before = {name for name, _ in testbed.pods()}
    done = remedy("apply", "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert "restarting the deployment kube-system/coredns" in done.err
    assert before.isdisjoint(name for name, _ in testbed.pods())
    assert testbed.musl(NAME).code == 0
    back = remedy("rollback", "--yes", "--settle", "0")
    assert back.code == 0, back.err
    assert testbed.corefile() == WITHOUT_RELOAD


def test_a_restart_with_a_text_that_does_not_load_leaves_a_replica_and_is_undone(testbed: Testbed, remedy: Command, tmp_path: Path) -> None:
    testbed.reset(WITHOUT_RELOAD)
    edited_plan(remedy, tmp_path / "plan.json", "    ready\n", "    ready\n    frobnicate\n")
    done = remedy("apply", str(tmp_path / "plan.json"), "--validate", "none", "--yes", "--settle", "0", "--timeout", "20")
    assert done.code == 5, done.err
    assert testbed.corefile() == WITHOUT_RELOAD
    assert testbed.musl(NAME).code == -2


def test_a_restart_that_would_take_every_replica_down_is_refused(testbed: Testbed, remedy: Command) -> None:
    testbed.reset(WITHOUT_RELOAD)
    testbed.api("PATCH", DEPLOYMENT, {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}, content_type=MERGE)
    done = remedy("apply", "--yes", "--settle", "0")
    assert done.code == 2, done.err
    assert "has the strategy Recreate" in done.err
    assert testbed.corefile() == WITHOUT_RELOAD


@contextmanager
def reverting(testbed: Testbed, manager: str) -> Iterator[None]:
    """A controller that puts its own text back a second after it has seen another."""
    over = threading.Event()

    def controller() -> None:
        while not over.wait(0.2):
            if testbed.corefile() != INCIDENT:
                over.wait(1)
                path = f"{CONFIGMAP}?fieldManager={manager}"
                testbed.api("PATCH", path, {"data": {"Corefile": INCIDENT}}, content_type=MERGE)

    thread = threading.Thread(target=controller)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(20)


def test_a_controller_that_puts_its_text_back_is_named(incident: Testbed, remedy: Command) -> None:
    with reverting(incident, "argocd-controller"):
        done = remedy("apply", "--yes", "--settle", "10")
    assert done.code == 5, done.err
    assert "put back by a controller: argocd-controller at " in done.err
    assert incident.corefile() == INCIDENT


def test_a_frozen_replica_is_named_and_the_change_undone(incident: Testbed, remedy: Command) -> None:
    name, _ = incident.pods()[0]
    pid = incident.pid("kube-system", name)
    run = Under(remedy, "apply", "--yes", "--settle", "0", "--timeout", "8")
    run.says("written: ")
    os.kill(pid, signal.SIGSTOP)
    try:
        done = run.ends()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert done.code == 5, done.err
    assert name in done.err
    assert "the old text is live again, verified" in done.err
    assert incident.corefile() == INCIDENT


def test_whoever_presses_ctrl_c_twice_leaves_at_once_and_the_next_command_says_so(incident: Testbed, remedy: Command) -> None:
    run = Under(remedy, "apply", "--yes", "--settle", "30")
    run.says("watching for another 30 s")
    run.process.send_signal(signal.SIGINT)
    run.process.send_signal(signal.SIGTERM)
    done = run.ends(10)
    assert done.code == 6, done.err
    assert "left at once; record " in done.err
    assert "kubectl" in done.err
    next_ = remedy("scan")
    assert "was cut off" in next_.err
    again = remedy("apply", "--yes", "--settle", "0")
    assert again.code == 0, again.err
    assert "was cut off" not in remedy("scan").err


def test_what_the_messages_grant_is_enough_to_poke_to_hold_the_lease_and_to_keep_a_record(
    incident: Testbed, remedy_as: Callable[[Path], Command]
) -> None:
    poke = {"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]}
    lease = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]}
    kept = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "list", "delete"]}
    done = remedy_as(incident.restricted([READ, WRITE, WATCH, DIAL, poke, lease, kept]))("apply", "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert "not allowed" not in done.err


def test_a_record_that_the_cluster_keeps_rolls_back_from_another_machine(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    assert remedy("apply", "--yes", "--settle", "0").code == 0
    other = Command(tmp_path / "elsewhere", tmp_path, remedy.environment)
    listed = json.loads(other("history", "--format", "json").out)["records"]
    assert [record["outcome"] for record in listed][:1] == ["applied"]
    done = other("rollback", listed[0]["id"], "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert incident.corefile() == INCIDENT


def test_of_two_remedies_and_an_edit_at_once_no_edit_is_lost_and_losers_exit_with_3(
    incident: Testbed, remedy: Command, tmp_path: Path
) -> None:
    plans = {}
    for style in ("documented", "minimal"):
        plans[style] = tmp_path / f"{style}.json"
        remedy("diff", "--style", style, "--out", str(plans[style]))
    for pause in (0.0, 0.6, 0.8, 1.0):
        incident.put_corefile(INCIDENT)
        runs = {}
        for style, plan in plans.items():
            folder = tmp_path / f"{style}-{pause}"
            folder.mkdir()
            command = Command(folder / "state", folder, remedy.environment)
            runs[style] = Under(command, "apply", str(plan), "--yes", "--no-verify", "--validate", "none")
        threading.Event().wait(pause)
        edit(incident)
        ends = {style: run.ends().code for style, run in runs.items()}
        assert set(ends.values()) <= {0, 3}, ends
        assert list(ends.values()).count(0) <= 1
        assert "cache 60" in incident.corefile()
        if ends["documented"] == 0:
            assert "template IN AAAA ." in incident.corefile()
        if ends["minimal"] == 0:
            assert "rcode NOERROR" in incident.corefile()


def edit(testbed: Testbed) -> None:
    """Somebody's kubectl edit: of what is live, saved only if it still is."""
    for _ in range(20):
        text = testbed.corefile()
        operations = [
            {"op": "test", "path": "/data/Corefile", "value": text},
            {"op": "replace", "path": "/data/Corefile", "value": text.replace("cache 30", "cache 60")},
        ]
        try:
            testbed.api("PATCH", CONFIGMAP, operations, content_type="application/json-patch+json")
            return
        except OSError:
            continue
    raise AssertionError("the edit never went through")


def test_a_text_that_makes_replicas_unready_is_undone_although_they_answer(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    edited_plan(remedy, tmp_path / "plan.json", "    ready\n", "    ready :8182\n")  # the probe of the Deployment asks 8181
    done = remedy("apply", str(tmp_path / "plan.json"), "--yes", "--validate", "none", "--settle", "30", "--timeout", "20")
    assert done.code == 5, done.err
    assert "answers as predicted, but is not ready" in done.err
    assert any(f"{name}: answers as predicted, but is not ready" in done.err for name, _ in incident.pods())
    assert "the old text is live again, verified" in done.err
    assert incident.corefile() == INCIDENT
