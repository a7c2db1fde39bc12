"""What a cache between CoreDNS and its clients makes of the answers: some deny A because AAAA was denied, to glibc and everybody.

Shown beside the verdict, never part of it: whether there is such a cache, nobody here knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from remedy.clients.caches import BY_SOURCE, CACHES, afterwards
from remedy.plan import Answer, Observed
from remedy.validate.table import as_seen

Pair = tuple[str, str]


class InFront(NamedTuple):
    """The pairs of verdicts, for A and AAAA, that clients may get of a name behind this cache, before the change and after it.

    `by_source`: read in the cache's source and never measured.
    """

    cache: str
    name: str
    before: tuple[Pair, ...]
    after: tuple[Pair, ...]
    by_source: bool

    def to_data(self) -> dict[str, Any]:
        """An entry of `caches` in `remedy.validation/1`."""
        before, after = ([{"A": a, "AAAA": aaaa} for a, aaaa in pairs] for pairs in (self.before, self.after))
        return {"cache": self.cache, "name": self.name, "before": before, "after": after, "by_source": self.by_source}


def in_front(answers: Iterable[Answer]) -> tuple[InFront, ...]:
    """Of the names that have addresses, those that some cache answers in another way than CoreDNS does."""
    found: dict[InFront, None] = {}
    for answer in answers:
        sides = (answer.before, answer.after)
        if answer.family != "UNSPEC" or not answer.name.endswith(".") or not any(_has_address(side) for side in sides):
            continue
        for cache in CACHES:
            served = [_served(cache, side) for side in sides]
            if any(each != (_pair(side),) for each, side in zip(served, sides, strict=True)):
                found[InFront(cache, answer.name, served[0], served[1], cache in BY_SOURCE)] = None
    return tuple(found)


def _served(cache: str, side: Observed) -> tuple[Pair, ...]:
    if "unknown" in _pair(side):
        return (_pair(side),)
    return afterwards(cache, {"A": as_seen(side.a), "AAAA": as_seen(side.aaaa)})


def _pair(side: Observed) -> Pair:
    return side.a.verdict, side.aaaa.verdict


def _has_address(side: Observed) -> bool:
    return "ok" in _pair(side)
