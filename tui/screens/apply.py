"""A change on its way: a row for each replica, what is waited for, and the key that puts the old text back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.screens.page import Page, bindings
from tui.views import timeline
from tui.widgets.pane import Pane

_TICK_SECONDS = 0.5


class ApplyScreen(Page):
    NAME = "apply"
    COMMAND = "apply"
    FOOTER = ("stop",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("apply"), Binding("ctrl+c", "act('stop')", "stop", show=False, priority=True)]

    def __init__(self, command: str = COMMAND) -> None:
        super().__init__()
        self._command = command

    @property
    def command(self) -> str:
        return self._command

    def body(self) -> Iterable[Widget]:
        yield Pane(id="timeline")

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(_TICK_SECONDS, self.refresh_all)

    def on_screen_resume(self) -> None:
        """It may have ended while the keys were looked up."""
        super().on_screen_resume()
        self.remedy.call_later(self.remedy.on_told)

    def update(self) -> None:
        under_way, session = self.remedy.under_way, self.session
        if under_way is None or session is None:
            return
        pane = self.query_one("#timeline", Pane)
        pane.entitle("putting back" if under_way.timeline.undoing else "applying")
        columns = max(self.app.size.width - 4, 20)
        since = time.monotonic() - under_way.phase_began
        shown = timeline.lines(under_way.timeline, self.remedy.signs, columns, timeout=session.given.timeout, since=since)
        pane.show(shown)

    def do_stop(self) -> None:
        under_way = self.remedy.under_way
        if under_way is None or under_way.ended:
            return
        if under_way.timeline.undoing:
            self.remedy.say("the old text is being put back already; that is not interrupted")
            return
        under_way.stop.set()
        self.remedy.say("stopping: the old text is put back, and proven")

    def do_back(self) -> None:
        self.remedy.say("not possible: a change is under way; x stops it and puts the old text back", "warning")

    do_leave = do_back
