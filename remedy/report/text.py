"""What a person reads: findings, the table of answers, records. ASCII only; the table is 80 columns wide, or as wide as its names need.

A finding names its place as compilers do, so that editors and terminals can jump to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remedy.engine import Finding
    from remedy.journal import Record
    from remedy.plan import Answer
    from remedy.validate.model import Validation

_COLUMNS = 80


def finding(path: str, found: Finding) -> str:
    """One line for the finding, one for what can be done about it."""
    head = f"{path}:{found.line}:{found.column}: {found.severity} {found.code} {found.name}: {_ascii(found.message)}\n"
    if found.fix is None:
        return f"{head}    no automatic fix; a person has to decide\n"
    if found.fix.safety == "unsafe":
        return f"{head}    fix: {found.fix.title} (unsafe: {found.fix.why}; taken only with --unsafe)\n"
    return f"{head}    fix: {found.fix.title} (safe)\n"


def count(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _ascii(words: str) -> str:
    """Every other byte as `\\DDD` (RFC 1035 section 5.1): a name in a Corefile may hold what a terminal would obey."""
    octets = words.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if 32 <= octet < 127 else f"\\{octet:03}" for octet in octets)


def answers(table: Sequence[Answer], *, everything: bool = False) -> str:
    """Names whose answers change, before and after, with the clients that notice; with `everything`, all names."""
    shown = [answer for answer in table if everything or answer.before != answer.after]
    lines: list[str] = []
    width = max((len(_ascii(answer.name)) for answer in shown), default=0)
    for answer in shown:
        for type_, before, after in (("A", answer.before.a, answer.after.a), ("AAAA", answer.before.aaaa, answer.after.aaaa)):
            name = _ascii(answer.name) if type_ == "A" else ""
            lines.append(_row(name, width, type_, before.verdict, after.verdict))
        for clients, old, new in _clients(answer, everything=everything):
            lines += _wrapped([*(f"{client}," for client in clients[:-1]), f"{clients[-1]}: {old}" + (f" -> {new}" if new != old else "")])
    rest = len(table) - len(shown)
    if rest:
        lines.append(f"{count(rest, 'other name')} answered as before")
    return "".join(f"{line}\n" for line in lines)


def _wrapped(pieces: Iterable[str]) -> list[str]:
    """The pieces on lines of at most 80 columns, indented; no piece is broken."""
    lines = ["   "]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) > _COLUMNS:
            lines.append("     ")
        lines[-1] += f" {piece}"
    return lines


def _row(name: str, width: int, type_: str, before: str, after: str) -> str:
    change = f"{_spelled(before)} -> {_spelled(after)}" if before != after else _spelled(before)
    return f"  {name:{width}}  {type_:4}  {change}"


def _spelled(verdict: str) -> str:
    """A verdict as DNS people write it: rcodes and NODATA in capitals."""
    return {"ok": "answered", "unknown": "unknown"}.get(verdict, verdict.upper())


def _clients(answer: Answer, *, everything: bool) -> Iterable[tuple[list[str], str, str]]:
    """Clients that see the same, together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for (client, old), (_, new) in zip(answer.before.clients, answer.after.clients, strict=True):
        groups.setdefault((old, new), []).append(client)
    return [(clients, old, new) for (old, new), clients in groups.items() if everything or old != new]


def verdict(validation: Validation) -> str:
    """One line: what was concluded, how, and on what."""
    sentence = validation.transcript[-1] if validation.transcript else "nothing to judge"
    return f"validation ({validation.method}): {validation.verdict}; {_ascii(sentence)}\n"


def history(records: Iterable[Record], paths: Iterable[str]) -> str:
    """A line a record, newest first."""
    return "".join(
        f"{record.id}  {record.when}  {record.outcome:11}  {path}  by {record.who}"
        + (f"  undoes {record.undoes}" if record.undoes else "")
        + "\n"
        for record, path in zip(records, paths, strict=True)
    )
