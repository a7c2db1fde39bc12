"""Whether this machine can run the testbed, and the Debian packages it needs.

The packages are installed if they can be: a missing one is the usual reason in a fresh container.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
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
    return lacking(_PROGRAMS, _FILES, _PACKAGES)


def lacking(programs: Sequence[str], files: Sequence[Path], packages: Path) -> str | None:
    """Which of these programs and files are not here, as a sentence, or None; root on Debian first installs the packages listed there."""
    if missing(programs, files) and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages.read_text().split()]
        for argv in (["apt-get", "update"], install):
            subprocess.run(argv, env=environment, capture_output=True, timeout=600)
    gone = missing(programs, files)
    return f"needs {', '.join(gone)}; run: apt-get install $(cat {packages})" if gone else None


def missing(programs: Sequence[str], files: Sequence[Path]) -> list[str]:
    """Which of them are not here."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    absent = [name for name in programs if shutil.which(name, path=path) is None]
    return absent + [str(path) for path in files if not path.exists()]
