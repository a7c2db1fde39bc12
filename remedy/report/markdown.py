"""What a reviewer reads beside a change: the diff, a table of the answers, the verdict; Markdown as GitHub and GitLab show it.

Everything that comes from a Corefile stands in code spans or a fence longer than any in it: a comment there must not become a heading here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from remedy.report import fates
from remedy.report.text import ascii_, count, how

if TYPE_CHECKING:
    from remedy.finding import Finding
    from remedy.plan import Answer, Plan
    from remedy.validate.verdict import Validation


def review(plan: Plan, validation: Validation | None) -> str:
    """A whole plan: what changes and why, what it does to the answers, and the verdict."""
    changes = [change for change in plan.changes if change.before != change.after]
    judged = f", validation {validation.verdict}" if validation else ""
    way = f", {plan.releases}" if plan.releases else ""
    pieces = [f"### CoreDNS: {count(len(changes), 'change')}{_plain(way)}{judged}\n"]
    for change in plan.shown:
        pieces.append(f"**{_code(change.target.shown)}**\n")
        taken = [f"- fixed: {each.code} {each.name} (line {each.line}): {_plain(each.message)}\n" for each in change.fixed]
        pieces.append("".join([*taken, *map(_left, change.left)]))
        pieces.append(_fenced(change.diff) if change.diff else "")
    pieces.append(verdict(validation) if validation else "")
    pieces.append(f"fingerprint `{plan.fingerprint}`\n" if changes else "")
    return "\n".join(piece for piece in pieces if piece)


def _left(found: Finding) -> str:
    what = f"{found.code} {found.name} (line {found.line}): {_plain(found.message)}"
    return f"- left: {what}\n" if found.suppressed is None else f"- suppressed: {what}; {_plain(found.suppressed)}\n"


def verdict(validation: Validation, *, everything: bool = False) -> str:
    """The table of answers, and what was concluded from it."""
    reasons = "".join(f"- {_plain(each)}\n" for each in validation.transcript)
    return f"{answers(validation.answers, everything=everything)}\n**Validation ({how(validation)}): {validation.verdict}**\n\n{reasons}"


def answers(table: Sequence[Answer], *, everything: bool = False) -> str:
    """A row for each type and each group of clients; names that are answered as before are counted."""
    shown = [answer for answer in table if everything or answer.differs]
    lines = ["| name | who asks | before | after |", "|---|---|---|---|"]
    for answer in shown:
        name = f"{_code(answer.shown)} ({answer.kind})"
        for fate in (*fates.replies(answer), *fates.clients(answer)):
            same = fate.before == fate.after
            who = ", ".join(f"`{each}`" for each in fate.who)
            lines.append(f"| {name} | {who} | {fate.before} | {fate.after if same else f'**{fate.after}**'} |")
            name = ""
    rest = len(table) - len(shown)
    notes = [f"{count(rest, 'other name')} answered as before."] if rest else []
    if shown:
        notes += [f"In the logs of {', '.join(map(_code, each.who))}: {_code(each.before)}" for each in fates.printed(table)]
        notes += [f"{_plain(each[0].upper() + each[1:])}." for each in fates.cached(table)]
    return "".join(f"{line}\n" for line in (*(lines if shown else ()), *(["", *(f"- {note}" for note in notes)] if notes else ())))


def _plain(words: str) -> str:
    """A sentence of ours that may quote a Corefile: nothing in it is markup."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", ascii_(words))


def _code(words: str) -> str:
    """In a code span, in a cell of a table."""
    fence = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    space = " " if "`" in words else ""
    return f"{fence}{space}{ascii_(words).replace('|', '&#124;')}{space}{fence}" if words else ""


def _fenced(diff: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", diff)), default=0))
    return f"{fence}diff\n{diff}{'' if diff.endswith(chr(10)) else chr(10)}{fence}\n"
