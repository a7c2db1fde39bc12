"""What stays on the normal screen when a sitting ends: where it was, what was found, what was changed, and the way back. One screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remedy.mask import visible

if TYPE_CHECKING:
    from remedy.errors import RemedyError
    from remedy.journal import Record
    from tui.found import Row
    from tui.session import Session
    from tui.underway import UnderWay

_MOST = 5


def summary(session: Session, under_way: UnderWay | None = None) -> str:
    """At most some twenty lines of ASCII; `under_way` is the change that was begun last, which may have been put back."""
    return "".join(f"{line}\n" for line in _lines(session, under_way.error if under_way else None))


def _lines(session: Session, error: RemedyError | None) -> Iterator[str]:
    place = session.place
    yield visible(f"remedy: {', '.join(each for each in (place.name, place.context, place.version, place.mode) if each)}")
    rows = session.rows
    kinds = {word: sum(row.finding.severity == word for row in rows) for word in ("error", "warning", "info")}
    listed = ", ".join(f"{number} {word}" for word, number in kinds.items() if number)
    yield f"  found: {listed or 'nothing'}"
    yield from (f"    {_row(row)}" for row in rows[:_MOST])
    if len(rows) > _MOST:
        yield f"    and {len(rows) - _MOST} more: {session.command('scan')}"
    if session.unseen:
        yield f"  not looked at: {session.unseen}"
    for record in session.written[-_MOST:]:
        yield from _record(record, session)
    if error is not None:
        yield visible(f"  the last change: {error}" + (f"; {error.hint}" if error.hint else ""))
    elif not session.written:
        yield "  nothing was written"
    if not session.written:
        if session.pending.changes:
            yield visible(f"  the change that was planned: {session.command('diff')}")
    elif session.stale:
        yield visible(f"  {session.stale}")


def _row(row: Row) -> str:
    finding = row.finding
    return visible(f"{finding.code} {finding.name}, {row.target.shown}:{finding.line}" + (" (suppressed)" if finding.suppressed else ""))


def _record(record: Record, session: Session) -> Iterator[str]:
    what = "put back" if record.undoes else "changed"
    names = ", ".join(change.target.shown for change in record.changes)
    yield visible(f"  {what}: {names}")
    yield visible(f"    record {record.id}, {record.outcome}")
    if record.undoes is None and record.outcome == "applied":
        yield visible(f"    undo it with: {session.command(f'rollback {record.id}')}")
