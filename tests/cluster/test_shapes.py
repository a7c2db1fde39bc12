"""A CoreDNS that is set up as another distribution does it, in a real cluster: found, changed and put back by the names it has there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.command import Command
from tests.testbed.cluster import Testbed
from tests.testbed.manifests import COREDNS_IMAGE
from tests.testbed.places import NODE_IP
from tests.testbed.processes import wait


class Shape(NamedTuple):
    """What a distribution calls things, and where it puts them."""

    namespace: str
    kind: str
    name: str
    key: str
    path: str
    port: int
    target: object
    volume: dict[str, Any]
    selects: bool = True


SHAPES = {
    "openshift": Shape(
        *("openshift-dns", "DaemonSet", "dns-default", "Corefile", "/etc/coredns/Corefile", 5353, "dns-tcp"),
        volume={"configMap": {"name": "dns-default", "items": [{"key": "Corefile", "path": "Corefile"}]}},
    ),
    "rke2": Shape(
        *("rke2-like", "Deployment", "rke2-coredns-rke2-coredns", "Corefile", "/etc/coredns/Corefile", 53, "tcp-53"),
        volume={"configMap": {"name": "rke2-coredns-rke2-coredns"}},
    ),
    "gardener": Shape(
        *("gardener-like", "Deployment", "coredns", "Corefile", "/etc/coredns/Corefile", 8053, 8053),
        volume={"configMap": {"name": "coredns"}},
    ),
    "without a selector": Shape(
        *("kept-by-hand", "Deployment", "coredns", "Corefile", "/etc/coredns/Corefile", 53, "dns-tcp"),
        volume={"configMap": {"name": "coredns"}},
        selects=False,
    ),
    "nobody's": Shape(
        *("resolver", "Deployment", "resolver", "production", "/config/Corefile.live", 1053, "d"),
        volume={"projected": {"sources": [{"configMap": {"name": "resolver", "items": [{"key": "production", "path": "Corefile.live"}]}}]}},
    ),
}


def corefile(shape: Shape) -> str:
    return (
        f".:{shape.port} {{\n    errors\n    ready\n    template ANY AAAA {{\n        rcode NXDOMAIN\n    }}\n"
        f"    forward . {NODE_IP}\n    reload 2s 1s\n}}\n"
    )


@pytest.fixture(params=SHAPES)
def shape(testbed: Testbed, request: pytest.FixtureRequest) -> Iterator[Shape]:
    """The shape, running, in a namespace of its own."""
    shape: Shape = SHAPES[request.param]
    spaces, workloads = "/api/v1/namespaces", f"/apis/apps/v1/namespaces/{shape.namespace}/{shape.kind.lower()}s"
    inside = f"{spaces}/{shape.namespace}"
    labels = {"answers": "dns"}
    metadata = {"name": shape.name}
    name = shape.target if isinstance(shape.target, str) else "dns-tcp"
    container = {
        "name": "main",
        "image": COREDNS_IMAGE,
        "imagePullPolicy": "Never",
        "args": ["-conf", shape.path],
        "ports": [{"name": name, "containerPort": shape.port, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "volumeMounts": [{"name": "a", "mountPath": shape.path.rpartition("/")[0]}],
    }
    pod = {
        "dnsPolicy": "Default",
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
        "volumes": [{"name": "a", **shape.volume}],
    }
    workload = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    ports = [{"port": 53, "protocol": "TCP", "targetPort": shape.target}]
    testbed.api("POST", spaces, {"metadata": {"name": shape.namespace}})
    try:
        testbed.api("POST", f"{inside}/configmaps", {"metadata": metadata, "data": {shape.key: corefile(shape), "other": "kept"}})
        testbed.api(
            "POST", f"{inside}/services", {"metadata": metadata, "spec": {"ports": ports} | ({"selector": labels} if shape.selects else {})}
        )
        testbed.api("POST", workloads, {"metadata": metadata, "spec": workload})
        wait(f"CoreDNS in {shape.namespace}", lambda: ready(testbed, inside), timeout=60)
        if not shape.selects:
            keep_endpoints(testbed, shape)
        with testbed.namespace():
            yield shape
    finally:
        testbed.api("DELETE", spaces + f"/{shape.namespace}")
        wait(f"the end of {shape.namespace}", lambda: gone(testbed, spaces, shape.namespace), timeout=60)


def keep_endpoints(testbed: Testbed, shape: Shape) -> None:
    """Somebody else's work: the addresses of the pods, as the Service's."""
    (pod,) = testbed.api("GET", f"/api/v1/namespaces/{shape.namespace}/pods")["items"]
    reference = {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": shape.namespace}
    body = {
        "metadata": {"name": "by-hand", "labels": {"kubernetes.io/service-name": shape.name}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [pod["status"]["podIP"]], "targetRef": reference}],
        "ports": [{"port": shape.port, "protocol": "TCP"}],
    }
    testbed.api("POST", f"/apis/discovery.k8s.io/v1/namespaces/{shape.namespace}/endpointslices", body)


def ready(testbed: Testbed, inside: str) -> bool:
    pods = testbed.api("GET", f"{inside}/pods")["items"]
    states = [pod["status"].get("containerStatuses", [{"ready": False}])[0]["ready"] for pod in pods]
    return bool(states) and all(states)


def gone(testbed: Testbed, spaces: str, name: str) -> bool:
    return name not in [each["metadata"]["name"] for each in testbed.api("GET", spaces)["items"]]


def test_what_another_distribution_calls_otherwise_is_found_changed_and_put_back(shape: Shape, testbed: Testbed, remedy_as: Any) -> None:
    remedy: Command = remedy_as(testbed.kubeconfig)
    where = ("--namespace", shape.namespace)
    scanned = remedy("scan", *where)
    assert scanned.code == 1, scanned.err
    assert scanned.out.startswith(f"{shape.namespace}/{shape.name}/{shape.key}:4:5: error AAAA001")
    looked = " ".join(remedy("doctor", *where).out.split())
    assert f"found: by Service {shape.name}, {shape.kind} {shape.name}, {shape.path}" in looked
    assert f"replicas: 1 of 1 ready, on port {shape.port}" in looked
    applied = remedy("apply", "--yes", *where)
    assert applied.code == 0, applied.err
    assert "1 of 1 replicas answer as predicted" in applied.err
    held = testbed.api("GET", f"/api/v1/namespaces/{shape.namespace}/configmaps/{shape.name}")["data"]
    assert "template IN AAAA ." in held[shape.key]
    assert held["other"] == "kept"
    back = remedy("rollback", "--yes", *where)
    assert back.code == 0, back.err
    assert testbed.api("GET", f"/api/v1/namespaces/{shape.namespace}/configmaps/{shape.name}")["data"][shape.key] == corefile(shape)
