"""What a command without a target works on: every Corefile of the cluster, each by its own rules."""

from __future__ import annotations

import json

import pytest

from remedy import doctor, service
from remedy.errors import ClusterError, RemedyError
from remedy.plan import Plan
from remedy.rules import Choices
from remedy.site import Site, Where
from tests.cluster.objects import Objects, load

WHERE = Where(None, None, None, None, 10.0)
STUB = "example.cn:53 {\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n    forward . 192.0.2.1\n}\n"


def site(name: str, *forbidden: str) -> Site:
    return Site(WHERE, Objects(load(name), forbidden))


def plan(of: Site) -> Plan:
    return service.pending(service.plan(of.documents([]), Choices(), unsafe=True))


def test_what_the_user_wrote_is_fixed_where_a_vendor_keeps_the_rest() -> None:
    """The addon manager would put `coredns` back within a minute; `coredns-custom` is the customer's own."""
    custom = {"kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "coredns-custom"}, "data": {"shop.server": STUB}}
    here = Site(WHERE, Objects([*load("aks"), custom]))
    coredns, mine = plan(here).changes
    with pytest.raises(RemedyError, match=r"coredns/Corefile is left out, for .* would put its own text back"):
        doctor.require_lasting(here, coredns, force=False)
    doctor.require_lasting(here, mine, force=False)
    assert doctor.owners(here, mine.target) == ""
    assert mine.target.shown == "kube-system/coredns-custom/shop.server"
    kept = service.only(plan(here), [mine])
    assert "rcode NXDOMAIN" in kept.changes[0].around[1].corefile


def test_custom_files_that_two_installations_read_are_changed_once_and_who_is_not_asked_is_said() -> None:
    custom = {"kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "coredns-custom"}, "data": {"shop.server": STUB}}
    words = json.dumps(load("aks")).replace("kube-dns", "edge-dns").replace("coredns-7d5b9c6f4d", "edge-7d5b9c6f4d")
    other = json.loads(words.replace('"configMap": {"name": "coredns"', '"configMap": {"name": "edge"'))
    (corefile,) = (each for each in other if each["kind"] == "ConfigMap")
    corefile["metadata"]["name"] = "edge"
    here = Site(WHERE, Objects([*load("aks"), *other, custom]))
    names = [each.target.name for each in here.documents([])]
    assert sorted(names) == ["coredns", "coredns-custom", "edge"]
    (note,) = here.notes()
    assert note.startswith("kube-system/coredns-custom/shop.server is read by ")
    assert "edge" in note


def test_the_cache_on_every_node_is_read_beside_coredns() -> None:
    found = [(each.target.shown, each.version) for each in site("node-local-dns").documents([])]
    assert found == [("kube-system/coredns/Corefile", "1.11.3"), ("kube-system/node-local-dns/Corefile", None)]


def test_the_cache_on_every_node_is_left_out_of_an_apply_and_said_to_be() -> None:
    here = site("node-local-dns")
    coredns, cache = plan(here).changes
    doctor.require_lasting(here, coredns, force=False)
    with pytest.raises(RemedyError, match="node-local-dns/Corefile is left out: the cache on every node"):
        doctor.require_lasting(here, cache, force=True)


def test_a_cache_that_may_not_be_read_is_a_note_and_no_error() -> None:
    here = site("node-local-dns", "get configmaps/node-local-dns")
    assert [each.target.name for each in here.documents([])] == ["coredns"]
    assert "node-local-dns in kube-system; the cache on every node was not looked at" in here.notes()[-1]
    with pytest.raises(ClusterError, match="configmaps/coredns"):
        site("node-local-dns", "get configmaps/coredns").documents([])


@pytest.mark.parametrize(("name", "custom"), [("k3s", "coredns-custom"), ("rke2", "HelmChartConfig")])
def test_the_advice_for_a_change_names_what_is_there(name: str, custom: str) -> None:
    here = site(name)
    (change,) = plan(here).changes
    assert custom in doctor.advice(here, change)
    assert doctor.owners(here, change.target).startswith("owner: ")


def test_a_change_of_a_file_has_no_owner() -> None:
    here = site("k3s")
    (change,) = plan(here).changes
    assert doctor.owners(here, change.target._replace(kind="file", path="Corefile")) == ""
    assert here.notes() == []


def test_everything_that_doctor_looks_at_is_shown_for_every_corefile() -> None:
    found = doctor.examine(site("gardener"), None)
    assert [title for title, _ in found.sections()] == ["this machine", "the cluster", "kube-system/coredns/Corefile"]
    checks = {check.name: check for check in found.targets[0].checks}
    assert checks["owner"].text.startswith("gardener-resource-manager")
    assert set(checks) >= {"version", "replicas", "reload", "dual-stack", "change", "object", "rights to apply", "validation: canary"}
    assert checks["replicas"].text == "1 of 1 ready, on port 8053"
