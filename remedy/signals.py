"""Ctrl-C, SIGTERM and a closed terminal: before the write they end remedy, from the write on they only ask for the undo.

Whoever asks twice within a second means it: remedy leaves at once, and says what it leaves behind.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from remedy.errors import Interrupted, UndoError
from remedy.talk import say

if TYPE_CHECKING:
    from remedy.work import Event

_TWICE_SECONDS = 1.0
_CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While entered, catches the signals. `number` is the last one that came, or 0; `writing` is true from the write to the end."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.number = 0
        self.writing = False
        self._at = 0.0
        self._unfinished = ("", "")
        self._previous: list[tuple[int, Any]] = []

    def __enter__(self) -> Signals:
        self._previous = [(number, signal.signal(number, self._caught)) for number in _CAUGHT]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous:
            signal.signal(number, handler)

    def watching(self, on_event: Callable[[Event], None]) -> Callable[[Event], None]:
        """The same listener, which also learns from the events that the write begins."""

        def listen(event: Event) -> None:
            self.writing = self.writing or event.kind == "writing"
            if event.kind == "recorded":
                self._unfinished = (event.text, event.command)
            on_event(event)

        return listen

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        self.stop.set()
        if not self.writing:
            raise Interrupted(number)
        before, self._at = self._at, time.monotonic()
        if self._at - before < _TWICE_SECONDS and self._unfinished[0]:
            self._leave()

    def _leave(self) -> None:
        """Not by an exception, which what is under way would take for a reason to undo."""
        record, command = self._unfinished
        say(f"\nremedy: left at once; {record} is unfinished: the old text or the new one is live, and nobody looks after it")
        say(f"        undo it: remedy rollback {record.removeprefix('record ')}; without remedy: {command}")
        os._exit(UndoError.exit_code)
