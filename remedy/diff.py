"""A unified diff of two texts that holds nothing but the change.

Hunks come from the edits where they are known: a matcher that sees only the two texts may pair one changed block with an identical
neighbour and print both. Lines end at LF only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from remedy.corefile.edit import Edit

CONTEXT = 3


class _Region(NamedTuple):
    """old[i1:i2] becomes new[j1:j2], in lines."""

    i1: int
    i2: int
    j1: int
    j2: int


def unified(before: str, after: str, path: str, edits: Iterable[Edit] | None = None) -> str:
    """`--- a/PATH`, `+++ b/PATH` and hunks with three lines of context; "" where nothing changes. `edits` turn before into after."""
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    outer = [_whole(old, new)] if edits is None else list(_edited(before, edits))
    regions = _joined(inner for region in outer for inner in _refine(old, new, region))
    path = path.removeprefix("/")  # `a//etc/…` would name nothing for patch -p1
    end = "\t\n" if any(char.isspace() for char in path) else "\n"  # without the tab, patch takes a name up to its first blank
    out = [f"--- a/{path}{end}", f"+++ b/{path}{end}"]
    for group in _hunks(regions):
        out += _render(old, new, group)
    return "".join(out)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    tail = lines.pop()
    return [line + "\n" for line in lines] + ([tail] if tail else [])


def _whole(old: list[str], new: list[str]) -> _Region:
    """Everything but the lines that both texts begin and end with."""
    limit = min(len(old), len(new))
    start = next((place for place in range(limit) if old[place] != new[place]), limit)
    end = next((place for place in range(limit - start) if old[-1 - place] != new[-1 - place]), limit - start)
    return _Region(start, len(old) - end, start, len(new) - end)


def _edited(before: str, edits: Iterable[Edit]) -> Iterator[_Region]:
    """The whole lines that each edit touches, edits of neighbouring lines together."""
    shift = 0
    merged: list[list[int]] = []  # first line, line behind the last, growth in lines
    for edit in sorted(set(edits)):
        first = before.count("\n", 0, edit.start)
        last = before.count("\n", 0, edit.end)
        growth = edit.new.count("\n") - before.count("\n", edit.start, edit.end)
        if merged and first < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last + 1)
            merged[-1][2] += growth
        else:
            merged.append([first, last + 1, growth])
    size = len(_lines(before))
    for first, behind, growth in merged:
        # An edit that deletes up to a line's start leaves that line alone; _refine drops it from the region again.
        yield _Region(first, min(behind, size), first + shift, max(first + shift, behind + shift + growth))
        shift += growth


def _refine(old: list[str], new: list[str], region: _Region) -> Iterator[_Region]:
    """The lines inside a region that really differ."""
    i1, i2, j1, j2 = region
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, old[i1:i2], new[j1:j2], autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Region(i1 + a1, i1 + a2, j1 + b1, j1 + b2)


def _joined(regions: Iterable[_Region]) -> list[_Region]:
    """Regions with no line between them are one: all its lines out, then all in."""
    joined: list[_Region] = []
    for region in regions:
        if joined and joined[-1].i2 == region.i1:
            joined[-1] = _Region(joined[-1].i1, region.i2, joined[-1].j1, region.j2)
        else:
            joined.append(region)
    return joined


def _hunks(regions: list[_Region]) -> Iterator[list[_Region]]:
    """Regions whose context would touch share a hunk."""
    group: list[_Region] = []
    for region in regions:
        if group and region.i1 - group[-1].i2 > 2 * CONTEXT:
            yield group
            group = []
        group.append(region)
    if group:
        yield group


def _render(old: list[str], new: list[str], group: list[_Region]) -> Iterator[str]:
    before = min(CONTEXT, group[0].i1)
    behind = min(CONTEXT, len(old) - group[-1].i2)
    i1, i2 = group[0].i1 - before, group[-1].i2 + behind
    j1, j2 = group[0].j1 - before, group[-1].j2 + behind
    yield f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@\n"
    place = i1
    for region in group:
        yield from _marked(" ", old[place : region.i1])
        yield from _marked("-", old[region.i1 : region.i2])
        yield from _marked("+", new[region.j1 : region.j2])
        place = region.i2
    yield from _marked(" ", old[place:i2])


def _marked(sign: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    """A hunk's range as `diff -u` writes it: an empty one names the line before it."""
    length = end - start
    return str(start + 1) if length == 1 else f"{start + 1 if length else start},{length}"
