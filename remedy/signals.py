"""Ctrl-C, SIGTERM and a closed terminal: before the write they end remedy, from the write on they only ask for the undo."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from remedy.errors import Interrupted

if TYPE_CHECKING:
    from remedy.apply import Event

_CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While entered, catches the signals. `number` is the last one that came, or 0; `writing` is true from the write to the end."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.number = 0
        self.writing = False
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
            on_event(event)

        return listen

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        self.stop.set()
        if not self.writing:
            raise Interrupted(number)
