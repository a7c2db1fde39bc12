"""The records: the list at the left, the one under the cursor whole at the right; a rollback goes the way of every change.

A record that says `started` and whose process is gone was cut off: it is shown first of all when remedy starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from tui.actions import Action
from tui.paint import Line, line
from tui.screens.confirm import ConfirmScreen
from tui.screens.page import Page, bindings
from tui.views import records
from tui.widgets.pane import Listing, Pane

if TYPE_CHECKING:
    from remedy.journal import Record


class HistoryScreen(Page):
    NAME = "history"
    COMMAND = "history"
    FOOTER = ("rollback", "finish", "copy_command")
    BINDINGS: ClassVar[list[BindingType]] = bindings("history")

    def __init__(self) -> None:
        super().__init__()
        self._records: Sequence[Record] = ()
        self._read = False

    def equal(self, action: Action) -> str:
        return f"rollback {self.record.id}" if action.name == "rollback" and self.record else action.command

    def body(self) -> Iterable[Widget]:
        yield Horizontal(Listing(id="list", height=2), Pane(id="record"), id="both")

    def on_mount(self) -> None:
        super().on_mount()
        if self.session is not None:
            self.remedy.work("reading the records", self.session.history, self._heard)

    def _heard(self, _found: object) -> None:
        self._read = True

    def update(self) -> None:
        session, listing = self.session, self.query_one("#list", Listing)
        if session is None:
            return
        self._records = session.records
        listing.entitle(f"records: {len(self._records)}")
        listing.list(len(self._records), self._line)
        self._show()

    def _line(self, item: int, part: int, columns: int) -> Line:
        return records.item(self._records[item], part, self.remedy.signs, columns)

    @property
    def record(self) -> Record | None:
        """The one under the cursor."""
        cursor = self.query_one("#list", Listing).cursor
        return self._records[cursor] if cursor < len(self._records) else None

    def on_listing_moved(self) -> None:
        self._show()

    def _show(self) -> None:
        session, record, pane = self.session, self.record, self.query_one("#record", Pane)
        assert session is not None
        if record is None:
            shown = [line((" no change was recorded yet" if self._read else " the records have not been read", "dim"))]
        else:
            columns = max(pane.size.width - 3, 24)
            shown = records.whole(record, self.remedy.signs, columns, rollback=session.command(f"rollback {record.id}"))
        pane.entitle("record")
        pane.show(shown)
        pane.scroll_home(animate=False)

    def do_rollback(self) -> None:
        record = self.record
        if record is None:
            self.remedy.say("not possible: there is no record", "warning")
        elif record.outcome in ("rolled-back", "failed"):
            said = "was taken back already" if record.outcome == "rolled-back" else "failed, and its change was put back then"
            self.remedy.say(f"not possible: that change {said}", "warning")
        elif self.remedy.free():
            self.app.push_screen(ConfirmScreen(record))

    def do_finish(self) -> None:
        session, record = self.session, self.record
        if session is None or record is None or record.outcome != "started":
            self.remedy.say("not possible: only a record that was cut off can be finished", "warning")
            return
        from tui import verbs

        self.remedy.begin(lambda on_event, stop: verbs.finish(session, record, on_event, stop))
