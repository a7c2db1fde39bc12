"""What every client gets, before and after: a row for each type of record and for each group of clients that fares alike.

Names that fare alike share their rows. Under a client that fails stands what it prints, for that is what an operator has in a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from remedy.plan import texts
from remedy.report import fates
from remedy.report.text import ascii_, count, how
from tui.paint import Line, Piece, Signs, fit, line, width
from tui.views import sentence

if TYPE_CHECKING:
    from remedy.plan import Answer
    from remedy.validate.prover import Method
    from remedy.validate.verdict import Validation

State = Literal["idle", "asking", "done", "refused"]
_WHO = 0.42  # of the columns
_ROLES = {"passed": "ok", "failed": "bad", "inconclusive": "warning"}


class Judge(NamedTuple):
    """One way to validate, and how far it is: `seconds` since it began, or that it took; `why` it cannot be had."""

    method: Method
    key: str
    state: State = "idle"
    seconds: float = 0.0
    validation: Validation | None = None
    why: str = ""


def judges(found: Sequence[Judge], signs: Signs, columns: int) -> list[Line]:
    """Who has judged, who is asked and since when, and the keys of those who can be."""
    lines: list[Line] = [line(" ")]
    for each in found:
        pieces = _judge(each, signs)
        if width(lines[-1]) > 1 and width((*lines[-1], *pieces)) > columns:
            lines.append(line(" "))
        lines[-1] = (*lines[-1], *pieces, ("   ", ""))
    for each in found:
        if each.state == "refused":
            lines += sentence(f"no {each.method}: {each.why}", columns - 1, first=" ", rest="    ", role="dim")
    return lines


def _judge(judge: Judge, signs: Signs) -> Line:
    if judge.state == "asking":
        return line((f"{judge.method} ", ""), (f"asking{signs.cut} {judge.seconds:.0f} s", "title"))
    if judge.state == "refused":
        return line(f"{judge.method} {signs.no} not possible")
    if judge.validation is None:
        return line(f"{judge.method}: not asked ", (f"[{judge.key}]", "key"))
    verdict = judge.validation.verdict
    return line(f"{judge.method} ", (f"{_sign(verdict, signs)} {verdict}", _ROLES[verdict]), f" {judge.seconds:.1f} s")


def _sign(verdict: str, signs: Signs) -> str:
    return {"passed": signs.ok, "failed": signs.no}.get(verdict, "?")


def table(validation: Validation, signs: Signs, columns: int, *, everything: bool = False) -> list[Line]:
    """The answers that change, with `everything` all of them."""
    alike: dict[tuple[object, ...], list[Answer]] = {}
    for answer in validation.answers:
        if everything or answer.differs:
            key = fates.replies(answer), fates.clients(answer, everyone=True), answer.kind == "absent"
            alike.setdefault(key, []).append(answer)
    who = max(int(columns * _WHO), 24)
    side = max((columns - who - 1) // 2, 12)
    found = [line((f" {'name, and who asks':{who}}{'before':{side}}after", "title"))] if alike else []
    for answers in alike.values():
        found += [fit(line((f" {ascii_(each.shown)}", "zone"), (f"  {each.kind}", "dim")), columns, signs.cut) for each in answers]
        found += _rows(answers[0], signs, who, side, named="NAME" if len(answers) > 1 else "")
    rest = len(validation.answers) - sum(map(len, alike.values()))
    return [*found, line((f" {count(rest, 'other name')} answered as before", "dim"))] if rest else found


def verdict(validation: Validation, signs: Signs, columns: int) -> list[Line]:
    """What was concluded, how, and on what."""
    word = validation.verdict
    head = line((f" {_sign(word, signs)} {word}", f"title {_ROLES[word]}"), f" by {how(validation)}")
    reasons = (*validation.transcript, *fates.cached(validation.answers))
    return [head, *(each for words in reasons for each in sentence(words, columns - 1, first="   ", rest="     "))]


def _rows(answer: Answer, signs: Signs, who: int, side: int, *, named: str) -> list[Line]:
    """`named` stands for the name in what is printed, where the rows are those of several."""
    found: list[Line] = []
    for fate in fates.replies(answer):
        changed = "title" if fate.before != fate.after else ""
        found.append(line(f"     {fate.who[0]:{who - 4}}{fate.before:{side}}", (fate.after, changed)))
    name = answer.name.rstrip(".")
    said = {**dict(texts(answer, answer.after)), **dict(texts(answer, answer.before))}
    printed = {client: words.replace(name, named or name) for client, words in said.items()}
    for fate in fates.clients(answer, everyone=True):
        first, *others = sentence(", ".join(fate.who), who - 1, first="     ", rest="     ")
        before, after = (_outcome(words, answer.kind, signs) for words in (fate.before, fate.after))
        gap = " " * max(side - width((before,)), 1)
        found += [line(f"{first[0][0]:{who + 1}}", before, gap, after), *others]
        if (fate.before == "resolves") != (fate.after == "resolves"):
            words = dict.fromkeys(printed[each] for each in fate.who if each in printed)
            found += [each for log in words for each in sentence(f'prints "{log}"', who + 1 + side * 2, first=" " * 7, rest=" " * 9)]
    return found


def _outcome(words: str, kind: str, signs: Signs) -> Piece:
    """That a name which nobody has is not found is as it should be."""
    if words == "resolves":
        return f"{signs.ok} {words}", "ok"
    if words == "unknown":
        return f"? {words}", "warning"
    word = words.removeprefix("fails (").removesuffix(")")
    return (f"{signs.ok} {word}", "ok") if kind == "absent" else (f"{signs.no} {word}", "bad")
