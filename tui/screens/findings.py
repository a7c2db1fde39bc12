"""What is wrong, where, and why: the findings of everything that was read, with the source of the one under the cursor beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from tui import paint
from tui.paint import SEVERITY, Line
from tui.screens.page import Page, bindings
from tui.views import findings as views
from tui.widgets.pane import Listing, Pane
from tui.widgets.source import Mark, lines_of, source_line

if TYPE_CHECKING:
    from remedy.sources.document import Document
    from tui.found import Remark, Row


class FindingsScreen(Page):
    NAME = "findings"
    FOOTER = ("change", "take", "answers", "filter", "history")
    BINDINGS: ClassVar[list[BindingType]] = bindings("findings")

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._remarks: Sequence[Remark] = ()
        self._document: Document | None = None  # whose lines these are
        self._source: list[str] = []
        self._widest = 0

    def body(self) -> Iterable[Widget]:
        yield Horizontal(Listing(id="list", height=2), Pane(id="source"), id="both")
        yield Static(id="sentence")

    def update(self) -> None:
        session, listing = self.session, self.query_one("#list", Listing)
        if session is None or not session.documents:
            listing.entitle("findings")
            return
        words = self.words.lower()
        self._rows = [row for row in session.rows if words in views.words_of(row)]
        self._remarks = [each for each in session.remarks if words in each.words.lower()]
        listing.entitle(views.summed(session.rows) if not words else f"{len(self._rows)} of {len(session.rows)} findings")
        listing.list(len(self._rows) + len(self._remarks), self._line)
        self._show()

    def _line(self, item: int, part: int, columns: int) -> Line:
        session, rows = self.session, self._rows
        assert session is not None
        if item >= len(rows):
            return paint.highlighted(views.remark_line(self._remarks[item - len(rows)], part), self.words)
        several = len(session.documents) > 1
        return paint.highlighted(views.row_line(rows[item], session, part, columns, several=several), self.words)

    @property
    def row(self) -> Row | None:
        """The finding under the cursor."""
        cursor = self.query_one("#list", Listing).cursor
        return self._rows[cursor] if cursor < len(self._rows) else None

    def on_listing_moved(self) -> None:
        self._show()

    def _show(self) -> None:
        """The source and the sentence of what is under the cursor."""
        session, row, columns = self.session, self.row, max(self.app.size.width - 4, 10)
        assert session is not None
        place = self.query_one("#list", Listing).cursor - len(self._rows)
        shown = session.documents[0]
        if row is not None:
            shown = session.document(row.target) or shown
            told = views.counted(session.counted.get((row.target, row.finding.id), ""), columns)
            lines = [*views.sentence(row, session, columns), *told, *views.owned(session.owners.get(row.target), columns)]
        elif place < len(self._remarks):
            lines = views.remark_sentence(self._remarks[place], columns)
        elif session.rows:
            lines = [views.nothing_found(self.words)]
        else:
            lines = views.nothing_wrong(len(session.documents) - session.refused, session.unseen, self.remedy.signs.ok)
        self.query_one("#sentence", Static).update(self.remedy.text(lines))
        self._show_source(shown, row)

    def _show_source(self, document: Document, row: Row | None) -> None:
        pane = self.query_one("#source", Pane)
        if document is not self._document:
            self._document, self._source = document, lines_of(document.text)
            self._widest = max(map(paint.reach, self._source), default=0)
        lines, digits, mark = self._source, len(str(len(self._source))), None
        if row is not None:
            finding = row.finding
            mark = Mark(finding.line, finding.column, finding.end_line, finding.end_column, SEVERITY.get(finding.severity, "~"))
        pane.entitle(document.target.shown)
        pane.present(len(lines), lambda number, _: source_line(lines, number, mark, digits), self._widest + digits + 4)
        if row is not None:
            pane.reveal(row.finding.line - 1)

    def found(self) -> None:
        self.query_one("#list", Listing).go(0)

    def step(self, by: int) -> None:
        listing = self.query_one("#list", Listing)
        listing.go((listing.cursor + by) % max(len(self._rows) + len(self._remarks), 1))

    def do_take(self) -> None:
        session, row = self.session, self.row
        if session is None or row is None:
            return
        why = views.not_to_take(row, session)
        if why:
            self.remedy.say(f"not possible: {why}", "warning")
            return
        session.leave(session.left ^ {row.finding.id})
        self.refresh_all()
