"""What doctor says, and what stops an apply before it writes: each state of a cluster that an operator should hear of."""

from __future__ import annotations

from typing import Any

import pytest

from remedy.cluster import preflight
from remedy.cluster.discover import Installation, discover
from remedy.cluster.preflight import LIMIT, Right
from remedy.cluster.version import release
from remedy.errors import RemedyError
from tests.cluster.objects import Objects, load
from tests.command import Command

HERE = Installation("kube-system", "coredns", service="kube-dns", workload="Deployment coredns", images=("coredns:1.11.1",))


def configmap(**more: Any) -> dict[str, Any]:
    metadata = {"namespace": "kube-system", "name": "coredns", **more.pop("metadata", {})}
    return {"metadata": metadata, "data": {"Corefile": "x" * 100, "NodeHosts": "\u00e9" * 10}, **more}


@pytest.mark.parametrize(
    ("held", "growth", "said"),
    [
        (configmap(immutable=True), 0, "is immutable"),
        (configmap(metadata={"deletionTimestamp": "2026-11-20T21:00:00Z"}), 0, "is being deleted"),
        (configmap(), LIMIT - 119, f"would hold {LIMIT + 1} bytes"),
        (configmap(binaryData={"a": "AAAAAAA="}), LIMIT - 124, f"would hold {LIMIT + 1} bytes"),
    ],
)
def test_an_object_that_cannot_take_a_change_stops_it(held: dict[str, Any], growth: int, said: str) -> None:
    check = preflight.writable(held, growth)
    assert (check.state, said in check.text, bool(check.hint)) == ("failed", True, True)
    with pytest.raises(RemedyError, match="nothing was written"):
        preflight.require([check])


def test_an_object_that_just_fits_is_no_hindrance() -> None:
    assert preflight.writable(configmap(), LIMIT - 120).state == "ok"


def test_missing_rights_are_named_with_the_rules_that_grant_them() -> None:
    door = Objects([], ["patch configmaps", "get pods/portforward", "create pods/portforward"])
    check = preflight.rights(door, "kube-system", preflight.for_apply("coredns"), "to apply")
    assert check.state == "failed"
    assert check.text == (
        "not allowed: patch configmaps/coredns in kube-system, get pods/portforward in kube-system, create pods/portforward in kube-system"
    )
    assert check.hint == (
        "a Role in that namespace must grant it:\n"
        '- apiGroups: [""]\n  resources: ["configmaps"]\n  resourceNames: ["coredns"]\n  verbs: ["patch"]\n'
        '- apiGroups: [""]\n  resources: ["pods/portforward"]\n  verbs: ["get", "create"]'
    )


def test_what_an_apply_can_do_without_is_a_warning_that_says_what_is_different() -> None:
    told = {
        check.name: check for check in preflight.comforts(Objects([], ["patch pods", "create leases.coordination.k8s.io"]), "kube-system")
    }
    assert {name for name, check in told.items() if check.state == "warning"} == {"rights to hurry", "rights to hold a Lease"}
    hurry = told["rights to hurry"]
    assert hurry.text.startswith("not allowed: patch pods in kube-system: a change arrives when the kubelet syncs by itself")
    assert hurry.hint.endswith('- apiGroups: [""]\n  resources: ["pods"]\n  verbs: ["patch"]')


def test_a_right_in_another_group_is_written_with_its_group() -> None:
    assert preflight.rules([Right("create", "jobs.batch")]) == '- apiGroups: ["batch"]\n  resources: ["jobs"]\n  verbs: ["create"]'


def test_a_right_that_remedy_can_do_without_is_a_warning() -> None:
    door = Objects([], ["list services"])
    assert preflight.rights(door, "kube-system", preflight.for_apply("coredns"), "to apply").state == "warning"


@pytest.mark.parametrize(
    ("images", "named", "state", "said"),
    [
        (("coredns:1.11.1",), None, "ok", "CoreDNS 1.11.1"),
        (("coredns@sha256:00",), None, "unknown", "neither a tag nor the pods' metrics tell"),
        (("coredns:1.11.1", "coredns:1.9.4"), None, "warning", "the pods run 1.9.4, 1.11.1, and the oldest counts"),
        (("coredns@sha256:00",), "1.9.3", "ok", "CoreDNS 1.9.3, as named"),
        (("coredns:1.11.1",), "v1.11.1", "ok", "as named"),
        (("coredns:1.11.1",), "1.9.3", "warning", "as named; the image's tag says 1.11.1"),
    ],
)
def test_the_version_is_told_with_what_it_rests_on(images: tuple[str, ...], named: str | None, state: str, said: str) -> None:
    installation = HERE._replace(images=images)
    check = preflight.version(installation, release(Objects([]), installation, lambda: ". {\n    prometheus\n}\n"), named)
    assert (check.state, said in check.text) == (state, True)


@pytest.mark.parametrize(
    ("installation", "text", "state", "said"),
    [
        (HERE, ". {\n    reload 2s 1s\n}\n", "ok", "(2s 1s)"),
        (HERE, ". {\n    reload\n}\n", "ok", "every 30 s"),
        (HERE, ". {\n    errors\n}\n", "warning", "only when it restarts"),
        (HERE._replace(updates=False), ". {\n    reload\n}\n", "warning", "subPath"),
        (HERE, ". {\n    reload {\n", "failed", "would refuse the live text"),
    ],
)
def test_whether_replicas_take_a_new_text_by_themselves_is_told(installation: Installation, text: str, state: str, said: str) -> None:
    check = preflight.reloads(installation, text)
    assert (check.state, said in check.text) == (state, True)
    if state == "warning":
        assert check.hint == "an apply restarts it; by hand:\nkubectl -n kube-system rollout restart deployment/coredns"


def test_a_restart_of_pods_that_do_not_stay_for_a_moment_is_warned_of() -> None:
    stays = ". {\n    reload\n    health {\n        lameduck 5s\n    }\n}\n"
    goes = ". {\n    reload\n    health\n}\n"
    assert [preflight.restarts(HERE, text, "restart") != [] for text in (stays, goes)] == [False, True]
    assert preflight.restarts(HERE, goes, "auto") == []
    (warning,) = preflight.restarts(HERE._replace(updates=False), goes, "auto")
    assert "a few of them will fail" in warning.text


def test_a_dual_stack_cluster_is_warned_of() -> None:
    assert preflight.families(HERE._replace(families=("IPv4", "IPv6"))).state == "warning"
    assert preflight.families(HERE._replace(families=("IPv4",))).state == "ok"
    assert preflight.families(HERE).state == "unknown"


def test_replicas_that_are_not_ready_or_not_there_are_told() -> None:
    service, pod, held = load("kubeadm")
    waiting = {**pod, "metadata": {**pod["metadata"], "name": "waiting"}, "status": {"phase": "Running"}}
    (one,) = discover(Objects([service, pod, held])).installations
    assert preflight.serving(Objects([service, pod, held]), one).state == "ok"
    half = preflight.serving(Objects([service, pod, waiting, held]), one)
    assert (half.state, half.text) == ("warning", "1 of 2 ready, on port 53")
    assert preflight.serving(Objects([service, held]), one).state == "failed"
    assert preflight.serving(Objects([held]), one).state == "failed"
    every = Objects(load("node-local-dns"))
    cache = preflight.serving(every, discover(every).installations[1])
    assert (cache.state, cache.hint) == ("warning", "only its metrics tell which text it runs")


def test_doctor_on_the_embedded_cluster_fits_80_columns_and_finds_nothing_wrong(tmp_path: Any) -> None:
    done = Command(tmp_path / "state", tmp_path)("doctor", "--demo")
    assert done.code == 0, done.err
    assert "change: AAAA001 aaaa-nxdomain: 3 lines out, 1 in" in done.out
    assert [line for line in done.out.splitlines() if len(line) > 80 and str(tmp_path) not in line] == []


def test_doctor_without_a_cluster_still_tells_of_this_machine(tmp_path: Any) -> None:
    done = Command(tmp_path / "state", tmp_path)("doctor", "--kubeconfig", "none")
    assert done.code == 2
    assert "  ok       remedy: " in done.out
    assert "  failed   cluster: " in done.out
    assert "--kubeconfig FILE" in done.out


def test_doctor_says_where_records_cannot_be_kept(tmp_path: Any) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    done = Command(tmp_path / "state", tmp_path)("doctor", "--demo")
    assert done.code == 2
    assert "  failed   records:" in done.out
