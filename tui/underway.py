"""An apply or a rollback that is under way, on a thread of its own, which nothing in the terminal may end.

Whoever leaves, by a key, a signal or a closed terminal, only asks it to stop: it then puts the old text back and proves that, and the
process lives until it has.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable

from remedy.errors import RemedyError
from remedy.journal import Record
from remedy.work import Event
from tui.views.timeline import Timeline, told

Work = Callable[[Callable[[Event], None], threading.Event], Record | None]
_FAULT = 70


class UnderWay:
    """`timeline` is what is known so far, `record` and `error` how it ended once `ended` is true; `phase_began` is monotonic
    `changed` is called on its thread.
    """

    def __init__(self, work: Work, changed: Callable[[], object]) -> None:
        self.timeline = Timeline()
        self.record: Record | None = None
        self.error: RemedyError | None = None
        self.ended = False
        self.phase_began = time.monotonic()
        self.stop = threading.Event()
        self._work = work
        self._changed = changed
        self._thread = threading.Thread(target=self._run, name="apply")
        self._thread.start()

    def _run(self) -> None:
        try:
            self.record = self._work(self._heard, self.stop)
        except RemedyError as error:
            self.error = error
        except Exception as error:
            self.error = RemedyError(
                f"a fault in remedy itself: {type(error).__name__}: {error}", "remedy history names the record and how to undo it"
            )
            self.error.exit_code = _FAULT
        self.ended = True
        self._tell()

    def _heard(self, event: Event) -> None:
        before, self.timeline = self.timeline, told(self.timeline, event)
        if self.timeline.phase != before.phase:
            self.phase_began = time.monotonic()
        self._tell()

    def _tell(self) -> None:
        """A terminal that went away is no reason to stop undoing."""
        with contextlib.suppress(Exception):
            self._changed()

    @property
    def code(self) -> int:
        """The exit code of the contract, once it has ended."""
        return self.error.exit_code if self.error else 0

    @property
    def lasting(self) -> int:
        """The code that outlives the sitting: 5 or 6 where the change was put back, or could not be; else 0."""
        return self.code if self.ended and self.code in (5, 6) else 0

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        self._thread.join()
        return self.code

    def abandon(self) -> None:
        """The terminal is gone: ask for the undo, and end the process once that is done. Returns at once."""
        self.stop.set()
        threading.Thread(target=lambda: os._exit(self.wait()), name="leaving").start()
