"""Show a person a place in a text: its line and a caret below.

A line may hold anything, tabs and control characters too, and be a megabyte long; the caret still has to stand below the right column.
"""

from __future__ import annotations

WIDTH = 120


def excerpt(text: str, line: int, column: int) -> str:
    """Two lines: the source line (a long one only around the place) and a caret below the column; both count from 1."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    end = text.find("\n", start)
    first = max(start, start + column - 1 - WIDTH // 2)
    shown = text[first : min(end if end >= 0 else len(text), first + WIDTH)].rstrip("\r")
    before = shown[: start + column - 1 - first]
    caret = "".join("\t" if char == "\t" else " " for char in before) + "^"
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in shown) + "\n" + caret
