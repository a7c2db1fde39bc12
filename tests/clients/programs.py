"""The real resolvers and caches, and why one is not at hand; every command of theirs runs in namespaces of its own.

The first process in there is the init of a process namespace: when it ends, all the others are gone, and with the last of them the network
and the mounts. It is killed when `unshare` dies, and `unshare` when the test run dies, so nothing is ever left to clean up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.testbed import build, machine

ROOT = Path(__file__).parents[2]
PACKAGES = Path(__file__).with_name("packages.txt")
NEEDED = ("dnsmasq", "gcc", "ip", "musl-gcc", "named", "nginx", "setpriv", "unbound", "unshare")
_OWN_USERS = () if os.geteuid() == 0 else ("--user", "--map-root-user")
_ISOLATED = (
    "setpriv",
    "--pdeathsig=KILL",
    "unshare",
    *_OWN_USERS,
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--mount-proc",
)


def unable() -> str | None:
    """Why the live tests cannot run here, or None; missing Debian packages are installed where that works."""
    if not sys.platform.startswith("linux"):
        return "needs Linux"
    if reason := machine.lacking(NEEDED, (), PACKAGES):
        return reason
    probe = subprocess.run([*_ISOLATED, "true"], capture_output=True, timeout=30)
    return None if probe.returncode == 0 else f"needs a private network namespace: {probe.stderr.decode(errors='replace').strip()}"


def lookups() -> dict[str, str]:
    """Programs that take NAME FAMILY and print one line, by the client that they are."""
    found = {"musl-1.2.1-1.2.3": build.musl_getaddrinfo(), "glibc": build.glibc_getaddrinfo(), "go": build.go_lookup()}
    return {client: str(path) for client, path in found.items()}


def run_inside(module: str, job: Any, folder: Path, *, timeout: float) -> Any:
    """What `tests.clients.MODULE`, run in namespaces of its own, makes of the job; both are JSON. Raises RuntimeError if it fails."""
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "PYTHONPATH": str(ROOT)}
    argv = [*_ISOLATED, sys.executable, "-m", f"tests.clients.{module}", str(folder)]
    # subprocess.run kills unshare when the time is up; --kill-child then ends everything inside.
    done = subprocess.run(argv, cwd=ROOT, input=json.dumps(job).encode(), capture_output=True, timeout=timeout, env=environment)
    if done.returncode:
        raise RuntimeError(f"tests.clients.{module}: exit {done.returncode}\n{done.stderr.decode(errors='replace')[-4000:]}")
    return json.loads(done.stdout)
