"""The cache on every node, whose pods a port-forward does not reach: changed, seen by its metrics to run the change, put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.test_main_job import NAME, NOERROR, NXDOMAIN, edited_plan
from tests.cluster.test_shapes import ready
from tests.command import Command
from tests.testbed.cluster import HEALTHY, INCIDENT, Testbed
from tests.testbed.manifests import COREDNS_IMAGE, SYSTEM
from tests.testbed.places import NODE_IP
from tests.testbed.processes import wait

As = Callable[[Path], Command]
LISTENS = "127.0.0.77"
TEXT = f"""\
.:53 {{
    errors
    bind {LISTENS}
    # no IPv6 here
    template ANY AAAA {{
        rcode NXDOMAIN
    }}
    forward . {NODE_IP}
    prometheus :9253
    reload 2s 1s
}}
"""
CONFIG = f"{SYSTEM}/configmaps/node-local-dns"
DAEMONS = "/apis/apps/v1/namespaces/kube-system/daemonsets"
LABELS = {"k8s-app": "node-local-dns"}


# The second text stands for one that node-cache completes: its hash is not that of what the ConfigMap holds.
@pytest.fixture(params=[TEXT, TEXT.replace("no IPv6 here", "at __PILLAR__LOCAL__DNS__")], ids=["as it is", "with placeholders"])
def cache(testbed: Testbed, request: pytest.FixtureRequest) -> Iterator[str]:
    """One pod of the cache on the node's own network; its text."""
    container = {
        "name": "node-cache",
        "image": COREDNS_IMAGE,
        "imagePullPolicy": "Never",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "readinessProbe": {"tcpSocket": {"port": 9253}, "periodSeconds": 1},
        "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns"}],
    }
    pod = {
        "hostNetwork": True,
        "dnsPolicy": "Default",
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
        "volumes": [{"name": "config-volume", "configMap": {"name": "node-local-dns"}}],
    }
    spec = {"selector": {"matchLabels": LABELS}, "template": {"metadata": {"labels": LABELS}, "spec": pod}}
    testbed.reset(HEALTHY)
    testbed.api("POST", f"{SYSTEM}/configmaps", {"metadata": {"name": "node-local-dns"}, "data": {"Corefile": request.param}})
    testbed.api("POST", DAEMONS, {"metadata": {"name": "node-local-dns"}, "spec": spec})
    try:
        with testbed.namespace():
            wait("the cache on the node", lambda: answers(testbed) == NXDOMAIN, timeout=60)
            wait("every pod", lambda: ready(testbed, SYSTEM), timeout=60)
            yield request.param
    finally:
        testbed.api("DELETE", f"{DAEMONS}/node-local-dns")
        testbed.api("DELETE", CONFIG)
        wait("the end of the cache", lambda: answers(testbed) is None, timeout=60)


def answers(testbed: Testbed) -> int | None:
    """The rcode of an AAAA question to the cache; None where nobody answers."""
    try:
        return testbed.ask(LISTENS, NAME, "AAAA")[0]
    except OSError:
        return None


def held(testbed: Testbed) -> str:
    return str(testbed.api("GET", CONFIG)["data"]["Corefile"])


def test_the_cache_on_every_node_is_repaired_and_put_back(testbed: Testbed, cache: str, remedy_as: As) -> None:
    remedy = remedy_as(testbed.kubeconfig)
    scan = remedy("scan")
    assert scan.out.startswith("kube-system/node-local-dns/Corefile:5:5: error AAAA001"), (scan.out, scan.err)
    applied = remedy("apply", "--yes", "--settle", "1")
    assert applied.code == 0, applied.err
    assert "1 of 1 replicas run the new text, as their metrics show" in applied.err
    seen = "has taken the next text, and no reload has failed" if "__PILLAR__" in cache else "runs the predicted hash"
    assert seen in applied.err
    assert held(testbed) == cache.replace(TEXT[TEXT.index("    template") : TEXT.index("    forward")], "    template IN AAAA .\n")
    assert answers(testbed) == NOERROR
    back = remedy("rollback", "--yes", "--settle", "0")
    assert back.code == 0, back.err
    assert (held(testbed), answers(testbed)) == (cache, NXDOMAIN)


def test_the_cache_and_the_corefile_behind_it_are_one_change(testbed: Testbed, cache: str, remedy_as: As) -> None:
    remedy = remedy_as(testbed.kubeconfig)
    testbed.put_corefile(INCIDENT)
    testbed.settle(INCIDENT)
    applied = remedy("apply", "--yes", "--settle", "1")
    assert applied.code == 0, applied.err
    assert (answers(testbed), testbed.musl(NAME).code) == (NOERROR, 0)
    back = remedy("rollback", "--yes", "--settle", "0")
    assert back.code == 0, back.err
    assert (held(testbed), testbed.corefile()) == (cache, INCIDENT)


def test_a_text_that_the_cache_does_not_load_is_put_back(testbed: Testbed, cache: str, remedy_as: As, tmp_path: Path) -> None:
    remedy = remedy_as(testbed.kubeconfig)
    edited_plan(remedy, tmp_path / "plan.json", "    errors\n", "    errors\n    frobnicate\n")
    done = remedy("apply", str(tmp_path / "plan.json"), "--validate", "none", "--yes", "--settle", "0", "--timeout", "20")
    assert done.code == 5, done.err
    assert (held(testbed), answers(testbed)) == (cache, NXDOMAIN)
