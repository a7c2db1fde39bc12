"""Whether this machine can run the testbed, and the Debian packages it needs.

The packages are installed if they can be: a missing one is the usual reason in a fresh container.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_PACKAGES = Path(__file__).with_name("packages.txt")
_PROGRAMS = ("conntrack", "containerd", "ctr", "etcd", "ip", "iptables", "musl-gcc", "nsenter", "openssl", "runc")
_FILES = (Path("/usr/lib/cni/bridge"), Path("/usr/bin/busybox"))


def unable() -> str | None:
    """Why the testbed cannot run here, or None; missing Debian packages are installed where that works."""
    if not sys.platform.startswith("linux"):
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root (network namespaces, containerd)"
    if missing() and not _installed():
        return f"needs {', '.join(missing())}; run: apt-get install $(cat {_PACKAGES})"
    return None


def missing() -> list[str]:
    """The programs and files of packages.txt that are not here."""
    programs = [name for name in _PROGRAMS if shutil.which(name) is None]
    return programs + [str(path) for path in _FILES if not path.exists()]


def _installed() -> bool:
    if shutil.which("apt-get") is None:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *_PACKAGES.read_text().split()]
    for argv in (["apt-get", "update"], install):
        if subprocess.run(argv, env=environment, capture_output=True, timeout=600).returncode:
            return False
    return not missing()
