"""What remedy says on stderr while it works: plain lines, or on a terminal a display that is painted over.

Talk must never break the work: a terminal that went away in the middle of an apply is no reason to stop undoing it.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from remedy.errors import CorefileError, RemedyError

if TYPE_CHECKING:
    from remedy.apply import Event

_TICK_SECONDS = 10.0


def say(text: str, *, end: str = "\n") -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text + end)
            sys.stderr.flush()


def report(error: RemedyError) -> None:
    """What happened, where, and what to do next."""
    place = f"{error.path or 'Corefile'}:{error.line}:{error.column}: " if isinstance(error, CorefileError) else ""
    say(f"remedy: {place}{error}")
    if error.hint:
        say(f"        {error.hint}")


class Progress:
    """Shows the events of an apply. On a terminal the line of what is awaited stays the last one and is painted over."""

    def __init__(self, *, timeout: float, quiet: bool) -> None:
        self._timeout = timeout
        self._quiet = quiet
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._painted = False
        self._ticked = 0.0

    def __call__(self, event: Event) -> None:
        if self._quiet:
            return
        if event.kind == "waiting":
            self._wait(event)
            return
        if self._painted:
            say("\r\x1b[K", end="")
            self._painted = False
        say(_line(event))

    def _wait(self, event: Event) -> None:
        seconds = event.seconds or 0.0
        text = f"  waiting: {event.text} ({seconds:.0f} of at most {self._timeout:g} s; Ctrl-C puts the old text back)"
        if self._terminal:
            say(f"\r\x1b[K{text[:79]}", end="")
            self._painted = True
        elif seconds - self._ticked >= _TICK_SECONDS:
            self._ticked = seconds
            say(text)


def _line(event: Event) -> str:
    if event.kind == "replica":
        return f"  {event.replica}: {event.text} ({event.seconds or 0:.1f} s)"
    words = {"recorded": "", "writing": "writing ", "written": "written: ", "verified": "verified: ", "undoing": "undoing: ", "undone": ""}
    return words[event.kind] + event.text
