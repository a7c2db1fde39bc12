"""A copy of a CoreDNS pod reads another ConfigMap and keeps nothing by which it could disturb the original."""

from __future__ import annotations

import copy

import pytest

from remedy.cluster.copied import copied, template_of
from remedy.cluster.door import Json
from remedy.cluster.embedded import EmbeddedCluster
from remedy.errors import UnavailableError

CONTAINER = {
    "name": "coredns",
    "image": "example.org/coredns:1.15.0",
    "imagePullPolicy": "Always",
    "args": ["-conf", "/etc/dns/Corefile"],
    "ports": [{"containerPort": 5353, "hostPort": 53, "hostIP": "10.0.0.1", "protocol": "TCP"}],
    "livenessProbe": {"tcpSocket": {"port": 5353}},
    "readinessProbe": {"tcpSocket": {"port": 5353}},
    "startupProbe": {"tcpSocket": {"port": 5353}},
    "lifecycle": {"preStop": {"exec": {"command": ["sleep", "30"]}}},
    "securityContext": {"readOnlyRootFilesystem": True},
    "volumeMounts": [{"name": "config", "mountPath": "/etc/dns"}, {"name": "zones", "mountPath": "/zones"}],
}
ITEMS = [{"key": "Corefile", "path": "Corefile"}]
SPEC = {
    "serviceAccountName": "dns",
    "priorityClassName": "system-cluster-critical",
    "priority": 2000000000,
    "preemptionPolicy": "PreemptLowerPriority",
    "nodeName": "one",
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"operator": "Exists"}],
    "dnsPolicy": "Default",
    "terminationGracePeriodSeconds": 30,
    "topologySpreadConstraints": [{"maxSkew": 1}],
    "securityContext": {"runAsNonRoot": True},
    "affinity": {
        "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "kubernetes.io/hostname"}]},
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["one"]}]}]
            }
        },
    },
    "initContainers": [
        {"name": "prepare", "image": "i", "volumeMounts": [{"name": "zones", "mountPath": "/z"}]},
        {"name": "beside", "image": "s", "restartPolicy": "Always"},
    ],
    "containers": [CONTAINER, {"name": "metrics", "image": "m", "volumeMounts": [{"name": "certificates", "mountPath": "/c"}]}],
    "volumes": [
        {"name": "config", "configMap": {"name": "dns-default", "items": ITEMS, "defaultMode": 420}},
        {"name": "zones", "emptyDir": {}},
        {"name": "certificates", "secret": {"secretName": "c"}},
    ],
}
TEMPLATE: Json = {"metadata": {"labels": {"k8s-app": "kube-dns"}, "annotations": {"checksum/config": "1"}}, "spec": SPEC}


def copy_of(**changes: object) -> Json:
    return copied({**TEMPLATE, "spec": {**SPEC, **changes}}, "dns-default", "temporary", {"mine": "yes"}, ("one", "two"))


def test_it_reads_the_temporary_configmap_where_the_original_reads_its_own() -> None:
    before = copy.deepcopy(TEMPLATE)
    volumes = copy_of()["spec"]["volumes"]
    assert volumes[0] == {"name": "config", "configMap": {"name": "temporary", "items": ITEMS, "defaultMode": 420}}
    assert before == TEMPLATE, "the template was changed in place"


def test_a_projected_volume_and_a_subpath_work_too() -> None:
    sources = [{"configMap": {"name": "dns-default"}}, {"configMap": {"name": "dns-custom"}}]
    volume = {"name": "config", "projected": {"sources": sources}}
    copied_volume = copy_of(volumes=[volume, {"name": "zones", "emptyDir": {}}])["spec"]["volumes"][0]
    assert [source["configMap"]["name"] for source in copied_volume["projected"]["sources"]] == ["temporary", "dns-custom"]


def test_no_label_or_annotation_of_the_original_is_kept() -> None:
    metadata = copy_of()["metadata"]
    assert metadata["labels"].keys() & {"k8s-app"} == set()
    assert metadata["labels"]["mine"] == "yes"
    assert "checksum/config" not in metadata["annotations"]


def test_it_pushes_nobody_out_and_keeps_nobody_away() -> None:
    spec = copy_of()["spec"]
    gone = ("priorityClassName", "priority", "preemptionPolicy", "topologySpreadConstraints", "nodeName")
    assert not set(gone) & spec.keys()
    assert spec["affinity"].keys() == {"nodeAffinity"}
    assert "requiredDuringSchedulingIgnoredDuringExecution" not in spec["affinity"]["nodeAffinity"]
    wishes = spec["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert [wish["preference"]["matchFields"][0]["values"] for wish in wishes] == [["one"], ["two"]]


def test_it_runs_once_and_only_what_coredns_needs() -> None:
    spec = copy_of()["spec"]
    assert spec["restartPolicy"] == "Never"
    assert [each["name"] for each in spec["containers"]] == ["coredns"]
    assert [each["name"] for each in spec["initContainers"]] == ["prepare"]
    assert [each["name"] for each in spec["volumes"]] == ["config", "zones"]
    (container,) = spec["containers"]
    assert not {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle"} & container.keys()
    assert container["ports"] == [{"containerPort": 5353, "protocol": "TCP"}]
    assert container["imagePullPolicy"] == "IfNotPresent"
    for name in ("serviceAccountName", "nodeSelector", "tolerations", "dnsPolicy", "securityContext"):
        assert spec[name] == SPEC[name]
    assert (container["args"], container["securityContext"]) == (CONTAINER["args"], CONTAINER["securityContext"])


def test_a_policy_of_never_stays() -> None:
    spec = copy_of(containers=[{**CONTAINER, "imagePullPolicy": "Never"}])["spec"]
    assert spec["containers"][0]["imagePullPolicy"] == "Never"


def test_pods_on_the_nodes_network_are_not_copied() -> None:
    with pytest.raises(UnavailableError, match="node's network"):
        copy_of(hostNetwork=True)


def test_pods_that_do_not_mount_the_configmap_are_not_copied() -> None:
    with pytest.raises(UnavailableError, match="mount no ConfigMap dns-default"):
        copy_of(volumes=[{"name": "config", "configMap": {"name": "another"}}])


def test_a_pod_without_an_owner_is_its_own_template() -> None:
    with EmbeddedCluster() as door:
        read = door.read("pods", "kube-system", "coredns-1")
        pod = {**read, "metadata": {name: value for name, value in read["metadata"].items() if name != "ownerReferences"}}
        assert template_of(door, "kube-system", pod) is pod
        owner = {"controller": True, "kind": "ReplicaSet", "name": "gone"}
        owned = {**pod, "metadata": {**pod["metadata"], "ownerReferences": [owner]}}
        assert template_of(door, "kube-system", owned) is owned
