"""The change in words: how many there are and how they are written, and what is done about each finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from remedy.mask import visible
from tui import paint
from tui.paint import SEVERITY, Line, line

if TYPE_CHECKING:
    from remedy.rules import Fix
    from tui.found import Row
    from tui.session import Session
    from tui.widgets import difference


def summary(session: Session, shown: Sequence[difference.Row]) -> Line:
    """How many changes, how they are written, how safe they are, and the size of the diff that is shown."""
    given = session.given
    pieces = [f" style: {given.style}", f"SOA: {'yes' if given.soa else 'no'}", f"unsafe fixes: {'yes' if given.unsafe else 'no'}"]
    if session.plan is None:
        return line(("  ".join(pieces), ""), ("  planning", "dim"))
    changes = session.pending.changes
    gone, come = (sum(sign == row.sign for row in shown) for sign in "-+")
    count = f" {len(changes)} change{'s' if len(changes) != 1 else ''} "
    return line((count, "title"), "  ".join(pieces), "  ", (f"-{gone} ", "removed"), (f"+{come} ", "added"), "lines")


def taken_line(row: Row, session: Session, columns: int) -> Line:
    """A finding, whether it is taken, and by which fix."""
    finding, fix = row.finding, session.fix_of(row.finding)
    taken = "[x]" if session.takes(finding) else "[ ]" if finding.fixable else "   "
    sign = SEVERITY.get(finding.severity, "~")
    where = f"{visible(row.target.shown)} " if len(session.documents) > 1 else ""
    head = line((f"{taken} ", "key"), (f"{sign} {finding.code}", finding.severity), f" {where}line {finding.line}  ")
    return paint.fit((*head, *how(fix, finding.suppressed, len(finding.alternatives))), columns)


def how(fix: Fix | None, suppressed: str | None, others: int) -> Line:
    """The fix in words."""
    if suppressed is not None:
        return line((f"suppressed: {visible(suppressed)}", "dim"))
    if fix is None:
        return line(("no automatic fix", "dim"))
    more = f" (f: {others} other way{'s' if others > 1 else ''})" if others else ""
    return line((fix.safety, "ok" if fix.safety == "safe" else "warning"), f": {visible(fix.title)}", (more, "dim"))


def why_nothing(session: Session) -> str:
    """Why there is no change."""
    if session.left:
        return "nothing to change: every finding that has a fix is left"
    if session.plan is not None and session.plan.moves and not any(row.finding.wrong for row in session.rows):
        return f"nothing to change for CoreDNS {session.plan.to}; a shows what it answers beside the release before"
    unsafe = any(row.finding.fixable for row in session.rows)
    if unsafe and not session.given.unsafe:
        return "nothing to change: what there is may lose a lookup; u takes unsafe fixes too"
    return "nothing to change: no finding has an automatic fix" if session.rows else "nothing to change: nothing is wrong"
