"""The testbed's own tests: it shows the incident exactly, and leaves nothing behind.

The last test brings a second cluster up beside the first: they share a machine and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.cluster import HEALTHY, INCIDENT, Testbed, up
from tests.testbed.handle import MuslResult
from tests.testbed.manifests import CONFIGMAP
from tests.testbed.places import DNS_IP

SHOP = "shop.example.cn"
NODATA = INCIDENT.replace("template ANY AAAA {\n        rcode NXDOMAIN\n    }", "template IN AAAA .")
RESOLVED = MuslResult(0, "", ("203.0.113.7",))
NOERROR, NXDOMAIN = 0, 3


def test_in_the_incident_musl_finds_nothing_although_the_a_record_is_there(testbed: Testbed) -> None:
    testbed.reset(INCIDENT)
    assert testbed.ask(DNS_IP, SHOP, "A") == (NOERROR, ["203.0.113.7"])
    assert testbed.ask(DNS_IP, SHOP, "AAAA") == (NXDOMAIN, [])
    assert testbed.musl(SHOP) == MuslResult(-2, "Name does not resolve", ())
    assert testbed.musl(SHOP, "inet") == RESOLVED


def test_with_the_documented_template_the_same_pod_resolves(testbed: Testbed) -> None:
    testbed.reset(INCIDENT)
    testbed.put_corefile(NODATA)
    testbed.settle(NODATA)
    for _, ip in testbed.pods():
        assert testbed.ask(ip, SHOP, "AAAA") == (NOERROR, [])
        assert testbed.ask(ip, SHOP, "AAAA", tcp=True) == (NOERROR, [])
    assert testbed.musl(SHOP) == RESOLVED


def test_the_healthy_cluster_resolves_names_of_every_kind(testbed: Testbed) -> None:
    testbed.reset()
    assert testbed.musl(SHOP) == RESOLVED
    assert testbed.musl("dual.example.cn").addresses == ("203.0.113.8", "2001:db8::8")
    assert testbed.musl("v6.example.cn").addresses == ("2001:db8::9",)
    assert testbed.musl("kubernetes.default").addresses == ("198.19.0.1",)
    assert testbed.musl("absent.example.cn").code == -2


def test_reset_restores_what_a_careless_test_destroyed(testbed: Testbed) -> None:
    testbed.api("DELETE", CONFIGMAP)
    scale = {"spec": {"replicas": 1}}
    path = "/apis/apps/v1/namespaces/kube-system/deployments/coredns"
    testbed.api("PATCH", path, scale, content_type="application/merge-patch+json")
    testbed.reset()
    found = testbed.api("GET", CONFIGMAP)
    assert found["data"].keys() == {"Corefile", "NOTES"}
    assert found["data"]["Corefile"] == HEALTHY
    assert found["metadata"]["annotations"] == {"example.cn/owner": "platform team, room 4"}
    assert len(testbed.pods()) == 2


def test_settle_says_when_coredns_refuses_the_text(testbed: Testbed) -> None:
    testbed.reset()
    misspelt = HEALTHY.replace("cache 30", "cashe 30")
    testbed.put_corefile(misspelt)
    with pytest.raises(RuntimeError, match="does not load"):
        testbed.settle(misspelt)
    testbed.reset()


def test_a_change_that_alters_nothing_settles_too(testbed: Testbed) -> None:
    testbed.reset()
    remark = HEALTHY.replace("cache 30", "cache 30 # seconds")
    testbed.put_corefile(remark)
    testbed.settle(remark)
    assert testbed.corefile() == remark


def test_a_restricted_account_may_do_what_its_rules_say_and_no_more(testbed: Testbed) -> None:
    may = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], "resourceNames": ["coredns"]}
    user = json.loads(testbed.restricted([may]).read_text())["users"][0]["user"]
    review = "/apis/authentication.k8s.io/v1/tokenreviews"
    name = testbed.api("POST", review, {"spec": {"token": user["token"]}})["status"]["user"]["username"]
    for verb, allowed in (("get", True), ("update", False)):
        asked = {"namespace": "kube-system", "verb": verb, "resource": "configmaps", "name": "coredns"}
        body = {"spec": {"user": name, "resourceAttributes": asked}}
        answer = testbed.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
        assert answer["status"]["allowed"] is allowed


def test_the_api_server_can_be_stopped_and_started(testbed: Testbed) -> None:
    testbed.stop_apiserver()
    with pytest.raises(ConnectionError):
        testbed.corefile()
    testbed.start_apiserver()
    assert testbed.corefile()


def test_this_thread_and_its_children_enter_the_network_and_leave_it(testbed: Testbed) -> None:
    def here() -> str:
        return str(Path("/proc/thread-self/ns/net").readlink())

    outside = here()
    with testbed.namespace():
        assert here() != outside
        assert subprocess.run(["ip", "address", "show", "node0"], capture_output=True, check=False).returncode == 0
    assert here() == outside
    assert testbed.run(["cat"], input=b"x").stdout == b"x"


def test_up_of_a_running_testbed_returns_at_once(testbed: Testbed) -> None:
    testbed.reset()
    began = time.monotonic()
    assert up() == testbed
    assert time.monotonic() - began < 2


@pytest.fixture
def second() -> Iterator[Path]:
    """The state folder of a second testbed; short, because a socket's path may have 107 bytes only."""
    state = Path("/run/remedy-testbed-second")
    yield state
    _testbed(state, "down").wait(60)


def test_a_killed_run_is_cleared_and_down_leaves_nothing(testbed: Testbed, second: Path) -> None:
    first = _testbed(second, "up")
    containers = second / "containerd/state/io.containerd.runtime.v2.task/k8s.io"
    deadline = time.monotonic() + 120
    while not (containers.is_dir() and len(list(containers.iterdir())) >= 2):
        assert time.monotonic() < deadline
        assert first.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    orphans = {trace for trace in _traces(second) if trace.startswith("process")}
    assert len(orphans) > 8, "daemons, shims and pods"
    assert _testbed(second, "up").wait(180) == 0
    assert not orphans & _traces(second)
    assert _testbed(second, "status").wait(60) == 0
    assert _testbed(second, "down").wait(60) == 0
    assert _traces(second) == set()
    assert not second.exists()
    assert _testbed(second, "down").wait(60) == 0
    assert testbed.ask(DNS_IP, SHOP, "A") == (NOERROR, ["203.0.113.7"]), "the first testbed was touched"


def _testbed(state: Path, verb: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    environment = os.environ | {"REMEDY_TESTBED_STATE": str(state)}
    return subprocess.Popen([sys.executable, "-m", "tests.testbed", verb], cwd=root, env=environment)


def _traces(state: Path) -> set[str]:
    """Processes (pid and command), mounts, namespaces and cgroups that a testbed with this state folder left."""
    found = {f"mount {line}" for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"{state}/" in line}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_text() + (folder / "mountinfo").read_text()
        except OSError:  # it ended while we looked, or is a zombie
            continue
        if f"{state}/" in text:
            found.add(f"process {folder.name}")
    return found | {f"namespace {path}" for path in Path("/run/netns").glob("remedy-testbed-*")}
