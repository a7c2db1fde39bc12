"""A live Corefile that a controller owns is left alone, unless somebody insists; the marks are set as their owners set them."""

from __future__ import annotations

from typing import Any

import pytest

from remedy.cluster.advice import sentence
from tests.cluster.test_apply import reverting
from tests.cluster.test_owners import SIGNALS, found
from tests.cluster.test_owners import configmap as owned
from tests.command import Command
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import CONFIGMAP, SYSTEM, configmap

MERGE = "application/merge-patch+json"
MARKS: dict[str, tuple[dict[str, Any], str]] = {
    "addon manager": ({"labels": {"addonmanager.kubernetes.io/mode": "Reconcile"}}, "the addon manager of the control plane"),
    "argo": ({"annotations": {"argocd.argoproj.io/tracking-id": "dns:/ConfigMap:kube-system/coredns"}}, "the Argo CD application dns"),
    "flux": (
        {"labels": {"kustomize.toolkit.fluxcd.io/name": "infra", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}},
        "the Flux Kustomization flux-system/infra",
    ),
}


def mark(testbed: Testbed, metadata: dict[str, Any]) -> None:
    testbed.api("PATCH", CONFIGMAP, {"metadata": metadata}, content_type=MERGE)


@pytest.mark.parametrize("owner", MARKS)
def test_what_a_controller_would_undo_is_left_out_with_advice(incident: Testbed, remedy: Command, owner: str) -> None:
    metadata, name = MARKS[owner]
    mark(incident, metadata)
    scanned, shown = remedy("scan"), remedy("diff")
    assert (scanned.code, shown.code) == (1, 1)
    assert f"owner: {name} (" in scanned.err
    assert "# the change to make there:\n--- a/kube-system/coredns/Corefile" in shown.err
    done = remedy("apply", "--yes")
    assert done.code == 2, done.err
    assert f"{name} would put its own text back; nothing was written" in done.err
    assert "--force-owner" in done.err
    assert "# the change to make there:" in done.err
    assert incident.corefile() == INCIDENT
    quiet = remedy("apply", "--yes", "--quiet")
    assert (quiet.code, quiet.err.count("\n")) == (2, 2)


@pytest.mark.parametrize(
    ("owner", "manager"), [("addon manager", "kubectl"), ("argo", "argocd-controller"), ("flux", "kustomize-controller")]
)
def test_what_was_forced_over_an_owner_and_is_put_back_by_it_is_told_with_its_name(
    incident: Testbed, remedy: Command, owner: str, manager: str
) -> None:
    metadata, name = MARKS[owner]
    mark(incident, metadata)
    with reverting(incident, manager):
        done = remedy("apply", "--yes", "--force-owner", "--settle", "10")
    assert done.code == 5, done.err
    assert f"put back by a controller: {manager} at " in done.err
    assert f"owner: {name} (" in done.err
    assert incident.corefile() == INCIDENT


@pytest.mark.parametrize(
    "name", [name for name, (kinds, in_the_way) in SIGNALS.items() if kinds and in_the_way and name not in ("aks", "eks")]
)
def test_a_revert_is_detected_and_every_owner_that_reverts_is_named_with_what_he_does_and_where_the_change_belongs(
    incident: Testbed, remedy: Command, name: str
) -> None:
    """The marks of each fixture on the live object, and a controller that puts its text back.

    `aks` is the addon manager with an import in its Corefile, and `eks` is known by a key that it owns, below. What there is to copy is in
    the golden files of tests/cluster/test_owners.py.
    """
    metadata = owned(name)["metadata"]
    mark(incident, {each: metadata[each] for each in ("labels", "annotations", "ownerReferences") if each in metadata})
    (kind,) = SIGNALS[name][0]
    refused = remedy("apply", "--yes")
    assert refused.code == 2, refused.err
    owner = next(each for each in found(name) if each.kind == kind)
    assert f"{owner.name} would put its own text back; nothing was written" in refused.err
    assert f"owner: {sentence(owner)}\n" in refused.err
    with reverting(incident, "its-controller"):
        done = remedy("apply", "--yes", "--force-owner", "--settle", "10")
    assert done.code == 5, done.err
    assert f"owner: {sentence(owner)}\n" in done.err
    assert "put back by a controller: its-controller at " in done.err
    assert incident.corefile() == INCIDENT


def test_a_key_that_the_eks_add_on_owns_is_known_by_its_field_manager(incident: Testbed, remedy: Command) -> None:
    """Server-side apply by `eks`, as the add-on manager does it."""
    path = f"{CONFIGMAP}?fieldManager=eks&force=true"
    incident.api("PATCH", path, configmap(INCIDENT), content_type="application/apply-patch+yaml")
    done = remedy("apply", "--yes")
    assert done.code == 2, done.err
    assert "owner: the EKS add-on coredns (field manager eks owns data.Corefile)" in done.err
    assert "aws eks update-addon" in done.err
    assert incident.corefile() == INCIDENT


def test_with_force_owner_the_change_is_made_all_the_same(incident: Testbed, remedy: Command) -> None:
    mark(incident, MARKS["addon manager"][0])
    done = remedy("apply", "--yes", "--force-owner")
    assert done.code == 0, done.err
    assert "owner: the addon manager" in done.err
    assert "template IN AAAA ." in incident.corefile()
    assert remedy("rollback", "--yes").code == 0


def test_an_owner_that_waits_for_a_person_is_named_and_not_in_the_way(incident: Testbed, remedy: Command) -> None:
    mark(incident, {"annotations": {"meta.helm.sh/release-name": "dns", "meta.helm.sh/release-namespace": "kube-system"}})
    done = remedy("apply", "--yes")
    assert done.code == 0, done.err
    assert "owner: the Helm release dns in kube-system" in done.err
    assert "at its next helm upgrade" in done.err


def test_an_object_that_cannot_be_changed_is_told_before_anything_is_recorded(incident: Testbed, remedy: Command) -> None:
    """One that no pod reads: a kubelet never again looks at a ConfigMap that it has once seen immutable."""
    frozen = {**configmap(INCIDENT), "immutable": True}
    frozen["metadata"] = {"name": "frozen", "namespace": "kube-system"}
    incident.api("POST", f"{SYSTEM}/configmaps", frozen)
    try:
        done = remedy("apply", "--yes", "--quiet", "--configmap", "frozen")
    finally:
        incident.api("DELETE", f"{SYSTEM}/configmaps/frozen")
    assert done.code == 2, done.err
    assert "the ConfigMap kube-system/frozen is immutable; nothing was written" in done.err
    assert not list((remedy.state / "remedy").glob("records/*"))
