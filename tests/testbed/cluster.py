"""Brings the testbed up and takes it down.

`up` of a testbed that runs well returns it; anything else it finds, it clears first. So does `down`, as often as asked.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from . import api, build, components, config, images, namespace, processes, rollout
from .handle import MuslResult, Testbed
from .manifests import HEALTHY, INCIDENT, LAME_DUCK, Json, objects
from .places import CONTAINERD, KUBECONFIG, MARK, READY, STATE

__all__ = ["HEALTHY", "INCIDENT", "LAME_DUCK", "MuslResult", "Testbed", "down", "running", "up"]

_LOCK = STATE.with_name(f"{STATE.name}.lock")


def up(sync: str | None = None) -> Testbed:
    """The running testbed; `sync` is the kubelet's syncFrequency (else REMEDY_TESTBED_SYNC, else 5s).

    Kubernetes' own default is 1m: pass that to see what an operator sees. Raises RuntimeError or TimeoutError, having
    stopped everything it started; the logs stay in the state folder until the next `up` or `down`.
    """
    frequency = sync or os.environ.get("REMEDY_TESTBED_SYNC") or "5s"
    with build.locked(_LOCK):
        if running(frequency):
            return Testbed()
        build.cluster()
        _clear()
        try:
            _start(frequency)
        except BaseException:
            _stop()
            raise
    return Testbed()


def down() -> None:
    """Stop and remove everything the testbed ever started, also by a run that was killed."""
    with build.locked(_LOCK):
        _clear()


def running(sync: str | None = None) -> bool:
    """Whether the testbed is up (with this syncFrequency), every process of it alive and both replicas ready."""
    if not READY.exists() or (sync and READY.read_text() != sync):
        return False
    if not all(processes.alive(process) for process in processes.recorded().values()):
        return False
    try:
        with namespace.entered():
            return rollout.apiserver_ready() and rollout.complete()
    except OSError:
        return False


def _start(sync: str) -> None:
    began = time.monotonic()
    STATE.mkdir(parents=True, exist_ok=True)
    MARK.touch()
    config.write(sync)
    namespace.create()
    namespace.hold()
    for name in components.FIRST:
        components.start(name)
    processes.wait("containerd", _containerd_ready, timeout=30)
    images.load()
    with namespace.entered():
        processes.wait("the API server", rollout.apiserver_ready, timeout=90)
        config.kubeconfig(KUBECONFIG, config.admin_token())
        for name in components.SECOND:
            components.start(name)
        for collection, body in objects():
            name = body["metadata"]["name"]
            processes.wait(f"creating {name}", functools.partial(_create, collection, body), timeout=60)
        processes.wait("two CoreDNS replicas", rollout.complete, timeout=90)
        for name in ("musl", "glibc"):
            processes.wait(f"the {name} pod", functools.partial(_runs, name), timeout=60)
        processes.wait("the DNS Service", rollout.routed, timeout=60)
    READY.write_text(sync)
    print(f"testbed: up in {time.monotonic() - began:.1f} s", file=sys.stderr)


def _clear() -> None:
    if STATE.exists() and any(STATE.iterdir()) and not MARK.exists():
        raise RuntimeError(f"{STATE} is not the testbed's; set REMEDY_TESTBED_STATE to a folder that does not exist")
    _stop()
    if STATE.exists():
        shutil.rmtree(STATE)


def _stop() -> None:
    """The kubelet goes first, or it starts again what the others lose; pods and shims are found as strays."""
    READY.unlink(missing_ok=True)
    processes.stop("kubelet", patience=2)
    processes.end([*processes.recorded().values(), *processes.strays()], patience=1)
    for _ in range(10):
        left = processes.strays()
        if not left:
            break
        processes.end(left, patience=0)
    for name in processes.recorded():
        processes.stop(name)
    namespace.delete()
    for group in _cgroups():
        processes.wait(f"removing {group}", functools.partial(_removed, group), timeout=10)
        with suppress(OSError):  # another containerd's containers may be there too
            group.parent.rmdir()


def _cgroups() -> list[Path]:
    """What containers that were killed leave in /sys/fs/cgroup/k8s.io (v2) and /sys/fs/cgroup/*/k8s.io (v1)."""
    ours = {path.name for path in (CONTAINERD / "root/io.containerd.grpc.v1.cri").glob("*/*")}
    top = Path("/sys/fs/cgroup")
    parents = [top / "k8s.io", *top.glob("*/k8s.io")]
    return [parent / name for parent in parents for name in ours if (parent / name).is_dir()]


def _removed(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()
    return True


def _containerd_ready() -> bool:
    return subprocess.run([*images.CTR, "version"], capture_output=True, timeout=30).returncode == 0


def _create(collection: str, body: Json) -> bool:
    """Raises OSError (wait, and try again) until the controller has made the namespace's default ServiceAccount."""
    try:
        api.request("POST", collection, body)
    except api.Rejected as error:
        if error.status != 403:
            raise RuntimeError(str(error)) from error
        raise
    return True


def _runs(name: str) -> bool:
    return bool(api.request("GET", f"/api/v1/namespaces/default/pods/{name}")["status"].get("phase") == "Running")
