"""What a person reads: findings, the table of answers, records. ASCII only; the table is 80 columns wide, or as wide as its names need.

A finding names its place as compilers do, so that editors and terminals can jump to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from remedy.report import fates
from remedy.report.fates import Fate

if TYPE_CHECKING:
    from remedy.cluster.preflight import Check
    from remedy.finding import Finding
    from remedy.journal import Record
    from remedy.plan import Answer
    from remedy.rules import Fix
    from remedy.validate.verdict import Validation

_COLUMNS = 80


def finding(path: str, found: Finding) -> str:
    """Its place and code on the first line; below it the sentence, and what can be done about it."""
    silenced = found.suppressed is not None
    head = f"{path}:{found.line}:{found.column}: {found.severity} {found.code} {found.name}{' (suppressed)' if silenced else ''}"
    sentences = [found.message, *([f"suppressed: {found.suppressed}"] if silenced else _cures(found))]
    body = (line for words in sentences for line in _wrapped(ascii_(words).split(" "), "    ", "    "))
    return "".join(f"{line}\n" for line in (head, *body))


def _cures(found: Finding) -> Iterator[str]:
    """What can be done about it; nothing has to be done about what is only said."""
    if found.fix is not None:
        yield f"fix {_cure(found.fix)}"
    elif found.severity != "info":
        yield "no automatic fix; a person has to decide"
    for other in found.alternatives:
        yield f"or --fix {found.code}={other.name} {_cure(other)}"


def _cure(fix: Fix) -> str:
    return f"(safe): {fix.title}" if fix.safety == "safe" else f"(unsafe, needs --unsafe): {fix.title}; {fix.why}"


def findings(kinds: Mapping[str, int], targets: int) -> str:
    """How many of each kind, and in how many targets."""
    listed = ", ".join(f"{kinds[each]} {each}" for each in _KINDS if kinds.get(each))
    return f"{count(sum(kinds.values()), 'finding')} in {count(targets, 'target')}" + (f": {listed}" if listed else "")


_KINDS = ("with a safe fix", "with a fix that needs --unsafe", "for a person", "for your information", "suppressed")


def kind(found: Finding) -> str:
    """What can be done about a finding: one of _KINDS."""
    if found.suppressed is not None:
        return "suppressed"
    if found.fix is not None:
        return "with a safe fix" if found.fix.safety == "safe" else "with a fix that needs --unsafe"
    return "for your information" if found.severity == "info" else "for a person"


def count(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def ascii_(words: str) -> str:
    """Every other byte as `\\DDD` (RFC 1035 section 5.1): a name in a Corefile may hold what a terminal would obey."""
    octets = words.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if 32 <= octet < 127 else f"\\{octet:03}" for octet in octets)


def answers(table: Sequence[Answer], *, everything: bool = False) -> str:
    """Names whose answers change, and the clients that notice; with `everything`, all names. Those that fare alike share their lines."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for answer in table:
        if everything or answer.differs:
            alike.setdefault(_outcome(answer), []).append(ascii_(answer.shown))
    if not alike:
        return ""
    lines = ["what clients get (v4, dual, v6, absent: any name of that kind):"]
    lines += [line for outcome, names in alike.items() for line in (*(f"  {name}" for name in names), *outcome)]
    rest = len(table) - sum(len(names) for names in alike.values())
    if rest:
        lines.append(f"  {count(rest, 'other name')} answered as before")
    logs = [(*(f"{name}," for name in each.who[:-1]), f"{each.who[-1]}:", f'"{ascii_(each.before)}"') for each in fates.printed(table)]
    if logs:
        lines.append("  in the logs of those that fail now:")
        lines += [line for pieces in logs for line in _wrapped(pieces, "      ", "        ")]
    lines += [line for each in fates.cached(table) for line in _wrapped(each.split(" "), "  ", "    ")]
    return "".join(f"{line}\n" for line in lines)


def _outcome(answer: Answer) -> tuple[str, ...]:
    """What is answered, and the clients that see the same change, together; where none sees one, all of them."""
    replies = (f"      {each.who[0]} {_change(each)}" for each in fates.replies(answer))
    clients = ((*(f"{name}," for name in each.who[:-1]), f"{each.who[-1]}:", _change(each)) for each in fates.clients(answer))
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


def _change(fate: Fate) -> str:
    return f"{fate.before} -> {fate.after}" if fate.before != fate.after else fate.before


def how(validation: Validation) -> str:
    """By what it was judged."""
    return {"model": "model, assuming an upstream with just these names"}.get(validation.method, validation.method)


def verdict(validation: Validation) -> str:
    """What was concluded, how, and on what, a sentence a line."""
    return f"validation ({how(validation)}): {validation.verdict}\n" + "".join(listed(each) for each in validation.transcript)


def today(validation: Validation) -> str:
    """What the answers are, where there is no change to judge."""
    by = "the replicas" if validation.method == "live" else f"by the {how(validation)}"
    return f"nothing to change, so nothing was judged: this is what clients get today ({by})\n" + "".join(
        listed(each) for each in validation.transcript if validation.method == "live"
    )


def listed(sentence: str) -> str:
    """A sentence of a list, indented, over as many lines as it needs."""
    return "".join(f"{line}\n" for line in _wrapped(ascii_(sentence).split(" "), "  ", "    "))


def history(records: Iterable[Record]) -> str:
    """Two lines a record, newest first."""
    return "".join(
        f"{record.when}  {record.outcome:11}  {', '.join(change.target.shown for change in record.changes)}\n"
        f"    {record.id} by {record.who}{f', undoes {record.undoes}' if record.undoes else ''}\n"
        for record in records
    )


def checks(title: str, found: Iterable[Check]) -> str:
    """What was looked at, a line each with its state in front; hints below, commands and YAML in them as they are."""
    lines = [title]
    for check in found:
        lines += _wrapped(ascii_(f"{check.name}: {check.text}").split(" "), f"  {check.state:8} ", " " * 13)
        for hint in check.hint.splitlines():
            literal = hint.startswith(("- ", "  ", "kubectl "))
            lines += [f"{'':11}{hint}"] if literal else _wrapped(ascii_(hint).split(" "), " " * 11, " " * 13)
    return "".join(f"{line}\n" for line in lines)
