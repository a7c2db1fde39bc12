"""The testbed's network namespace (and the mount namespace of its daemons), and how to get into it.

Enter it with nsenter, never with `ip netns exec`: that remounts /sys, and a kubelet then finds no cgroups.
The mount namespace means that no mount of a kubelet or containerd is ever seen, or left behind, outside.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import build
from .places import NETNS, NETNS_FILE, NODE_IP, STATE
from .processes import Process, recorded, start, wait

_CLONE_NEWNET = 0x40000000
ENTER = ("nsenter", f"--net={NETNS_FILE}")
_HOLDER = "holder"

# The folders are fixed in containerd and the kubelet. The sysctls belong to the whole machine and the kubelet sets
# them (kubernetes pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables): it is given copies.
_PRIVATE = """
set -eu
mount --bind "$1" "$1"
mount -o remount,bind,exec,dev,suid "$1"
for folder in /run/containerd /var/lib/kubelet /var/log; do
    mkdir -p $folder
    mount -t tmpfs testbed $folder
done
mkdir "$1/sysctl"
for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \\
    kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    copy="$1/sysctl/$(basename $name)"
    cat /proc/sys/$name > "$copy"
    mount --bind "$copy" /proc/sys/$name
done
exec "$0"
"""


def create() -> None:
    """A namespace whose only address is the node's; nothing in it has a way out.

    The node's address sits on a bridge because some kernels have no dummy device.
    """
    _run("ip", "netns", "add", NETNS)
    for line in (
        "ip link set lo up",
        "ip link add node0 type bridge",
        f"ip address add {NODE_IP}/32 dev node0",
        "ip link set node0 up",
        "ip route add default dev node0",
        "sysctl -q -w net.ipv4.ip_forward=1",
    ):
        _run(*ENTER, *line.split())


def hold() -> None:
    """Start the process that keeps the mount namespace alive."""
    private = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _PRIVATE]
    holder = start(_HOLDER, [*ENTER, *private, build.pause(), STATE])
    program = Path(f"/proc/{holder.pid}/exe")
    wait("the mount namespace", lambda: program.readlink() == build.pause(), timeout=10, every=0.01)


def daemon(name: str, argv: Sequence[str | Path]) -> Process:
    """Start a daemon of the testbed in both namespaces."""
    return start(name, [*ENTER, f"--mount=/proc/{recorded()[_HOLDER].pid}/ns/mnt", *argv])


def delete() -> None:
    """Remove the namespace if it is there; it must have no processes left."""
    if NETNS_FILE.exists():
        _run("ip", "netns", "delete", NETNS)


@contextmanager
def entered() -> Iterator[None]:
    """Move the calling thread (only this one) into the namespace and back; children it starts meanwhile are inside."""
    with Path("/proc/thread-self/ns/net").open("rb") as home, NETNS_FILE.open("rb") as inside:
        _setns(inside.fileno())
        try:
            yield
        finally:
            _setns(home.fileno())


def _setns(descriptor: int) -> None:
    """os.setns exists from Python 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _run(*argv: str | Path) -> None:
    command: Sequence[str] = [str(argument) for argument in argv]
    done = subprocess.run(command, capture_output=True, timeout=30)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
