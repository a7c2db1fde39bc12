"""CoreDNS as other distributions run it, in a namespace of its own beside the testbed's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.testbed.cluster import Testbed
from tests.testbed.manifests import COREDNS_IMAGE, Json


@contextmanager
def shape(
    testbed: Testbed, name: str, corefile: str, *, kind: str = "Deployment", port: int = 53, mount: str = "/etc/coredns"
) -> Iterator[str]:
    """A namespace with CoreDNS as a Deployment or DaemonSet behind the Service kube-dns, reading the ConfigMap dns-default; its name."""
    core, rbac = f"/api/v1/namespaces/{name}", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    binding = {
        "metadata": {"name": f"coredns-{name}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"},
        "subjects": [{"kind": "ServiceAccount", "name": "dns", "namespace": name}],
    }
    workload = {"kind": kind, "metadata": {"name": "dns-default"}, "spec": _workload(kind, port, mount)}
    selector = {"app": "dns-default"}
    service = {"selector": selector, "ports": [{"port": 53, "protocol": "TCP", "targetPort": "dns-tcp"}]}
    try:
        testbed.api("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        testbed.api("POST", rbac, binding)
        testbed.api("POST", f"{core}/serviceaccounts", {"metadata": {"name": "dns"}})
        testbed.api(
            "POST", f"{core}/configmaps", {"metadata": {"name": "dns-default"}, "data": {"Corefile": corefile, "hosts": "# none\n"}}
        )
        testbed.api("POST", f"{core}/services", {"metadata": {"name": "kube-dns"}, "spec": service})
        testbed.api("POST", f"/apis/apps/v1/namespaces/{name}/{kind.lower()}s", workload)
        deadline = time.monotonic() + 60
        while not (pods := testbed.api("GET", f"{core}/pods")["items"]) or not all(_ready(pod) for pod in pods):
            assert time.monotonic() < deadline, [pod["status"] for pod in pods]
            time.sleep(0.2)
        yield name
    finally:
        for path in (f"{rbac}/coredns-{name}", core):
            with suppress(OSError):
                testbed.api("DELETE", path)


def _ready(pod: Json) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", ()))


def _workload(kind: str, port: int, mount: str) -> Json:
    container = {
        "name": "dns",
        "image": COREDNS_IMAGE,
        "imagePullPolicy": "Never",
        "args": ["-conf", f"{mount}/Corefile"],
        "env": [{"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
        "ports": [
            {"containerPort": port, "name": "dns", "protocol": "UDP"},
            {"containerPort": port, "name": "dns-tcp", "protocol": "TCP"},
        ],
        "livenessProbe": {"tcpSocket": {"port": port}, "initialDelaySeconds": 60},
        "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1},
        "volumeMounts": [{"name": "config", "mountPath": mount, "readOnly": True}],
    }
    spec = {
        "serviceAccountName": "dns",
        "dnsPolicy": "Default",
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "dns-default"}}],
    }
    template = {"metadata": {"labels": {"app": "dns-default"}}, "spec": spec}
    found = {"selector": {"matchLabels": {"app": "dns-default"}}, "template": template}
    return {**found, "replicas": 2} if kind == "Deployment" else found
