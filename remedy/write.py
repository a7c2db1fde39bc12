"""One write, and what is live after it: a write whose answer was lost is looked at, never sent again.

Putting an old text back is the exception: it is tried until it is there, for its own test keeps it from writing over anything else.
Changes of several keys of one object are one write: all of them are live, or none.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from remedy.cluster.source import LiveSource
from remedy.errors import ClusterError, ConflictError, UndoError, UnknownOutcomeError
from remedy.journal import Record
from remedy.plan import Change
from remedy.sources.document import Target

_NOT_FOUND = 404
_RETRY_SECONDS = 1.0
_LOOKS = 3  # at what is live, before a write that got no answer counts as not carried out


class Writable(Protocol):
    """A source that can be written."""

    def text(self) -> str: ...
    def write(self, target: Target, before: str, after: str) -> None: ...


def held(changes: Sequence[Change], source: Writable) -> tuple[str, ...]:
    """What is live of each of these, in one look; "" where the key, or the whole object, is gone."""
    if isinstance(source, LiveSource):
        try:
            data = source.door.configmap(source.namespace, source.name).data
        except ClusterError as error:
            if error.status != _NOT_FOUND:
                raise
            data = {}
        return tuple(data.get(change.target.key or "", "") for change in changes)
    return (source.text(),)


def write(changes: Sequence[Change], source: Writable, timeout: float) -> None:
    """One write. Where its answer was lost, what is live now tells whether it was carried out; it is never sent again.

    ConflictError: somebody else wrote. ClusterError: refused, or not carried out. UndoError: nobody can tell what is live.
    """
    try:
        _send(changes, source)
    except UnknownOutcomeError as error:
        for _ in range(_LOOKS):  # it may still be on its way
            now = _held_by(changes, source, time.monotonic() + timeout)
            if now is None:
                raise UndoError(f"{error}; whether the change was written is not known") from None
            if now == tuple(change.after for change in changes):
                return
            if now != tuple(change.before for change in changes):
                raise ConflictError(
                    f"{error}; somebody else's text is live by now, and was left alone", "look at it: remedy diff"
                ) from None
            time.sleep(_RETRY_SECONDS)
        raise ClusterError(f"{error}; the old text is still live, nothing was written", error.hint) from None


def _send(changes: Sequence[Change], source: Writable) -> None:
    if isinstance(source, LiveSource):
        source.write_keys(changes[0].target.uid, {change.target.key or "": (change.before, change.after) for change in changes})
        return
    (change,) = changes
    source.write(change.target, change.before, change.after)


def _held_by(changes: Sequence[Change], source: Writable, deadline: float) -> tuple[str, ...] | None:
    """What is live, asked for again until the deadline while the cluster does not answer."""
    while True:
        try:
            return held(changes, source)
        except ClusterError:
            if time.monotonic() >= deadline:
                return None
            time.sleep(_RETRY_SECONDS)


def put_back(changes: Sequence[Change], source: Writable, timeout: float) -> None:
    """Write the old texts over the new ones. ConflictError where neither are live by now."""
    deadline = time.monotonic() + timeout
    back = swapped(changes)
    while True:
        try:
            _send(back, source)
            return
        except ConflictError:
            if held(back, source) == tuple(change.after for change in back):
                return
            raise
        except ClusterError as error:
            if error.status == _NOT_FOUND or time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_SECONDS)


def swapped(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The way back."""
    return tuple(change._replace(before=change.after, after=change.before, around=change.around[::-1]) for change in changes)


def noted(source: Writable, record: Record) -> Writable:
    """The same source, whose writes say which record they belong to."""
    if not isinstance(source, LiveSource):
        return source
    return source._replace(note=f"record {record.id} of {record.when} by {record.who}, remedy {record.tool_version}")
