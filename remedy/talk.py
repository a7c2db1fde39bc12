"""What remedy says on stderr while it works: plain lines, or on a terminal a display that is painted over.

Talk must never break the work: a terminal that went away in the middle of an apply is no reason to stop undoing it.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from remedy.errors import ParseError, RemedyError
from remedy.mask import visible

if TYPE_CHECKING:
    from remedy.sources.find import Counts
    from remedy.work import Event

_TICK_SECONDS = 10.0
_PAINT_SECONDS = 0.1


def say(text: str, *, end: str = "\n") -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text + end)
            sys.stderr.flush()


def report(error: RemedyError) -> None:
    """What happened, where, and what to do next."""
    place = f"{error.path or 'Corefile'}:{error.line}:{error.column}: " if isinstance(error, ParseError) else ""
    say(visible(f"remedy: {place}{error}"))
    if isinstance(error, ParseError) and error.excerpt:
        say(visible("".join(f"        {line}\n" for line in error.excerpt.split("\n"))), end="")
    if error.hint:
        say(visible("".join(f"        {line}\n" for line in error.hint.split("\n"))), end="")


class Counting:
    """Shows on a terminal how far a search is, as one line that is painted over; anywhere else, nothing: its sum is said at the end."""

    def __init__(self, *, quiet: bool) -> None:
        self._shows = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._painted = False
        self._next = 0.0

    def __call__(self, counts: Counts) -> None:
        if not self._shows or (now := time.monotonic()) < self._next:
            return
        self._next = now + _PAINT_SECONDS
        refused = f", {counts.refused} refused" if counts.refused else ""
        say(f"\r\x1b[K  {counts.looked_at:,} files looked at, {counts.taken:,} with a Corefile{refused}"[:82], end="")
        self._painted = True

    def clear(self) -> None:
        """Take the line away, for what is to be said or printed now."""
        if self._painted:
            say("\r\x1b[K", end="")
            self._painted = False


class Progress:
    """Shows the events of an apply. On a terminal the line of what is awaited stays the last one and is painted over."""

    def __init__(self, *, timeout: float, quiet: bool) -> None:
        self._timeout = timeout
        self._quiet = quiet
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._painted = False
        self._ticked = 0.0
        self._way_out = "; Ctrl-C undoes"

    def __call__(self, event: Event) -> None:
        if self._quiet or event.kind == "step":
            return
        if event.kind == "waiting":
            self._wait(event)
            return
        if event.kind == "undoing":
            self._way_out = ""
        if self._painted:
            say("\r\x1b[K", end="")
            self._painted = False
        say(visible(_line(event)))

    def _wait(self, event: Event) -> None:
        seconds = event.seconds or 0.0
        text = f"  {event.text}; {seconds:.0f} of at most {self._timeout:g} s{self._way_out}"
        if self._terminal:
            say(f"\r\x1b[K{text[:79]}", end="")
            self._painted = True
        elif seconds - self._ticked >= _TICK_SECONDS:
            self._ticked = seconds
            say(text)


def _line(event: Event) -> str:
    if event.kind == "replica":
        return f"  {event.replica}: {event.text} ({event.seconds or 0:.1f} s)"
    words = {"writing": "writing ", "written": "written: ", "verified": "verified: ", "undoing": "undoing: ", "note": "  "}
    return words.get(event.kind, "") + event.text
