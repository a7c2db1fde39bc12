"""The Corefile is found by what points to it, whatever the distribution calls things, and a guess is said to be one."""

from __future__ import annotations

import pytest

from remedy.cluster.discover import Installation, discover
from remedy.cluster.pods import config_path, mounted, workload
from remedy.cluster.source import LiveSource
from remedy.cluster.version import of_image, of_images
from remedy.errors import ClusterError
from tests.cluster.objects import Objects, load

# (namespace, ConfigMap, key, Service, workload, port of the replicas, version)
DISTRIBUTIONS = {
    "kubeadm": ("kube-system", "coredns", "Corefile", "kube-dns", "Deployment coredns", 53, "1.11.3"),
    "k3s": ("kube-system", "coredns", "Corefile", "kube-dns", "Deployment coredns", 53, "1.12.0"),
    "rke2": (
        *("kube-system", "rke2-coredns-rke2-coredns", "Corefile", "rke2-coredns-rke2-coredns", "Deployment rke2-coredns-rke2-coredns"),
        *(53, "1.12.2"),
    ),
    "openshift": ("openshift-dns", "dns-default", "Corefile", "dns-default", "DaemonSet dns-default", 5353, None),
    "gardener": ("kube-system", "coredns", "Corefile", "kube-dns", "Deployment coredns", 8053, "1.12.1"),
    "aks": ("kube-system", "coredns", "Corefile", "kube-dns", "Deployment coredns", 53, "1.11.3"),
    "eks": ("kube-system", "coredns", "Corefile", "kube-dns", "Deployment coredns", 53, "1.11.1"),
    "helm": ("kube-system", "dns-coredns", "Corefile", "dns-coredns", "Deployment dns-coredns", 53, "1.15.0"),
    "k0s": ("kube-system", "coredns", "Corefile", "kube-dns", "Deployment coredns", 53, "1.13.1"),
    "other-names": ("kube-system", "resolver-settings", "production", "names", "StatefulSet resolver", 1053, None),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_corefile_of_every_distribution_is_found_without_naming_it(name: str) -> None:
    door = Objects(load(name))
    found = discover(door)
    (one,) = found.installations
    (replica,) = door.replicas(one.namespace, one.configmap)
    seen = (one.namespace, one.configmap, one.key, one.service, one.workload, replica.port, of_images(one.images))
    assert seen == DISTRIBUTIONS[name]
    assert found.notes == ()
    assert "template ANY AAAA" in LiveSource(door, one.namespace, one.configmap, one.key).read().text


@pytest.mark.parametrize("name", ["k3s", "gardener", "aks"])
def test_the_configmap_for_custom_files_is_found_with_the_folder_that_it_is_seen_in(name: str) -> None:
    (one,) = discover(Objects(load(name))).installations
    assert one.custom == (("/etc/coredns/custom", "coredns-custom"),)


def test_the_cache_on_every_node_is_found_beside_coredns() -> None:
    coredns, cache = discover(Objects(load("node-local-dns"))).installations
    assert (coredns.configmap, coredns.node_local) == ("coredns", False)
    assert (cache.configmap, cache.key, cache.workload, cache.node_local) == (
        "node-local-dns",
        "Corefile",
        "DaemonSet node-local-dns",
        True,
    )


def test_a_file_mounted_by_sub_path_is_known_never_to_change_in_a_running_pod() -> None:
    (one,) = discover(Objects(load("sub-path"))).installations
    assert (one.configmap, one.key, one.updates) == ("coredns", "Corefile", False)


def test_the_pods_of_a_service_without_a_selector_are_those_of_its_endpoint_slices() -> None:
    door = Objects(load("no-selector"))
    (one,) = discover(door).installations
    assert (one.configmap, one.service, one.workload) == ("coredns", "kube-dns", "Deployment coredns")
    assert [each.name for each in door.replicas("kube-system", "coredns")] == ["coredns-7d5b9c6f4d-abcde", "coredns-7d5b9c6f4d-fghij"]


def test_endpoint_slices_that_may_not_be_read_are_named() -> None:
    found = discover(Objects(load("no-selector"), ["list endpointslices.discovery.k8s.io"]))
    assert found.notes[0] == (
        "the Service kube-system/kube-dns has no selector, and its pods are not known: "
        "not allowed: list endpointslices.discovery.k8s.io in kube-system"
    )
    assert "taken by its usual name" in found.notes[-1]


def test_a_cluster_whose_dns_is_not_coredns_is_told_as_such() -> None:
    with pytest.raises(ClusterError, match=r"kube-system/kube-dns run .*k8s-dns-kube-dns.*no CoreDNS here") as caught:
        discover(Objects(load("gke")))
    assert "--configmap NAME" in caught.value.hint


def test_a_named_configmap_is_taken_even_where_nothing_reads_it() -> None:
    assert discover(Objects(load("kubeadm")), configmap="other").installations == (Installation("kube-system", "other"),)
    (named,) = discover(Objects(load("node-local-dns")), configmap="node-local-dns").installations
    assert named.node_local


def test_a_configmap_that_no_replica_reads_has_no_replicas() -> None:
    with pytest.raises(ClusterError, match=r"reads the ConfigMap other \(they read: coredns\)"):
        Objects(load("kubeadm")).replicas("kube-system", "other")


def test_a_workload_without_pods_is_still_found_by_its_template() -> None:
    service, pod, configmap = load("kubeadm")
    template = {"metadata": {"labels": pod["metadata"]["labels"]}, "spec": pod["spec"]}
    metadata = {"name": "coredns", "namespace": "kube-system"}
    door = Objects([service, configmap, {"kind": "Deployment", "metadata": metadata, "spec": {"template": template}}])
    (one,) = discover(door).installations
    assert (one.configmap, one.workload) == ("coredns", "Deployment coredns")
    assert door.replicas("kube-system", "coredns") == ()


@pytest.mark.parametrize(
    ("forbidden", "said"),
    [
        (["list services"], ""),  # a Role may grant a Service by its name only
        (["list services", "get services"], "no right to list services in kube-system: pods with the label k8s-app=kube-dns"),
        (["list pods"], "no right to list pods in kube-system, so it is not known which ConfigMap CoreDNS reads; taken by its usual name"),
    ],
)
def test_without_a_right_to_look_the_usual_names_are_taken_and_said(forbidden: list[str], said: str) -> None:
    found = discover(Objects(load("kubeadm"), forbidden))
    (one,) = found.installations
    assert (one.namespace, one.configmap, one.key) == ("kube-system", "coredns", "Corefile")
    assert "; ".join(found.notes).startswith(said)
    assert bool(found.notes) == bool(said)


def test_without_the_right_to_look_at_services_the_replicas_are_found_by_their_label() -> None:
    (replica,) = Objects(load("kubeadm"), ["list services", "get services"]).replicas("kube-system", "coredns")
    assert (replica.port, replica.ready) == (53, True)


def test_a_namespace_without_a_dns_service_has_no_replicas_and_says_so() -> None:
    with pytest.raises(ClusterError, match="no Service in kube-system answers DNS on port 53"):
        Objects([]).replicas("kube-system")
    found = discover(Objects([]))
    assert found.installations == (Installation("kube-system", "coredns"),)
    assert "taken by its usual name" in found.notes[-1]


def test_pods_that_leave_or_do_not_run_are_no_replicas() -> None:
    service, pod, _ = load("kubeadm")
    leaving = {**pod, "metadata": {**pod["metadata"], "name": "leaving", "deletionTimestamp": "2026-11-20T21:00:00Z"}}
    pending = {**pod, "metadata": {**pod["metadata"], "name": "pending"}, "status": {"phase": "Pending"}}
    assert [each.name for each in Objects([service, leaving, pending, pod]).replicas("kube-system")] == [pod["metadata"]["name"]]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"args": ["-conf", "/etc/coredns/Corefile"]}, "/etc/coredns/Corefile"),
        ({"command": ["/coredns", "--conf=/a/b"]}, "/a/b"),
        ({"args": ["-conf"], "workingDir": "/w"}, "/w/Corefile"),
        ({}, "/Corefile"),
        ({"workingDir": "/w", "args": ["-conf", "x"]}, "/w/x"),
    ],
)
def test_the_path_of_the_corefile_is_read_from_the_arguments_as_coredns_reads_them(arguments: dict[str, object], path: str) -> None:
    assert config_path({"image": "coredns/coredns:1.15.0", **arguments}) == path


def test_another_program_with_a_flag_of_the_same_name_is_not_coredns() -> None:
    assert config_path({"image": "example/unbound:1", "args": ["-conf", "/etc/unbound.conf"]}) is None


def test_a_corefile_that_comes_from_no_configmap_is_none() -> None:
    container = {"volumeMounts": [{"name": "a", "mountPath": "/etc/coredns"}]}
    assert mounted({"volumes": [{"name": "a", "hostPath": {"path": "/etc"}}]}, container, "/etc/coredns/Corefile") is None
    assert mounted({}, {}, "/Corefile") is None


def test_a_pod_that_nothing_owns_has_no_workload() -> None:
    assert workload({"metadata": {"name": "alone"}}) == ""


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("registry.k8s.io/coredns/coredns:v1.11.3", "1.11.3"),
        ("example.com:5000/eks/coredns:v1.11.1-eksbuild.4", "1.11.1"),
        ("example.com:5000/coredns", None),
        ("rancher/mirrored-coredns-coredns:1.12.0", "1.12.0"),
        ("rancher/hardened-coredns:v1.12.2-build20250730", "1.12.2"),
        ("acs/coredns:v1.11.3.2-f57ea7ed6-aliyun", "1.11.3"),
        ("coredns/coredns:1.9.4@sha256:00", "1.9.4"),
        ("coredns/coredns@sha256:00", None),
        ("coredns/coredns:latest", None),
        ("swr/coredns:1.30.29", None),  # the number of an add-on
        ("swr/coredns:v2.0.1", None),
        ("registry.k8s.io/dns/k8s-dns-node-cache:1.23.1", None),
        ("", None),
    ],
)
def test_the_version_is_what_the_image_tag_says_of_coredns(image: str, version: str | None) -> None:
    assert of_image(image) == version


def test_of_several_versions_the_oldest_counts_and_an_unknown_one_makes_all_unknown() -> None:
    assert of_images(["coredns:1.11.1", "coredns:1.9.4"]) == "1.9.4"
    assert of_images(["coredns:1.11.1", "coredns@sha256:00"]) is None
    assert of_images([]) is None


def test_a_pod_that_is_on_its_way_out_does_not_tell_which_release_runs() -> None:
    service, pod, held = load("kubeadm")
    leaving = {**pod, "metadata": {**pod["metadata"], "name": "leaving", "deletionTimestamp": "2026-11-20T21:00:00Z"}}
    old = [{**container, "image": "registry.example/coredns:v1.6.9"} for container in pod["spec"]["containers"]]
    (one,) = discover(Objects([service, pod, {**leaving, "spec": {**pod["spec"], "containers": old}}, held])).installations
    assert one.images == (pod["spec"]["containers"][0]["image"],)
