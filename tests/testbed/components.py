"""The command line of every daemon in the testbed.

Two flags are easily lost: without --kubelet-preferred-address-types the API server looks the node's name up for exec
and port-forward, and the service accounts' root CA is the API server's own self-made certificate.
"""

from __future__ import annotations

from pathlib import Path

from . import build
from .namespace import daemon
from .places import CERTS, CONFIG, KUBECONFIG, KUBELET, NODE, NODE_IP, POD_CIDR, SERVICE_CIDR, STATE

FIRST = ("etcd", "containerd", "upstream", "kube-apiserver")
SECOND = ("kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")


def start(name: str) -> None:
    """Start this daemon in the testbed's namespaces."""
    daemon(name, _argv(name))


def _argv(name: str) -> list[str | Path]:
    match name:
        case "etcd":
            return ["etcd", "--data-dir", STATE / "etcd", "--unsafe-no-fsync", "--log-level", "warn"]
        case "containerd":
            return ["containerd", "--config", CONFIG / "containerd.toml"]
        case "upstream":
            return [build.coredns(), "-conf", CONFIG / "upstream.corefile"]
        case _:
            return [build.kubernetes() / name, *_FLAGS[name]]


_FLAGS: dict[str, list[str | Path]] = {
    "kube-apiserver": [
        "--etcd-servers", "http://127.0.0.1:2379",
        "--advertise-address", NODE_IP,
        "--cert-dir", CERTS,
        "--token-auth-file", CONFIG / "tokens.csv",
        "--authorization-mode", "Node,RBAC",
        "--service-cluster-ip-range", SERVICE_CIDR,
        "--service-account-issuer", "https://kubernetes.default.svc",
        "--service-account-key-file", CONFIG / "service-accounts.key",
        "--service-account-signing-key-file", CONFIG / "service-accounts.key",
        "--kubelet-preferred-address-types", "InternalIP",
    ],
    "kube-controller-manager": [
        "--kubeconfig", KUBECONFIG,
        "--leader-elect=false",
        "--cluster-cidr", POD_CIDR,
        "--root-ca-file", CERTS / "apiserver.crt",
        "--service-account-private-key-file", CONFIG / "service-accounts.key",
    ],
    "kube-scheduler": ["--kubeconfig", KUBECONFIG, "--leader-elect=false"],
    "kubelet": [
        "--kubeconfig", KUBECONFIG,
        "--config", CONFIG / "kubelet.json",
        "--root-dir", KUBELET,
        "--cert-dir", KUBELET / "pki",
        "--hostname-override", NODE,
        "--node-ip", NODE_IP,
    ],
    "kube-proxy": ["--config", CONFIG / "proxy.json", "--hostname-override", NODE],
}  # fmt: skip
