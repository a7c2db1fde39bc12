"""Where the testbed lives: its addresses (valid in its network namespace only) and its paths in one state folder.

Two testbeds with different STATE share nothing. Outside it are only a lock file and the name of the network namespace.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_DEFAULT = "/run/remedy-testbed"
STATE = Path(os.environ.get("REMEDY_TESTBED_STATE") or _DEFAULT).absolute()
_OTHER = "" if str(STATE) == _DEFAULT else "-" + hashlib.sha256(str(STATE).encode()).hexdigest()[:8]
NETNS = f"remedy-testbed{_OTHER}"
NETNS_FILE = Path("/run/netns") / NETNS

# 198.18.0.0/15 is reserved for benchmarks (RFC 2544): it clashes with no network a developer's machine is on.
NODE = "testbed-node"
NODE_IP = "198.18.255.1"
POD_CIDR = "198.18.0.0/24"
SERVICE_CIDR = "198.19.0.0/24"
DNS_IP = "198.19.0.10"
API = f"https://{NODE_IP}:6443"

RECORDS = STATE / "processes"
LOGS = STATE / "logs"
CERTS = STATE / "certs"
CONFIG = STATE / "config"
KUBELET = STATE / "kubelet"
KUBECONFIG = STATE / "kubeconfig"
CONTAINERD = STATE / "containerd"
CONTAINERD_SOCKET = CONTAINERD / "containerd.sock"
READY = STATE / "ready"
MARK = STATE / ".remedy-testbed"
