"""A diff as a person reads it: one column with `-` and `+`, or the two texts side by side with `!` where a line became another.

Both are read from the unified diff itself, so that no screen can show another change than the one that is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from remedy.mask import visible
from tui import paint
from tui.paint import Line, line

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ROLES = {"-": "removed", "+": "added", "@": "hunk", "=": "title", "\\": "dim"}


class Side(NamedTuple):
    """A line of one text with its number, 0 where there is none, and its sign."""

    number: int
    words: str
    sign: str


NOTHING = Side(0, "", " ")


class Row(NamedTuple):
    """A line of the diff: its sign (`=` a file's name, `@` a hunk, `\\` a remark), its words, and its number before and after."""

    sign: str
    words: str
    old: int = 0
    new: int = 0


def rows(diff: str) -> list[Row]:
    """The lines of unified diffs, secrets masked; the two lines of a file's name become one."""
    found: list[Row] = []
    old = new = gone = come = 0  # where it is in both texts, and how many lines of the hunk are still to come
    for raw in visible(diff).split("\n"):
        sign, words = raw[:1], raw[1:].removesuffix("\\r")
        if (gone or come) and sign in ("-", "+", " "):
            found.append(Row(sign, words, old if sign != "+" else 0, new if sign != "-" else 0))
            old, gone = (old + 1, gone - 1) if sign != "+" else (old, gone)
            new, come = (new + 1, come - 1) if sign != "-" else (new, come)
        elif hunk := _HUNK.match(raw):
            old, gone, new, come = (int(each) if each else 1 for each in hunk.groups())
            found.append(Row("@", raw))
        elif raw.startswith("--- "):
            found.append(Row("=", raw.removeprefix("--- a/")))
        elif raw.startswith("\\"):
            found.append(Row("\\", raw))
    return found


def unified_line(row: Row, digits: int) -> Line:
    """The number of the line after the change (before it, where it goes), the sign, the words."""
    role = _ROLES.get(row.sign, "")
    if row.sign in ("=", "@", "\\"):
        return line(("!" if row.sign == "=" else " ", role), f"{'':>{digits}} ", (row.words, role))
    return line((row.sign, role), (f"{row.new or row.old:>{digits}} ", "number"), (row.words.replace("\t", "    "), role))


def pairs(found: Sequence[Row]) -> list[tuple[Side, Side] | Row]:
    """Both texts beside each other; what is no line of either stands alone."""
    made: list[tuple[Side, Side] | Row] = []
    gone: list[Row] = []
    come: list[Row] = []

    def flush() -> None:
        for place in range(max(len(gone), len(come))):
            both = place < len(gone) and place < len(come)
            left = Side(gone[place].old, gone[place].words, "!" if both else "-") if place < len(gone) else NOTHING
            right = Side(come[place].new, come[place].words, "!" if both else "+") if place < len(come) else NOTHING
            made.append((left, right))
        gone.clear()
        come.clear()

    for row in found:
        if row.sign == "-":
            if come:
                flush()
            gone.append(row)
        elif row.sign == "+":
            come.append(row)
        else:
            flush()
            same = (Side(row.old, row.words, " "), Side(row.new, row.words, " "))
            made.append(same if row.sign == " " else row)
    flush()
    return made


def side_line(pair: tuple[Side, Side] | Row, digits: int, columns: int, signs: paint.Signs) -> Line:
    """Both sides in so many columns; what is too long is cut, with a sign."""
    if isinstance(pair, Row):
        return unified_line(pair, digits)
    half = (columns - 1) // 2
    left, right = (_half(side, digits, half, role, signs) for side, role in zip(pair, ("removed", "added"), strict=True))
    return (*left, (" " * max(half - paint.width(left), 0), ""), (signs.bar, "dim"), *right)


def _half(side: Side, digits: int, columns: int, role: str, signs: paint.Signs) -> Line:
    own = role if side.sign != " " else ""
    number = f"{side.number:>{digits}} " if side.number else " " * (digits + 1)
    painted = line((side.sign, own), (number, "number"), (side.words.replace("\t", "    "), own))
    return paint.fit(paint.told(painted, signs), columns, signs.cut)
