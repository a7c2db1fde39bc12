"""The findings as lines: where and what, why, what can be done about it, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from remedy.mask import visible
from tui import paint
from tui.paint import SEVERITY, Line, line

if TYPE_CHECKING:
    from remedy.rules import Fix
    from tui.found import Remark, Row
    from tui.session import Session


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


def counted(words: str, columns: int) -> list[Line]:
    """How often it was answered so; nothing where nobody tells."""
    return paint.wrapped(visible(words), columns, "title") if words else []


def owned(owners: str | None, columns: int) -> list[Line]:
    """Who else writes there; None while nobody has looked."""
    if owners is None:
        return []
    return paint.wrapped(visible(owners) or "owner: none found; a direct edit will stay", columns, "warning" if owners else "dim")


def cured(fix: Fix, *, taken: bool, others: int) -> str:
    """What a fix does, and whether it is taken."""
    what = f"safe: {fix.title}" if fix.safety == "safe" else f"unsafe: {fix.title}; {fix.why}"
    more = f"; {others} other way{'s' if others > 1 else ''} to fix it" if others else ""
    return visible(f"{'taken' if taken else 'left'}, {what}{more}")


def nothing_wrong(targets: int, remarks: int, ok: str) -> list[Line]:
    """Said of what was looked at alone."""
    found = [line((f"{ok} ", "ok"), f"nothing is wrong in {targets} Corefile{'s' if targets != 1 else ''}, by every rule that was asked")]
    return [*found, line((f"? {remarks} more could not be looked at", "warning"))] if remarks else found


def remark_line(remark: Remark, part: int) -> Line:
    """What could not be looked at or was taken on trust, in the list."""
    if part == 0:
        return line((f"? {_head(remark)}", "warning"))
    return line("  ", (visible(remark.words), "dim"))


def _head(remark: Remark) -> str:
    return "taken on trust" if remark.trusted else "not looked at"


def remark_sentence(remark: Remark, columns: int) -> list[Line]:
    """All of it, and what to do next."""
    lines = paint.wrapped(f"{_head(remark)}: {visible(remark.words)}", columns, "warning")
    return [*lines, *(paint.wrapped(visible(remark.hint), columns) if remark.hint else [])]


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
        return f"only u, on the change, takes a fix that may lose a lookup ({visible(fix.why)})"
    return ""
