"""What a live Corefile imports from `coredns-custom`: known where it may be read, said to be unknown where not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from remedy import service
from remedy.cluster.door import ConfigMap, Replica
from remedy.cluster.source import LiveSource
from remedy.errors import ClusterError
from remedy.rules import Choices

K3S = """\
.:53 {
    errors
    template ANY AAAA {
        rcode NXDOMAIN
    }
    hosts /etc/coredns/NodeHosts {
        ttl 60
        fallthrough
    }
    forward . /etc/resolv.conf
    import /etc/coredns/custom/*.override
}
import /etc/coredns/custom/*.server
"""
DENIAL = "template ANY AAAA {\n    rcode NXDOMAIN\n}\n"


class Held:
    """A Door to nothing but ConfigMaps; one that is None may not be read."""

    context = "test"

    def __init__(self, **held: Mapping[str, str] | None) -> None:
        self._held = held

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        key = name.replace("-", "_")
        if key not in self._held:
            raise ClusterError(f"not found: get configmaps/{name} in {namespace}")
        data = self._held[key]
        if data is None:
            raise ClusterError(f"not allowed: get configmaps/{name} in {namespace}")
        return ConfigMap(namespace, name, f"uid-{name}", "7", data)

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> ConfigMap:
        raise AssertionError("nothing here is to be written")

    def replicas(self, namespace: str) -> tuple[Replica, ...]:
        return ()

    def dial(self, namespace: str, replica: Replica) -> Any:
        raise AssertionError("nobody is to be asked")


def live(corefile: str, **held: Mapping[str, str] | None) -> LiveSource:
    return LiveSource(Held(coredns={"Corefile": corefile, "NodeHosts": "192.0.2.1 node-1\n"}, **held), "kube-system", "coredns")


@pytest.mark.parametrize("held", [{}, {"coredns_custom": {}}, {"coredns_custom": {"log.override": "log\n", "readme.txt": "x"}}])
def test_a_corefile_whose_imports_are_known_and_harmless_is_judged(held: dict[str, Any]) -> None:
    documents = live(K3S, **held).documents()
    assert service.unread(documents) == []
    plan = service.plan(documents, Choices())
    (change,) = service.pending(plan).changes
    assert change.after == K3S.replace(DENIAL.replace("\n", "\n    ").rstrip(), "template IN AAAA .")
    assert service.validate(service.pending(plan)).verdict == "passed"


def test_what_may_not_be_read_stays_unknown_and_the_reason_is_told() -> None:
    documents = live(K3S, coredns_custom=None).documents()
    assert service.unread(documents) == [
        f"kube-system/coredns/Corefile:{line}: import /etc/coredns/custom/*.{kind} "
        "(not allowed: get configmaps/coredns-custom in kube-system)"
        for line, kind in ((11, "override"), (13, "server"))
    ]
    assert service.validate(service.plan(documents, Choices())).verdict == "inconclusive"


def test_a_finding_in_a_fragment_is_fixed_in_its_own_configmap() -> None:
    main = K3S.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "")
    documents = live(main, coredns_custom={"aaaa.override": f"# no IPv6\n{DENIAL}"}).documents()
    assert [each.target.shown for each in documents] == ["kube-system/coredns/Corefile", "kube-system/coredns-custom/aaaa.override"]
    plan = service.plan(documents, Choices())
    (change,) = service.pending(plan).changes
    assert change.after == "# no IPv6\ntemplate IN AAAA .\n"
    assert (change.fixed[0].line, change.target.name) == (2, "coredns-custom")
    assert service.validate(plan).verdict == "passed"


def test_a_change_of_the_corefile_and_of_what_it_imports_is_judged_as_one() -> None:
    stub = f"example.cn:53 {{\n{DENIAL}forward . 192.0.2.1\n}}\n"
    documents = live(K3S, coredns_custom={"shop.server": stub}).documents()
    plan = service.plan(documents, Choices())
    assert [change.target.name for change in plan.changes] == ["coredns", "coredns-custom"]
    found = service.validate(plan)
    assert found.verdict == "passed"
    assert len({answer.shown for answer in found.answers}) == len(found.answers)
    alone = service.only(plan, plan.changes[:1])
    assert dict(alone.changes[0].around[1].files)["/etc/coredns/custom/shop.server"] == stub


def test_a_corefile_that_imports_nothing_asks_for_no_other_configmap() -> None:
    plain = K3S.replace("    import /etc/coredns/custom/*.override\n", "").replace("import /etc/coredns/custom/*.server\n", "")
    documents = live(plain, coredns_custom=None).documents()
    assert len(documents) == 1
    assert service.unread(documents) == []
