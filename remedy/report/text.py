"""What a person reads: findings, the table of answers, records. ASCII only; the table is 80 columns wide, or as wide as its names need.

A finding names its place as compilers do, so that editors and terminals can jump to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remedy.engine import Finding
    from remedy.journal import Record
    from remedy.plan import Answer
    from remedy.validate.model import Validation

_COLUMNS = 80


def finding(path: str, found: Finding) -> str:
    """Its place and code on the first line; below it the sentence, and what can be done about it."""
    if found.fix is None:
        cure = "no automatic fix; a person has to decide"
    elif found.fix.safety == "unsafe":
        cure = f"fix (unsafe, needs --unsafe): {found.fix.title}; {found.fix.why}"
    else:
        cure = f"fix (safe): {found.fix.title}"
    body = (line for words in (_ascii(found.message), cure) for line in _wrapped(words.split(" "), "    ", "    "))
    return "".join(f"{line}\n" for line in (f"{path}:{found.line}:{found.column}: {found.severity} {found.code} {found.name}", *body))


_KINDS = ("with a safe fix", "with a fix that needs --unsafe", "for a person")


def kind(found: Finding) -> str:
    """What can be done about a finding: one of _KINDS."""
    return _KINDS[2] if found.fix is None else _KINDS[0] if found.fix.safety == "safe" else _KINDS[1]


def findings(kinds: Mapping[str, int], targets: int) -> str:
    """How many of each kind."""
    listed = ", ".join(f"{kinds[each]} {each}" for each in _KINDS if kinds.get(each))
    return f"{count(sum(kinds.values()), 'finding')} in {count(targets, 'target')}" + (f": {listed}" if listed else "")


def count(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _ascii(words: str) -> str:
    """Every other byte as `\\DDD` (RFC 1035 section 5.1): a name in a Corefile may hold what a terminal would obey."""
    octets = words.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if 32 <= octet < 127 else f"\\{octet:03}" for octet in octets)


def answers(table: Sequence[Answer], *, everything: bool = False) -> str:
    """Names whose answers change, and the clients that notice; with `everything`, all names. Those that fare alike share their lines."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for answer in table:
        if everything or answer.before != answer.after:
            alike.setdefault(_outcome(answer), []).append(_ascii(answer.name))
    if not alike:
        return ""
    lines = ["what clients get (v4, dual, v6, absent: any name of that kind):"]
    lines += [line for outcome, names in alike.items() for line in (*(f"  {name}" for name in names), *outcome)]
    rest = len(table) - sum(len(names) for names in alike.values())
    if rest:
        lines.append(f"  {count(rest, 'other name')} answered as before")
    return "".join(f"{line}\n" for line in lines)


def _outcome(answer: Answer) -> tuple[str, ...]:
    """What is answered, and the clients that see the same change, together; where none sees one, all of them."""
    before, after = answer.before, answer.after
    groups: dict[str, list[str]] = {}
    for (client, old), (_, new) in zip(before.clients, after.clients, strict=True):
        if old != new or before == after:
            groups.setdefault(_change(_result(old), _result(new)), []).append(client)
    replies = (
        f"      A {_change(_spelled(before.a.verdict), _spelled(after.a.verdict))}",
        f"      AAAA {_change(_spelled(before.aaaa.verdict), _spelled(after.aaaa.verdict))}",
    )
    clients = ((*(f"{name}," for name in names[:-1]), f"{names[-1]}:", change) for change, names in groups.items())
    return (*replies, *(line for pieces in clients for line in _wrapped(pieces, "      ", "        ")))


def _wrapped(pieces: Iterable[str], first: str, rest: str) -> Iterator[str]:
    """The pieces with a space between them, indented, on lines of at most 80 columns; none is broken."""
    line = first
    for piece in pieces:
        if line.strip() and len(line) + len(piece) > _COLUMNS:
            yield line.rstrip()
            line = rest
        line += f"{piece} "
    yield line.rstrip()


def _change(before: str, after: str) -> str:
    return f"{before} -> {after}" if before != after else before


def _spelled(verdict: str) -> str:
    """A verdict as DNS people write it: rcodes and NODATA in capitals."""
    return {"ok": "answered", "unknown": "unknown"}.get(verdict, verdict.upper())


def _result(outcome: str) -> str:
    return {"ok": "resolves", "unknown": "unknown"}.get(outcome, f"fails ({outcome})")


def verdict(validation: Validation) -> str:
    """What was concluded, how, and on what, a sentence a line."""
    how = {"model": "model, assuming an upstream with just these names"}.get(validation.method, validation.method)
    reasons = (line for each in validation.transcript for line in _wrapped(_ascii(each).split(" "), "  ", "    "))
    return "".join(f"{line}\n" for line in (f"validation ({how}): {validation.verdict}", *reasons))


def history(records: Iterable[Record]) -> str:
    """Two lines a record, newest first."""
    return "".join(
        f"{record.when}  {record.outcome:11}  {', '.join(change.target.shown for change in record.changes)}\n"
        f"    {record.id} by {record.who}{f', undoes {record.undoes}' if record.undoes else ''}\n"
        for record in records
    )
