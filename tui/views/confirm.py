"""What an operator has to know before a change is written: where, how much, how it was judged, and what stands against it.

The fingerprint is that of the plan: what is confirmed here is written, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from remedy.mask import visible
from tui.paint import Line, Signs, line
from tui.views import sentence
from tui.widgets.difference import rows

if TYPE_CHECKING:
    from remedy.plan import Change, Plan
    from remedy.validate.verdict import Validation


_REASONS = 3


class Question(NamedTuple):
    """A plan that is about to be written. `undoes`: the record that it takes back; `owners`, `warnings`: a sentence each.

    `dropped` says of changes that are left out why they are, `advice` what to change at their owners' instead, as text to copy; `refused`
    why nothing can be written at all.
    """

    plan: Plan
    validation: Validation | None = None
    owners: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    undoes: str = ""
    refused: str = ""
    advice: str = ""


def lines(asked: Question, signs: Signs, columns: int) -> list[Line]:
    """What is written where, what speaks against it, and how it was judged."""
    found: list[Line] = []
    verb = "put back" if asked.undoes else "write"
    for change in asked.plan.changes:
        where = f" in context {change.target.context}" if change.target.context else ""
        found += sentence(f"{verb} {change.target.shown}{where}", columns - 1, first=" ", rest="   ", role="title")
        minus, plus = size(change)
        found.append(line("   ", (f"-{minus}", "removed"), " ", (f"+{plus}", "added"), " lines"))
    if asked.undoes:
        found += sentence(f"this takes back the change of record {asked.undoes}", columns - 1, first=" ", rest="   ")
    for owner in asked.owners:
        found += sentence(f"! owner: {owner}", columns - 1, first=" ", rest="   ", role="warning")
    for warning in (*asked.warnings, *asked.dropped):
        found += sentence(f"! {warning}", columns - 1, first=" ", rest="   ", role="warning")
    found += [line(), *_judged(asked, signs, columns), line(f" fingerprint {asked.plan.fingerprint}"), line()]
    if asked.refused:
        return [*found, *sentence(f"{signs.no} {asked.refused}", columns - 1, first=" ", rest="   ", role="bad"), *_advice(asked)]
    found += sentence(
        "The record comes first, then the write; every replica is followed until it answers by the new text, and if one does not, "
        "the old text is put back and proven.",
        columns - 1,
        first=" ",
        rest=" ",
    )
    return [*found, *_advice(asked)]


def _advice(asked: Question) -> list[Line]:
    """As it is, to be copied: nothing of it is wrapped."""
    lines = [line(f"   {each}") for each in visible(asked.advice).rstrip("\n").split("\n")]
    return [line(), line((" what to change instead:", "title")), *lines] if asked.advice else []


def question(asked: Question | None, signs: Signs) -> Line:
    """What is asked, which is always in view."""
    if asked is None:
        return line((f" still looking{signs.cut}", "dim"))
    if asked.refused:
        return line((f" {signs.no} it cannot be {'put back' if asked.undoes else 'written'}  ", "bad"), ("esc", "key"), " back")
    return line((" put it back?  " if asked.undoes else " write it?  ", "title"), ("y", "key"), " yes   ", ("n", "key"), " no, the default")


def _judged(asked: Question, signs: Signs, columns: int) -> list[Line]:
    found = asked.validation
    if found is None:
        return [line((" ? not validated", "warning"))]
    sign, role = {"passed": (signs.ok, "ok"), "failed": (signs.no, "bad")}.get(found.verdict, ("?", "warning"))
    told = [each for each in found.transcript if asked.undoes or "will succeed" in each]
    more = [f"and {len(told) - _REASONS} more"] if len(told) > _REASONS else []
    reasons = [each for words in (*told[:_REASONS], *more) for each in sentence(words, columns - 1, first="   ", rest="     ")]
    return [line((f" {sign} validation by {found.method}: {found.verdict}", role)), *reasons]


def size(change: Change) -> tuple[int, int]:
    """How many lines go and come."""
    signs = [row.sign for row in rows(change.diff)]
    return signs.count("-"), signs.count("+")
