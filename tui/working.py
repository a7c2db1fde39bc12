"""What blocks runs on threads here, one thing at a time, and what is awaited or was said stands above the footer.

A thread is never waited for when the application ends: what it may still hear from a slow API server changes nothing any more.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text
from textual.app import App
from textual.message import Message

from remedy.errors import RemedyError
from remedy.mask import visible
from tui import paint
from tui.paint import Line, Signs, line
from tui.screens.page import Page
from tui.screens.trouble import TroubleScreen

if TYPE_CHECKING:
    from tui.session import Session


class Busy(NamedTuple):
    """What is under way, since when (monotonic), and how long it can take at most (seconds, 0 where nobody knows)."""

    what: str
    since: float
    limit: float = 0.0


class Done(Message):
    """A thread came to its end, with a result or with an error."""

    def __init__(self, busy: Busy, then: Callable[[Any], None], result: Any, error: Exception | None) -> None:
        super().__init__()
        self.busy, self.then, self.result, self.error = busy, then, result, error


class Aside(Message):
    """Something more is known."""


class Working(App[int]):
    """`session` is None until the first look is done; `said` is what was said last."""

    def __init__(self, palette: str, signs: Signs) -> None:
        self.palette = palette
        super().__init__()
        self.animation_level = "none"  # a page that glides is painted twenty times, which a slow line shows one by one
        self.signs = signs
        self.session: Session | None = None
        self.busy: Busy | None = None
        self.said = ""
        self._said_role = ""

    def text(self, lines: Iterable[Line]) -> Text:
        return paint.text((paint.told(each, self.signs) for each in lines), self.palette)

    def note(self) -> Line:
        """The line above the footer: what is awaited, else what was said last, else what others did."""
        if self.busy:
            seconds = time.monotonic() - self.busy.since
            limit = f" of at most {self.busy.limit:.0f} s" if self.busy.limit else " s"
            return line(f" {self.busy.what}: {seconds:.0f}{limit}; esc stops waiting")
        if self.said:
            return line((f" {self.said} ", self._said_role))
        if self.session and self.session.stale:
            return line((f" r plans it again: {visible(self.session.stale)} ", "alert"))
        return ()

    def say(self, words: str, role: str = "") -> None:
        """In the line above the footer, until the next key."""
        self.said, self._said_role = visible(words), role
        self._repaint_lines()

    def work(self, what: str, call: Callable[[], Any], then: Callable[[Any], None], *, limit: float = 0.0, instead: bool = False) -> None:
        """Do it on a thread, and `then` here with its result; one thing at a time, or `instead` of what is under way."""
        if self.busy and not instead:
            self.say(f"not possible: still {self.busy.what}", "warning")
            return
        busy = self.busy = Busy(what, time.monotonic(), limit)

        def run() -> None:
            try:
                result, error = call(), None
            except Exception as raised:
                result, error = None, raised
            self.post_message(Done(busy, then, result, error))

        threading.Thread(target=run, name=what, daemon=True).start()
        self._repaint_lines()

    def on_done(self, done: Done) -> None:
        if done.busy is not self.busy:  # nobody waits for it any more
            return
        self.busy = None
        if isinstance(done.error, RemedyError):
            self.trouble(done.error)
        elif done.error is not None:
            raise done.error
        else:
            done.then(done.result)
            self.update()

    def trouble(self, error: RemedyError) -> None:
        """Show what went wrong, and what to do next."""
        if isinstance(self.screen, TroubleScreen):
            self.screen.error = error
            self.update()
        else:
            self.push_screen(TroubleScreen(error))

    def update(self) -> None:
        """Let the screen show what the session holds now."""
        if self.screen_stack and isinstance(self.screen, Page):
            self.screen.refresh_all()

    def aside(self, call: Callable[[], None]) -> None:
        """Do it on a thread that nobody waits for; what fails there is not known, and that is all."""

        def run() -> None:
            with contextlib.suppress(RemedyError):
                call()
                self.post_message(Aside())

        threading.Thread(target=run, name="aside", daemon=True).start()

    def on_aside(self) -> None:
        self.update()

    def _tick(self) -> None:
        if self.busy:
            self._repaint_lines()

    def _repaint_lines(self) -> None:
        if self.screen_stack and isinstance(self.screen, Page) and self.screen.whole:
            self.screen.refresh_lines()
