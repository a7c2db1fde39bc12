"""Which writes a plan needs, and in which order: between two of them, no lookup may fail that worked before and works after.

One object is one write, however many of its keys change. Replicas see two objects in any order until each has been brought to all of
them, so an order is worth something only because every write is proven before the next one. Each Corefile is judged by itself, the cache
on every node too: what one of them forwards to another is assumed to be answered there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from typing import NamedTuple

from remedy.corefile.tree import Corefile
from remedy.errors import ParseError, ValidationError
from remedy.plan import Change
from remedy.sources.document import Around, Target
from remedy.sources.reading import overlaid, read, whole
from remedy.validate import model
from remedy.validate.probes import Asking, assumed
from remedy.validate.prover import Case

_MOST = 120  # orders looked at: all of those of five objects, and hardly a Corefile is made of more than two
_Side = tuple[str, Around]
_Group = tuple[Change, ...]


class Write(NamedTuple):
    """The changes of one file, or of one ConfigMap for one Corefile; `before` and `after` it, that Corefile and what is around it."""

    changes: tuple[Change, ...]
    before: _Side
    after: _Side


def home(change: Change) -> Target:
    """Where the Corefile stands that CoreDNS reads this text with."""
    return change.around[0].home or change.target


def writes(changes: Sequence[Change], *, version: str | None = None, undo: bool = False) -> tuple[Write, ...]:
    """The writes in an order in which nothing is lost on the way; those of one Corefile follow each other.

    ValidationError where there is no such order. `undo`: then the last one is taken, for a way back is never refused. `version` is the
    CoreDNS release.
    """
    found: list[Write] = []
    for mine in _by_corefile(changes):
        groups = _grouped(mine)
        order = _ordered(groups, Asking(version=version), undo=undo) if len(groups) > 1 else tuple(groups)
        found += (Write(group, _after(order, count), _after(order, count + 1)) for count, group in enumerate(order))
    return tuple(found)


def at_once(changes: Sequence[Change]) -> tuple[Write, ...]:
    """As if everything that one Corefile is made of changed in one write."""
    return tuple(Write(mine, _after((mine,), 0), _after((mine,), 1)) for mine in _by_corefile(changes))


def _by_corefile(changes: Sequence[Change]) -> list[_Group]:
    found: dict[Target, list[Change]] = {}
    for change in changes:
        found.setdefault(home(change), []).append(change)
    return [tuple(each) for each in found.values()]


def _grouped(changes: Sequence[Change]) -> list[_Group]:
    objects: dict[Target, list[Change]] = {}
    for change in changes:
        place = change.target._replace(key=None) if change.target.kind == "cluster" else change.target
        objects.setdefault(place, []).append(change)
    return [tuple(each) for each in objects.values()]


def _ordered(found: list[_Group], asking: Asking, *, undo: bool) -> tuple[_Group, ...]:
    first = ""
    order = tuple(found)
    for order in islice(permutations(found), _MOST):
        lost = next(_lost(order, asking), "")
        if not lost:
            return order
        first = first or lost
    if undo:
        return order
    names = " and ".join(each[0].target.shown.rpartition("/")[0] for each in found)
    raise ValidationError(
        f"{names} cannot be changed one after the other without losing a lookup on the way: {first}; nothing was written",
        "change less at a time: --configmap NAME, --select or --ignore CODE; remedy diff shows it",
    )


def _lost(order: Sequence[_Group], asking: Asking) -> Iterator[str]:
    """What is lost after which write, in sentences."""
    sides = [_after(order, count) for count in range(len(order) + 1)]
    old, new = (read(*side) for side in (sides[0], sides[-1]))
    for count, side in enumerate(sides[1:-1], 1):
        written = ", ".join(change.target.shown for change in order[count - 1])
        try:
            between = read(*side)
        except ParseError as error:
            yield f"once {written} is written, CoreDNS does not load the whole ({error})"
            continue
        yield from (f"once {written} is written, {each}" for each in _worse(old, between, new, asking))


def _after(order: Sequence[_Group], count: int) -> _Side:
    """The Corefile and what is around it after so many of the writes."""
    done = [change for each in order[:count] for change in each]
    left = [change for each in order[count:] for change in each]
    texts = {change.around[0].own: change.after for change in done} | {change.around[0].own: change.before for change in left}
    return overlaid(*whole(left[0].before if left else done[0].before, (left or done)[0].around[0]), texts)


def _worse(old: Corefile, between: Corefile, new: Corefile, asking: Asking) -> Iterator[str]:
    """The lookups that work before and after, and fail between, or of which nobody can tell there."""
    for other in (new, between):
        lookups = assumed(old, other, asking)
        halves = (model.predict(Case(old, each, (), version=asking.version), lookups) for each in (between, new))
        for there, end in zip(*halves, strict=True):
            fates = zip(there.before.clients, there.after.clients, end.after.clients, strict=True)
            bad = {fate: client for (client, before), (_, fate), (_, after) in fates if (before, after) == ("ok", "ok") and fate != "ok"}
            yield from (f"{there.shown} is {fate} for {client}" for fate, client in bad.items())
