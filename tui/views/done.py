"""How a change ended: what is live now, the record, the way back, and who outside the replicas may still have the old answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.paint import Line, Signs, line
from tui.views import sentence

if TYPE_CHECKING:
    from remedy.errors import RemedyError
    from remedy.journal import Record


class Outcome(NamedTuple):
    """The record, None where there was nothing to do; or the error that ended it. `rollback` is the command that undoes it."""

    record: Record | None
    error: RemedyError | None = None
    rollback: str = ""
    holders: tuple[str, ...] = ()


def lines(outcome: Outcome, signs: Signs, columns: int) -> list[Line]:
    """All of it; what to do next is below an error."""
    error, record = outcome.error, outcome.record
    if error is not None:
        state = {5: "written, and put back", 6: "the old text could not be put back"}.get(error.exit_code, "nothing was written")
        found = [line((f" {signs.no} {state}", "bad"), f"   (exit code {error.exit_code})"), line()]
        found += sentence(str(error), columns - 1, first=" ", rest="   ")
        return [*found, *(sentence(error.hint, columns - 1, first="   ", rest="   ", role="title") if error.hint else ())]
    if record is None:
        return [line((f" {signs.ok} nothing to do: that text is live already, and every replica runs it", "ok"))]
    what = "put back and verified" if record.undoes else "done and verified"
    found = [line((f" {signs.ok} {what}", "ok"), f"   record {record.id}"), line()]
    for change in record.changes:
        found += sentence(change.target.shown, columns - 1, first="   ", rest="     ")
    found += timings(record, signs)
    if outcome.rollback and not record.undoes:
        found += [line(), line(" the way back:"), *sentence(outcome.rollback, columns - 1, first="   ", rest="     ", role="title")]
        if not on_demo(record):
            found += sentence(record.undo_command, columns - 1, first="   without remedy: ", rest="     ", role="dim")
    if outcome.holders:
        found += [line(), line(" what else may still hold the old answer:")]
        found += [each for words in outcome.holders for each in sentence(words, columns - 1, first="   ", rest="     ")]
    return found


def timings(record: Record, signs: Signs) -> list[Line]:
    """When each replica had it, in seconds after the write."""
    rows = []
    for each in record.replicas:
        seconds = each.get("seconds")
        took = f"{seconds:.1f} s after the write" if isinstance(seconds, int | float) else f"never: {each.get('detail', '')}"
        sign = (signs.ok, "ok") if isinstance(seconds, int | float) else (signs.no, "bad")
        rows.append(line("   ", sign, f" {each.get('replica', '?')}: {took}"))
    return rows


def on_demo(record: Record) -> bool:
    """Is it of the embedded cluster, which no other program knows?"""
    return any(change.target.context == "demo" for change in record.changes)
