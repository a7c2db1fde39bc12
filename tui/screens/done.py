"""How a change ended, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from tui.paint import line
from tui.screens.page import Page, bindings
from tui.views import done, timeline
from tui.views.done import Outcome
from tui.widgets.pane import Pane


class DoneScreen(Page):
    NAME = "done"
    COMMAND = "history"
    FOOTER = ("history", "copy_command")
    BINDINGS: ClassVar[list[BindingType]] = bindings("done")

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome

    @property
    def command(self) -> str:
        """The way back, where there is one."""
        record = self.outcome.record
        return f"rollback {record.id}" if record and not record.undoes else self.COMMAND

    def body(self) -> Iterable[Widget]:
        yield Pane(id="done")

    def update(self) -> None:
        under_way, session = self.remedy.under_way, self.session
        pane = self.query_one("#done", Pane)
        pane.entitle("how it ended")
        columns = max(self.app.size.width - 4, 20)
        shown = done.lines(self.outcome, self.remedy.signs, columns)
        if self.outcome.error is not None and under_way is not None and session is not None and under_way.timeline.replicas:
            steps = timeline.lines(under_way.timeline, self.remedy.signs, columns, timeout=session.given.timeout)
            shown = [*shown, line(), line((" what happened", "title")), *steps]
        pane.show(shown)

    def do_back(self) -> None:
        """To the findings, read anew: what is live is another text now."""
        self.remedy.home()
