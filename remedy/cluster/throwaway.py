"""A pod that runs once and ends by itself: a Job with a deadline, which owns whatever was created for it.

The Job comes first and runs at once: from its first moment the cluster ends it, whatever becomes of remedy, while a suspended one has no
deadline. A pod that is quicker than its ConfigMap waits for it; it never runs without.
"""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from remedy.cluster.door import Door, Json
from remedy.errors import ClusterError, UnavailableError

LABEL = "remedy-throwaway"
LIFETIME = 45
"""Seconds from the start of a Job until the cluster ends it: a killed remedy leaves nothing a minute later."""
POLL_SECONDS = 0.15
_WATCH_SECONDS = 0.3
_SLOW_SECONDS = 5.0  # what a scheduler that finds no node, or a Job without a pod, is given
_GONE_SECONDS = 10.0
_LEAVING_SECONDS = 2.0  # in which whoever is asking ends it by itself
_NEVER = ("ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError")


class Throwaway(NamedTuple):
    """A Job that was started; `name` is also that of its ConfigMap. `seen` holds how its container ended, once it has.

    `over` is set when it is to end, or nobody waits for it any more.
    """

    namespace: str
    name: str
    container: str
    seen: list[Ended]
    over: threading.Event


class Ended(NamedTuple):
    """A container that is no longer running; `message` its last log lines."""

    exit_code: int
    reason: str
    message: str


_running: dict[str, tuple[Door, Throwaway]] = {}
_left: weakref.WeakSet[Door] = weakref.WeakSet()


def leave(door: Door) -> None:
    """Whoever asked through this Door goes away: what runs for it ends, within seconds, and nothing more is started.

    For a process that ends while threads of it still ask; a deadline of the cluster's own stands behind that.
    """
    _left.add(door)
    own = [run for each, run in tuple(_running.values()) if each is door]
    for run in own:
        run.over.set()
    deadline = time.monotonic() + _LEAVING_SECONDS
    while time.monotonic() < deadline and any(run.name in _running for run in own):
        time.sleep(POLL_SECONDS)
    for run in own:
        if run.name in _running:
            end(door, run.namespace, run.name)


def _require_staying(door: Door) -> None:
    if door in _left:
        raise UnavailableError("it was given up, for remedy ends")


def named(role: str) -> str:
    """A name that nobody has."""
    return f"remedy-{role}-{secrets.token_hex(4)}"


def labels(name: str) -> dict[str, str]:
    """They are the only ones, so that no Service selects the pod."""
    return {LABEL: name}


@contextmanager
def started(door: Door, namespace: str, name: str, template: Json, files: Mapping[str, Any] | None = None) -> Iterator[Throwaway]:
    """Run the template until the end of the block; `files` are the fields `data` and `binaryData` of a ConfigMap of that name.

    ClusterError where the Job or the ConfigMap may not be created. Everything is gone afterwards, or ends by itself within LIFETIME.
    """
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": labels(name)},
        "spec": {"activeDeadlineSeconds": LIFETIME, "ttlSecondsAfterFinished": 0, "backoffLimit": 0, "template": template},
    }
    run = Throwaway(namespace, name, template["spec"]["containers"][0]["name"], [], threading.Event())
    _running[name] = (door, run)
    try:
        _require_staying(door)
        made = door.create("jobs.batch", namespace, job)
        _require_staying(door)
        if files is not None:
            owner = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": made["metadata"]["uid"]}
            metadata = {"name": name, "labels": labels(name), "ownerReferences": [owner]}
            door.create("configmaps", namespace, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **files})
        threading.Thread(target=_watch, args=(door, run), daemon=True).start()
        yield run
    finally:
        run.over.set()
        end(door, namespace, name)
        _running.pop(name, None)


def _watch(door: Door, run: Throwaway) -> None:
    """A pod that ends is taken away within seconds, perhaps while it is being asked; so that somebody has seen how it ended."""
    while not run.seen and not run.over.wait(_WATCH_SECONDS):
        with suppress(ClusterError, UnavailableError):
            pods = door.select("pods", run.namespace, f"{LABEL}={run.name}")
            run.seen.extend(each for each in (_ended(pod, run.container) for pod in pods) if each)


def _ended(pod: Json, container: str) -> Ended | None:
    found = [each for each in pod.get("status", {}).get("containerStatuses") or () if each["name"] == container]
    ended = found[0].get("state", {}).get("terminated") if found else None
    return Ended(ended.get("exitCode", 0), ended.get("reason", ""), ended.get("message", "")) if ended else None


def end(door: Door, namespace: str, name: str) -> None:
    """Delete the Job and wait, within bounds, until nothing of it is left. What cannot be deleted ends by its own deadline."""
    for resource in ("jobs.batch", "configmaps"):
        try:
            door.delete(resource, namespace, name)
        except ClusterError:
            continue
    deadline = time.monotonic() + (0 if door in _left else _GONE_SECONDS)
    while time.monotonic() < deadline:
        try:
            if not door.select("pods", namespace, f"{LABEL}={name}"):
                return
        except ClusterError:
            return
        time.sleep(POLL_SECONDS)


def sweep(door: Door, namespace: str) -> tuple[str, ...]:
    """Delete the Jobs of earlier runs that are past their deadline and still there: their names. A younger one may be another run's."""
    past = []
    for job in door.select("jobs.batch", namespace, LABEL):
        since = datetime.fromisoformat(job["metadata"]["creationTimestamp"].replace("Z", "+00:00"))
        allowed = job["spec"].get("activeDeadlineSeconds", LIFETIME) + _GONE_SECONDS
        if (datetime.now(UTC) - since).total_seconds() > allowed:
            past.append(job["metadata"]["name"])
    for name in past:
        end(door, namespace, name)
    return tuple(past)


def pod_of(door: Door, run: Throwaway, began: float) -> str | Ended | None:
    """The name of its running pod, how it ended, or None while neither; `began` is when it was started (time.monotonic).

    UnavailableError, with the cluster's own words, where there will be no pod.
    """
    _require_staying(door)
    pods = door.select("pods", run.namespace, f"{LABEL}={run.name}")
    waited = time.monotonic() - began
    if not pods and run.seen:
        return run.seen[0]
    if not pods:
        if waited > 0.5 and (said := _complaints(door, run)):
            raise UnavailableError(f"the cluster makes no pod for it: {said}")
        if waited > _SLOW_SECONDS:
            raise UnavailableError(f"after {waited:.0f} s the cluster has no pod for it")
        return None
    (pod, *_) = pods
    status = pod.get("status", {})
    found = [each for each in status.get("containerStatuses") or () if each["name"] == run.container]
    state = found[0].get("state", {}) if found else {}
    if ended := _ended(pod, run.container):
        return ended
    if status.get("phase") == "Failed":
        raise UnavailableError(f"its pod failed before it ran: {status.get('reason', '')} {status.get('message', '')}".strip())
    waiting = state.get("waiting", {})
    if waiting.get("reason") in _NEVER:
        raise UnavailableError(f"its pod does not start: {waiting['reason']}: {waiting.get('message', '')}")
    unscheduled = [each for each in status.get("conditions") or () if each["type"] == "PodScheduled" and each["status"] == "False"]
    if unscheduled and waited > _SLOW_SECONDS:
        raise UnavailableError(f"no node takes its pod: {unscheduled[0].get('message', '')}")
    return str(pod["metadata"]["name"]) if "running" in state else None


def _complaints(door: Door, run: Throwaway) -> str:
    try:
        return (door.complaints(run.namespace, run.name) or ("",))[-1]
    except ClusterError:
        return ""
