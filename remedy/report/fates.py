"""How a name fares, in words that all reports share: what is answered, and the clients that see the same change, together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from remedy.clients.question import TYPES
from remedy.plan import texts

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


def clients(answer: Answer, *, everyone: bool = False) -> tuple[Fate, ...]:
    """The clients that see a change, those of the same fate in one row; where nothing changes, and with `everyone`, all of them."""
    before, after = answer.before, answer.after
    groups: dict[tuple[str, str], list[str]] = {}
    for (client, old), (_, new) in zip(before.clients, after.clients, strict=True):
        if everyone or old != new or not answer.differs:
            groups.setdefault((_result(old), _result(new)), []).append(client)
    return tuple(Fate(tuple(names), *pair) for pair, names in groups.items())


def _spelled(verdict: str) -> str:
    """A verdict as DNS people write it: rcodes and NODATA in capitals."""
    return {"ok": "answered", "unknown": "unknown"}.get(verdict, verdict.upper())


def _result(outcome: str) -> str:
    return {"ok": "resolves", "unknown": "unknown"}.get(outcome, f"fails ({outcome})")


def printed(table: Sequence[Answer]) -> tuple[Fate, ...]:
    """What stands in the logs of clients whose lookups fail now and succeed after; where nothing changes at all, of those that fail."""
    found: dict[str, dict[str, None]] = {}
    still = not any(answer.differs for answer in table)
    for answer in table:
        pairs = zip(answer.before.clients, answer.after.clients, strict=True)
        healed = [client for (client, old), (_, new) in pairs if old != "ok" and (new == "ok" or still)]
        words = dict(texts(answer, answer.before)) if healed else {}
        for client in healed:
            if client in words:
                found.setdefault(words[client].replace(answer.name.rstrip("."), "NAME"), {})[client] = None
    return tuple(Fate(tuple(clients), words, words) for words, clients in found.items())


def cached(table: Sequence[Answer]) -> tuple[str, ...]:
    """Caches in front of CoreDNS that may deny an address because the other type was denied, before or after, a sentence each."""
    from remedy.validate.in_front import in_front

    denied: dict[tuple[bool, bool], tuple[dict[str, None], dict[str, None]]] = {}
    for each in in_front(table):
        old, new = (any(a == "nxdomain" for a, _ in pairs) for pairs in (each.before, each.after))
        if old or new:
            caches, names = denied.setdefault((old, new), ({}, {}))
            caches[f"{each.cache}{' (by its source, never measured)' if each.by_source else ''}"] = None
            names[each.name] = None
    when = {(True, False): "now, and not after the change", (False, True): "after the change, and not now", (True, True): "now and after"}
    return tuple(
        f"behind {', '.join(caches)} A may be denied too, {when[each]}: {', '.join(list(names)[:2])}{', ...' if len(names) > 2 else ''}"
        for each, (caches, names) in denied.items()
    )
