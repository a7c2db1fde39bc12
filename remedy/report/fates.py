"""How a name fares, in words that all reports share: what is answered, and the clients that see the same change, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from remedy.clients.question import TYPES

if TYPE_CHECKING:
    from remedy.plan import Answer


class Fate(NamedTuple):
    """A row: who (clients, or a type of record), and what it gets before and after."""

    who: tuple[str, ...]
    before: str
    after: str


def replies(answer: Answer) -> tuple[Fate, ...]:
    """What is answered to A and to AAAA, as far as the lookup asks for them."""
    pairs = (("A", answer.before.a, answer.after.a), ("AAAA", answer.before.aaaa, answer.after.aaaa))
    fates = (Fate((type_,), _spelled(before.verdict), _spelled(after.verdict)) for type_, before, after in pairs)
    return tuple(fate for fate in fates if fate.who[0] in TYPES[answer.family])


def clients(answer: Answer) -> tuple[Fate, ...]:
    """The clients that see a change, those of the same fate in one row; where nothing changes, all of them."""
    before, after = answer.before, answer.after
    groups: dict[tuple[str, str], list[str]] = {}
    for (client, old), (_, new) in zip(before.clients, after.clients, strict=True):
        if old != new or before == after:
            groups.setdefault((_result(old), _result(new)), []).append(client)
    return tuple(Fate(tuple(names), *pair) for pair, names in groups.items())


def _spelled(verdict: str) -> str:
    """A verdict as DNS people write it: rcodes and NODATA in capitals."""
    return {"ok": "answered", "unknown": "unknown"}.get(verdict, verdict.upper())


def _result(outcome: str) -> str:
    return {"ok": "resolves", "unknown": "unknown"}.get(outcome, f"fails ({outcome})")
