"""The Kubernetes objects of the testbed: CoreDNS as kubeadm installs it, and two pods that look names up, with musl and with glibc.

HEALTHY and INCIDENT are the two Corefiles the tests start from; INCIDENT is the one of the night this project is about. LAME_DUCK is
it with what kubeadm's own has, too: a pod that goes answers for a while, until no Service leads to it. A restart without it loses lookups.
"""

from __future__ import annotations

from typing import Any

from .build import COREDNS
from .places import DNS_IP, NODE_IP

Json = dict[str, Any]

_HEAD = """.:53 {
    errors
    health
    ready
"""
_TAIL = f"""    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }}
    prometheus :9153
    forward . {NODE_IP}
    cache 30
    loop
    reload 2s 1s
    loadbalance
}}
"""
HEALTHY = _HEAD + _TAIL
INCIDENT = (
    _HEAD
    + """    # no IPv6 here: answer every AAAA query at once
    template ANY AAAA {
        rcode NXDOMAIN
    }
"""
    + _TAIL
)

LAME_DUCK = INCIDENT.replace("    health\n", "    health {\n        lameduck 5s\n    }\n")

COREDNS_IMAGE = f"docker.io/local/coredns:{COREDNS}"
MUSL_IMAGE = "docker.io/local/musl:1"
GLIBC_IMAGE = "docker.io/local/glibc:1"
SYSTEM = "/api/v1/namespaces/kube-system"
CONFIGMAP = f"{SYSTEM}/configmaps/coredns"
DEPLOYMENT = "/apis/apps/v1/namespaces/kube-system/deployments/coredns"
_DNS = {"k8s-app": "kube-dns"}


def configmap(corefile: str) -> Json:
    """The ConfigMap with what a careless write would lose: labels, annotations and a second key."""
    metadata = {
        "name": "coredns",
        "namespace": "kube-system",
        "labels": {**_DNS, "app.kubernetes.io/managed-by": "platform-team"},
        "annotations": {"example.cn/owner": "platform team, room 4"},
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"Corefile": corefile, "NOTES": "ask before you change this\n"},
    }


def objects() -> list[tuple[str, Json]]:
    """(collection path, object) in the order in which they are created."""
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    return [
        (f"{SYSTEM}/serviceaccounts", {"metadata": {"name": "coredns"}}),
        (f"{rbac}/clusterroles", {"metadata": {"name": "system:coredns"}, "rules": _RULES}),
        (f"{rbac}/clusterrolebindings", _BINDING),
        (f"{SYSTEM}/configmaps", configmap(HEALTHY)),
        (f"{SYSTEM}/services", _SERVICE),
        (DEPLOYMENT.rpartition("/")[0], deployment()),
        ("/api/v1/namespaces/default/pods", _client("musl", MUSL_IMAGE)),
        ("/api/v1/namespaces/default/pods", _client("glibc", GLIBC_IMAGE)),
    ]


def deployment() -> Json:
    """Two replicas of CoreDNS in kubeadm's shape, with quicker probes."""
    template = {"metadata": {"labels": _DNS}, "spec": _POD}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "coredns", "namespace": "kube-system", "labels": _DNS},
        "spec": {
            "replicas": 2,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "selector": {"matchLabels": _DNS},
            "template": template,
        },
    }


def _client(name: str, image: str) -> Json:
    """A pod whose lookups go through the DNS Service."""
    container = {"name": name, "image": image, "imagePullPolicy": "Never", "command": ["/pause"]}
    spec = {"dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 0, "containers": [container]}
    return {"metadata": {"name": name}, "spec": spec}


_RULES = [
    {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": ["list", "watch"]},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
]
_BINDING = {
    "metadata": {"name": "system:coredns"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"},
    "subjects": [{"kind": "ServiceAccount", "name": "coredns", "namespace": "kube-system"}],
}
_SERVICE = {
    "metadata": {"name": "kube-dns", "labels": {**_DNS, "kubernetes.io/name": "CoreDNS"}},
    "spec": {
        "clusterIP": DNS_IP,
        "selector": _DNS,
        "ports": [
            {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
            {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
            {"name": "metrics", "port": 9153, "protocol": "TCP", "targetPort": 9153},
        ],
    },
}


def _probe(path: str, port: int, **more: int) -> Json:
    return {"httpGet": {"path": path, "port": port, "scheme": "HTTP"}, **more}


_CONTAINER = {
    "name": "coredns",
    "image": COREDNS_IMAGE,
    "imagePullPolicy": "Never",
    "args": ["-conf", "/etc/coredns/Corefile"],
    "resources": {"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
    "ports": [
        {"containerPort": 53, "name": "dns", "protocol": "UDP"},
        {"containerPort": 53, "name": "dns-tcp", "protocol": "TCP"},
        {"containerPort": 9153, "name": "metrics", "protocol": "TCP"},
    ],
    "livenessProbe": _probe("/health", 8080, initialDelaySeconds=60, timeoutSeconds=5, failureThreshold=5),
    "readinessProbe": _probe("/ready", 8181, periodSeconds=1),
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    },
    "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": True}],
}
_POD = {
    "priorityClassName": "system-cluster-critical",
    "serviceAccountName": "coredns",
    "dnsPolicy": "Default",
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
    "containers": [_CONTAINER],
    "volumes": [
        {
            "name": "config-volume",
            "configMap": {"name": "coredns", "items": [{"key": "Corefile", "path": "Corefile"}]},
        }
    ],
}
