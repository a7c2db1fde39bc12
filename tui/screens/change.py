"""Exactly what would be written: the diff, which findings it takes, and how their fixes are written.

Every choice plans anew, so that what is shown is always the plan that an apply would take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui import paint
from tui.paint import Line, line
from tui.screens.page import Page, bindings
from tui.views import change as views
from tui.views.findings import not_to_take
from tui.widgets import difference
from tui.widgets.pane import Listing, Pane

if TYPE_CHECKING:
    from tui.found import Row
    from tui.session import Session

_STYLES = ("documented", "explicit", "minimal")
_MOST_ROWS = 6


class ChangeScreen(Page):
    NAME = "change"
    COMMAND = "diff"
    FOOTER = ("answers", "apply", "take", "style", "side_by_side")
    BINDINGS: ClassVar[list[BindingType]] = bindings("change")

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._diff: list[difference.Row] = []
        self._pairs: list[tuple[difference.Side, difference.Side] | difference.Row] = []
        self._planned: tuple[object, object] | None = None  # what was planned last, or could not be
        self._beside = False
        self._at = -1  # the line of the diff that a search came to
        self._shown = ""

    def body(self) -> Iterable[Widget]:
        yield Static(id="summary")
        yield Listing(id="taken")
        yield Pane(id="diff")

    def on_mount(self) -> None:
        super().on_mount()
        self.plan()

    def plan(self) -> None:
        """Plan what is chosen now, if that has not been done."""
        session = self.session
        if session is None or session.plan is not None:
            return
        choice = (session.documents, session.chosen)
        if self._planned is None or self._planned[0] is not choice[0] or self._planned[1] != choice[1]:
            self._planned = choice
            self.remedy.work("planning", session.make_plan, lambda _: None, instead=True)

    def update(self) -> None:
        session, columns = self.session, max(self.app.size.width, 10)
        assert session is not None
        listing, pane = self.query_one("#taken", Listing), self.query_one("#diff", Pane)
        self._rows = session.rows
        listing.styles.height = min(len(self._rows), _MOST_ROWS if self.app.size.height >= 30 else 4) + listing.gutter.height
        listing.entitle("findings taken and left")
        listing.list(len(self._rows), lambda item, _, width: views.taken_line(self._rows[item], session, width))
        if session.plan is None:
            self._sum(session, columns)
            pane.entitle("planning")
            if self.remedy.busy is None:
                self.plan()
            return
        diff = "".join(change.diff for change in session.pending.changes)
        if diff != self._shown or not self._diff:
            self._shown, self._diff = diff, difference.rows(diff)
            self._pairs = difference.pairs(self._diff)
            self._at = -1
        self._sum(session, columns)
        pane.entitle(", ".join(filter(None, ("side by side" if self._beside else "diff", session.plan.releases))))
        self._paint(pane, session)

    def _sum(self, session: Session, columns: int) -> None:
        summed = paint.fit(views.summary(session, self._diff), columns, self.remedy.signs.cut)
        self.query_one("#summary", Static).update(self.remedy.text([summed]))

    def _paint(self, pane: Pane, session: Session) -> None:
        found = self._diff
        digits = len(str(max((max(row.old, row.new) for row in found), default=1)))
        if not found:
            words = views.why_nothing(session)
            pane.present(1, lambda _, columns: paint.fit(line(f" {words}"), columns))
        elif self._beside:
            both = self._pairs
            signs = self.remedy.signs
            pane.present(len(both), lambda number, columns: self._found(difference.side_line(both[number], digits, columns, signs)))
        else:
            widest = max(paint.reach(row.words) for row in found) + digits + 4
            pane.present(len(found), lambda number, _: self._found(difference.unified_line(found[number], digits)), widest)

    def _found(self, painted: Line) -> Line:
        return paint.highlighted(painted, self.words)

    def found(self) -> None:
        self._at = -1
        self.step(1)

    def step(self, by: int) -> None:
        """To the next line of the diff that holds the words."""
        words = self.words.lower()
        held = [number for number, texts in enumerate(self._texts()) if any(words in text.lower() for text in texts)] if words else []
        following = [number for number in held if number > self._at] if by > 0 else [number for number in held if number < self._at]
        if not held:
            self.remedy.say(f"no line of the diff holds: {self.words}" if words else "")
            return
        self._at = (following[0] if by > 0 else following[-1]) if following else held[0 if by > 0 else -1]
        self.query_one("#diff", Pane).reveal(self._at)
        self.remedy.say(f"{held.index(self._at) + 1} of {len(held)} lines that hold: {self.words}")

    def _texts(self) -> list[tuple[str, ...]]:
        if self._beside:
            return [(each.words,) if isinstance(each, difference.Row) else (each[0].words, each[1].words) for each in self._pairs]
        return [(row.words,) for row in self._diff]

    @property
    def row(self) -> Row | None:
        """The finding under the cursor."""
        cursor = self.query_one("#taken", Listing).cursor
        return self._rows[cursor] if cursor < len(self._rows) else None

    def on_listing_moved(self) -> None:
        """Show the part of the diff that is about this finding."""
        row, session = self.row, self.session
        if row is None or session is None:
            return
        name = ""
        for number, shown in enumerate(self._pairs if self._beside else self._diff):
            if isinstance(shown, difference.Row) and shown.sign == "=":
                name = shown.words
            old = shown.old if isinstance(shown, difference.Row) else shown[0].number
            if name == row.target.shown and row.finding.line <= old:
                self.query_one("#diff", Pane).reveal(number)
                return

    def do_take(self) -> None:
        session, row = self.session, self.row
        if session is None or row is None:
            return
        why = not_to_take(row, session)
        if why:
            self.remedy.say(f"not possible: {why}", "warning")
            return
        session.leave(session.left ^ {row.finding.id})
        self._again()

    def do_style(self) -> None:
        if self.session:
            place = _STYLES.index(self.session.given.style)
            self.session.choose(style=_STYLES[(place + 1) % len(_STYLES)])
            self._again()

    def do_soa(self) -> None:
        if self.session:
            self.session.choose(soa=not self.session.given.soa)
            self._again()

    def do_unsafe(self) -> None:
        if self.session:
            self.session.choose(unsafe=not self.session.given.unsafe)
            self._again()

    def do_other_fix(self) -> None:
        """The next of the ways to fix the finding under the cursor; behind the last comes the first."""
        session, row = self.session, self.row
        if session is None or row is None:
            return
        finding = row.finding
        fixes = [fix for fix in (finding.fix, *finding.alternatives) if fix is not None]
        if len(fixes) < 2:
            self.remedy.say(f"not possible: there is {'one way' if fixes else 'no way'} to fix {finding.code}", "warning")
            return
        following = fixes[(fixes.index(session.fix_of(finding) or fixes[0]) + 1) % len(fixes)]
        kept = tuple(each for each in session.given.fix if each[0] != finding.id)
        session.choose(fix=kept if following is finding.fix else (*kept, (finding.id, following.name)))
        self._again()

    def do_side_by_side(self) -> None:
        self._beside = not self._beside
        self.update()

    def _again(self) -> None:
        self.update()
        self.plan()
