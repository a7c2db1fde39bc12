"""The canary and live provers on the embedded cluster: the same answers, the same refusals as on a real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from remedy.corefile.parse import parse
from remedy.errors import UnavailableError
from remedy.validate import canary, live
from remedy.validate.prover import Case, Heard, Probe, Question

REPAIRED = INCIDENT.replace("template ANY AAAA {\n        rcode NXDOMAIN\n    }", "template IN AAAA .")
ASKED: list[Question] = [("shop.example.cn.", "A"), ("shop.example.cn.", "AAAA")]


@pytest.fixture
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


def prove(door: EmbeddedCluster, after: str) -> Heard:
    case = Case(parse(INCIDENT), parse(after), (Probe("shop.example.cn.", "v4"),))
    return canary.prove(case, ASKED, door=door, namespace="kube-system", configmap="coredns")


def test_every_replica_gets_a_row_and_nothing_is_left(demo: EmbeddedCluster) -> None:
    rows = [(name, before[ASKED[1]].verdict, after[ASKED[1]].verdict) for name, before, after in prove(demo, REPAIRED).rows]
    assert rows == [("coredns-1", "nxdomain", "nodata"), ("coredns-2", "nxdomain", "nodata")]
    assert demo.select("jobs.batch", "kube-system") == ()
    assert demo.select("configmaps", "kube-system", "remedy-throwaway") == ()


def test_a_candidate_that_does_not_load_is_refused_with_its_line(demo: EmbeddedCluster) -> None:
    heard = prove(demo, REPAIRED.replace("    ready\n", "    frobnicate\n"))
    assert "Corefile:6: Error during parsing: Unknown directive 'frobnicate' (frobnicate)" in heard.refused


def test_pods_that_read_another_configmap_are_not_copied(demo: EmbeddedCluster) -> None:
    case = Case(parse(INCIDENT), parse(REPAIRED), ())
    with pytest.raises(UnavailableError, match="reads the ConfigMap other"):
        canary.prove(case, ASKED, door=demo, namespace="kube-system", configmap="other")


def test_the_live_prover_sees_what_changed(demo: EmbeddedCluster) -> None:
    before = live.today(demo, "kube-system", ASKED)
    heard = live.prove(Case(parse(INCIDENT), parse(INCIDENT), ()), ASKED, door=demo, namespace="kube-system", before=before)
    assert heard.rows == before.rows
