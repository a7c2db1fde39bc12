"""A Lease beside the ConfigMap, so that two remedies do not work on one Corefile at a time.

It is a courtesy: what protects the text is the test in the write itself. Where the right to a Lease is missing, remedy works without.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from remedy.cluster.door import Door, Json
from remedy.errors import ClusterError, ConflictError

RESOURCE = "leases.coordination.k8s.io"
_SECONDS = 60  # a remedy that died holds nobody up for longer
_RENEW_SECONDS = 15.0


class Lease:
    """Held from `take` to `release`; `renew` is called now and then. `held` is false where a right to it is missing.

    `refused` is told that, in words. A holder is written as `WHO@MACHINE process N`: one that died on this machine is not waited for.
    """

    def __init__(self, door: Door, namespace: str, configmap: str, holder: str, refused: Callable[[str], None]) -> None:
        self._door = door
        self._namespace = namespace
        self._name = f"remedy-{configmap}"
        self._holder = holder
        self._refused = refused
        self._renewed = 0.0
        self.held = False

    def take(self) -> None:
        """ConflictError where another remedy holds it."""
        try:
            self._create()
        except ClusterError as error:
            if error.status != 403:
                raise
            self._without(error)
        else:
            self.held = True
            self._renewed = time.monotonic()

    def _create(self) -> None:
        try:
            self._door.create(RESOURCE, self._namespace, {"metadata": {"name": self._name}, "spec": self._spec()})
        except ClusterError as error:
            if error.status != 409:
                raise
            self._take_over()

    def _without(self, error: ClusterError) -> None:
        self._refused(f"no Lease keeps another remedy away, the test in each write does: {error} ({error.hint})")

    def renew(self) -> None:
        """A renewal that fails is no reason to stop: the texts are tested in every write."""
        if self.held and time.monotonic() - self._renewed >= _RENEW_SECONDS:
            self._renewed = time.monotonic()
            self._patch({"spec": self._spec()})

    def release(self) -> None:
        if self.held:
            self.held = False
            error = self._patch({"spec": {"holderIdentity": ""}})
            if error and error.status == 403:
                self._refused(f"the Lease was not let go, and lasts for {_SECONDS} s: {error} ({error.hint})")

    def _patch(self, body: Json) -> ClusterError | None:
        try:
            self._door.patch(RESOURCE, self._namespace, self._name, body)
        except ClusterError as error:
            return error
        return None

    def _take_over(self) -> None:
        try:
            found = self._door.read(RESOURCE, self._namespace, self._name)
            spec: dict[str, Any] = found.get("spec") or {}
            holder = spec.get("holderIdentity")
            if (
                holder
                and not _died(holder, self._holder)
                and _age(spec.get("renewTime")) < float(spec.get("leaseDurationSeconds") or _SECONDS)
            ):
                raise ConflictError(
                    f"another remedy is at work on this Corefile: {holder}; nothing was written",
                    f"wait for it; one that died lets go within {_SECONDS} s",
                )
            version = found["metadata"]["resourceVersion"]
            self._door.patch(RESOURCE, self._namespace, self._name, {"metadata": {"resourceVersion": version}, "spec": self._spec()})
        except ClusterError as error:
            if error.status == 409:
                raise ConflictError("another remedy began to work on this Corefile just now; nothing was written", "wait for it") from None
            raise

    def _spec(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond or 1)  # the API server insists on them, and Python leaves out a nought
        return {"holderIdentity": self._holder, "leaseDurationSeconds": _SECONDS, "renewTime": now.isoformat(timespec="microseconds")}


def _died(holder: str, own: str) -> bool:
    """Was that a process of this user on this machine, and has it ended?"""
    who, _, process = holder.rpartition(" ")
    if who != own.rpartition(" ")[0] or not process.isdigit():
        return False
    if int(process) == os.getpid():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _unreaped(process)


def _unreaped(process: str) -> bool:
    """Has it ended, and nobody has asked how yet (proc(5))? In a container nobody may ever. False where the system does not tell."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[:1] == ["Z"]
    except OSError:
        return False


def _age(stamp: object) -> float:
    """Seconds since this time; endless where it is none."""
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(str(stamp))).total_seconds()
    except ValueError:
        return float("inf")
