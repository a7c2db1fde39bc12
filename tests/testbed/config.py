"""The configuration files of every program in the testbed, written into the state folder.

Most settings here are the usual ones; each that is not says which machine breaks without it.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

from .places import (
    API,
    CERTS,
    CONFIG,
    CONTAINERD,
    CONTAINERD_SOCKET,
    DNS_IP,
    KUBECONFIG,
    KUBELET,
    NODE_IP,
    POD_CIDR,
    STATE,
)

PAUSE_IMAGE = "docker.io/local/pause:1"
CNI = CONFIG / "cni"

UPSTREAM = f""".:53 {{
    bind {NODE_IP}
    file {CONFIG}/root.zone .
    errors
}}
"""

ROOT_ZONE = f"""$TTL 60
. IN SOA ns.testbed. hostmaster.testbed. 1 7200 1800 86400 60
. IN NS ns.testbed.
ns.testbed. IN A {NODE_IP}
shop.example.cn. IN A 203.0.113.7
dual.example.cn. IN A 203.0.113.8
dual.example.cn. IN AAAA 2001:db8::8
v6.example.cn. IN AAAA 2001:db8::9
"""

_CONTAINERD = f"""version = 2
root = "{CONTAINERD}/root"
state = "{CONTAINERD}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "{CONTAINERD_SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{CONTAINERD}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  # Without CAP_SYS_RESOURCE runc may not lower a score and dies with "can't get final child's PID from pipe".
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "{CNI}"
"""

_CNI = {
    "cniVersion": "0.4.0",
    "name": "testbed",
    "plugins": [
        {
            "type": "bridge", "bridge": "pods0", "isGateway": True, "hairpinMode": True,
            "ipam": {
                "type": "host-local", "dataDir": str(STATE / "ipam"),
                "ranges": [[{"subnet": POD_CIDR}]], "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
    ],
}  # fmt: skip

_PROXY = {
    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
    "kind": "KubeProxyConfiguration",
    "mode": "iptables",
    "clientConnection": {"kubeconfig": str(KUBECONFIG)},
    # A pod that asks a Service and is answered by a pod on the same bridge needs this where br_netfilter is missing.
    "iptables": {"masqueradeAll": True, "minSyncPeriod": "0s"},
    "clusterCIDR": POD_CIDR,
    # These sysctls belong to the machine, not to a network namespace.
    "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
}


def _kubelet(sync: str) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "clusterDNS": [DNS_IP],
        "clusterDomain": "cluster.local",
        "resolvConf": str(CONFIG / "resolv.conf"),
        "syncFrequency": sync,
        "configMapAndSecretChangeDetectionStrategy": "Watch",
        "podLogsDir": str(STATE / "pod-logs"),
        "volumePluginDir": str(KUBELET / "plugins"),
        "failSwapOn": False,
        "localStorageCapacityIsolation": False,
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "1Mi", "nodefs.available": "0%", "imagefs.available": "0%"},
        # cgroup v1 machines, and machines where /sys/fs/cgroup is shared with others.
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        # Without CAP_SYS_RESOURCE the kubelet may not lower its own score.
        "oomScoreAdj": 0,
    }


def write(sync: str) -> None:
    """Write everything that can be written before the API server runs; `sync` is the kubelet's syncFrequency."""
    for folder in (CONFIG, CERTS, CNI, CONTAINERD):
        folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    _put(CONFIG / "tokens.csv", f"{token},testbed-admin,testbed-admin,system:masters\n")
    _put(CONFIG / "token", token)
    _put(CONFIG / "resolv.conf", f"nameserver {NODE_IP}\n")
    _put(CONFIG / "upstream.corefile", UPSTREAM)
    _put(CONFIG / "root.zone", ROOT_ZONE)
    _put(CONFIG / "containerd.toml", _CONTAINERD)
    _put(CNI / "testbed.conflist", json.dumps(_CNI))
    _put(CONFIG / "proxy.json", json.dumps(_PROXY))
    _put(CONFIG / "kubelet.json", json.dumps(_kubelet(sync)))
    key = ["openssl", "genrsa", "-out", str(CONFIG / "service-accounts.key"), "2048"]
    subprocess.run(key, check=True, capture_output=True, timeout=60)


def kubeconfig(path: Path, token: str) -> Path:
    """A kubeconfig for this token (JSON is YAML); the API server must have written its certificate already."""
    cluster = {"server": API, "certificate-authority": str(CERTS / "apiserver.crt")}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "testbed",
        "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "testbed"}}],
        "clusters": [{"name": "testbed", "cluster": cluster}],
        "users": [{"name": "testbed", "user": {"token": token}}],
    }
    _put(path, json.dumps(document, indent=1) + "\n")
    return path


def admin_token() -> str:
    return (CONFIG / "token").read_text()


def _put(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
