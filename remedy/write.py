"""One write, and what is live after it: a write whose answer was lost is looked at, never sent again.

Putting an old text back is the exception: it is tried until it is there, for its own test keeps it from writing over anything else.
"""

from __future__ import annotations

import time
from typing import Protocol

from remedy.cluster.source import LiveSource
from remedy.errors import ClusterError, ConflictError, UndoError, UnknownOutcomeError
from remedy.journal import Record
from remedy.plan import Change
from remedy.sources.document import Target

_RETRY_SECONDS = 1.0
_LOOKS = 3  # at what is live, before a write that got no answer counts as not carried out


class Writable(Protocol):
    """A source that can be written."""

    def text(self) -> str: ...
    def write(self, target: Target, before: str, after: str) -> None: ...


def write(change: Change, source: Writable, timeout: float) -> None:
    """One write. Where its answer was lost, what is live now tells whether it was carried out; it is never sent again.

    ConflictError: somebody else wrote. ClusterError: refused, or not carried out. UndoError: nobody can tell what is live.
    """
    try:
        source.write(change.target, change.before, change.after)
    except UnknownOutcomeError as error:
        for _ in range(_LOOKS):  # it may still be on its way
            now = _text_by(source, time.monotonic() + timeout)
            if now is None:
                raise UndoError(f"{error}; whether the change was written is not known") from None
            if now == change.after:
                return
            if now != change.before:
                raise ConflictError(
                    f"{error}; somebody else's text is live by now, and was left alone", "look at it: remedy diff"
                ) from None
            time.sleep(_RETRY_SECONDS)
        raise ClusterError(f"{error}; the old text is still live, nothing was written", error.hint) from None


def _text_by(source: Writable, deadline: float) -> str | None:
    """What is live, asked for again until the deadline while the cluster does not answer."""
    while True:
        try:
            return source.text()
        except ClusterError:
            if time.monotonic() >= deadline:
                return None
            time.sleep(_RETRY_SECONDS)


def put_back(change: Change, source: Writable, timeout: float) -> None:
    """Write the old text over the new one. ConflictError where neither is live by now."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            source.write(change.target, change.after, change.before)
            return
        except ConflictError:
            if source.text() == change.before:
                return
            raise
        except ClusterError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_SECONDS)


def noted(source: Writable, record: Record) -> Writable:
    """The same source, whose writes say which record they belong to."""
    if not isinstance(source, LiveSource):
        return source
    return source._replace(note=f"record {record.id} of {record.when} by {record.who}, remedy {record.tool_version}")
