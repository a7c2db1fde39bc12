"""What is wrong, where, and why: the findings of everything that was read, with the source of the one under the cursor beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from remedy.mask import visible
from tui import paint
from tui.paint import SEVERITY, Line, line
from tui.screens.page import Page, bindings
from tui.widgets.pane import Listing, Pane
from tui.widgets.source import Mark, lines_of, source_line

if TYPE_CHECKING:
    from remedy.rules import Fix
    from tui.session import Row, Session


class FindingsScreen(Page):
    NAME = "findings"
    FOOTER = ("change", "take", "filter", "again", "export")
    BINDINGS: ClassVar[list[BindingType]] = bindings("findings")

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._several = False

    def body(self) -> Iterable[Widget]:
        yield Horizontal(Listing(id="list", height=2), Pane(id="source"), id="both")
        yield Static(id="sentence")

    def update(self) -> None:
        session, listing = self.session, self.query_one("#list", Listing)
        if session is None or not session.documents:
            listing.border_title = "findings"
            return
        self._rows = [row for row in session.rows if self.words.lower() in words_of(row)]
        self._several = len(session.documents) > 1
        listing.border_title = summed(session.rows) if not self.words else f"{len(self._rows)} of {len(session.rows)} findings"
        listing.list(len(self._rows), self._line)
        self.query_one("#source", Pane).border_title = ""
        self._show()

    def _line(self, item: int, part: int, columns: int) -> Line:
        session = self.session
        assert session is not None
        row = self._rows[item]
        return paint.highlighted(row_line(row, session, part, columns, several=self._several), self.words)

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        cursor = self.query_one("#list", Listing).cursor
        return self._rows[cursor] if cursor < len(self._rows) else None

    def on_listing_moved(self) -> None:
        self._show()

    def _show(self) -> None:
        """The source and the sentence of the finding under the cursor."""
        session, row, pane = self.session, self.row, self.query_one("#source", Pane)
        assert session is not None
        columns = max(self.app.size.width - 4, 10)
        if row is None:
            shown = session.documents[0]
            words = nothing_wrong(len(session.documents), self.remedy.signs.ok) if not session.rows else nothing_found(self.words)
            self.query_one("#sentence", Static).update(self.remedy.text([words]))
        else:
            found = session.document(row.target)
            assert found is not None
            shown = found
            self.query_one("#sentence", Static).update(self.remedy.text(sentence(row, session, columns)))
        lines = lines_of(shown.text)
        digits = len(str(len(lines)))
        mark = None
        if row is not None:
            finding = row.finding
            mark = Mark(finding.line, finding.column, finding.end_line, finding.end_column, SEVERITY.get(finding.severity, "~"))
        pane.border_title = visible(shown.target.shown)
        pane.present(len(lines), lambda number, _: source_line(lines, number, mark, digits), max(map(len, lines), default=0) + digits + 4)
        if row is not None:
            pane.reveal(row.finding.line - 1)

    def found(self) -> None:
        self.query_one("#list", Listing).go(0)

    def step(self, by: int) -> None:
        listing = self.query_one("#list", Listing)
        listing.go((listing.cursor + by) % max(len(self._rows), 1))

    def do_take(self) -> None:
        session, row = self.session, self.row
        if session is None or row is None:
            return
        why = not_to_take(row, session)
        if why:
            self.remedy.say(f"not possible: {why}", "warning")
            return
        session.leave(session.left ^ {row.finding.id})
        self.refresh_all()


def summed(rows: Sequence[Row]) -> str:
    """`findings: 1 error, 2 notes`."""
    counts = [(sum(row.finding.severity == severity for row in rows), word) for severity, word in _KINDS]
    listed = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)
    return f"findings: {listed}" if listed else "findings: none"


_KINDS = (("error", "error"), ("warning", "warning"), ("info", "note"))


def row_line(row: Row, session: Session, part: int, columns: int, *, several: bool) -> Line:
    """A finding in the list: sign, code, place and whether it is taken; below, the name of what is wrong."""
    finding = row.finding
    role = finding.severity if finding.suppressed is None else "dim"
    if part == 0:
        taken = "[x]" if session.takes(finding) else "[ ]" if finding.fixable else "   "
        head = line((f"{SEVERITY.get(finding.severity, '~')} {finding.code}", role), f"  {row.block}  line {finding.line}")
        head = paint.fit(head, columns - 4)
        return (*head, (" " * max(columns - 3 - paint.width(head), 1), ""), (taken, "key"))
    words = finding.name.replace("-", " ") if finding.suppressed is None else f"suppressed: {finding.suppressed}"
    place = f"{visible(row.target.shown)}: " if several else ""
    return line("  ", (place, "dim"), (visible(words), "" if finding.suppressed is None else "dim"))


def sentence(row: Row, session: Session, columns: int) -> list[Line]:
    """Why it is wrong, and what can be done about it."""
    finding = row.finding
    lines = paint.wrapped(visible(finding.message), columns)
    if finding.suppressed is not None:
        return [*lines, *paint.wrapped(f"suppressed: {visible(finding.suppressed)}", columns, "dim")]
    fix = session.fix_of(finding)
    if fix is None:
        cure = "" if finding.severity == "info" else "no automatic fix; a person has to decide"
        return [*lines, *(paint.wrapped(cure, columns, "dim") if cure else [])]
    return [*lines, *paint.wrapped(cured(fix, taken=session.takes(finding), others=len(finding.alternatives)), columns, "ok")]


def cured(fix: Fix, *, taken: bool, others: int) -> str:
    """What a fix does, and whether it is taken."""
    what = f"safe: {fix.title}" if fix.safety == "safe" else f"unsafe: {fix.title}; {fix.why}"
    more = f"; {others} other way{'s' if others > 1 else ''} to fix it" if others else ""
    return visible(f"{'taken' if taken else 'left'}, {what}{more}")


def nothing_wrong(targets: int, ok: str) -> Line:
    return line((f"{ok} ", "ok"), f"nothing is wrong in {targets} Corefile{'s' if targets != 1 else ''}, by every rule that was asked")


def nothing_found(words: str) -> Line:
    return line(("no finding holds: ", "dim"), visible(words))


def words_of(row: Row) -> str:
    """What a filter looks in."""
    finding = row.finding
    return f"{finding.code} {finding.name} {finding.message} {finding.severity} {row.block} line {finding.line} {row.target.shown}".lower()


def not_to_take(row: Row, session: Session) -> str:
    """Why its fix cannot be taken; "" where it can."""
    finding = row.finding
    if finding.suppressed is not None:
        return f"a comment in the Corefile says to leave it: {visible(finding.suppressed)}"
    fix = session.fix_of(finding)
    if fix is None:
        return "it has no automatic fix; a person has to decide"
    if fix.safety == "unsafe" and not session.given.unsafe:
        return f"its fix may lose a lookup ({visible(fix.why)}); start with --unsafe to take it"
    return ""
