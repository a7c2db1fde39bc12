"""A text as it stands in its file: line numbers, the colours of its words, and the place that a finding is about.

The colours are of one line at a time and only decorate: what CoreDNS reads is decided by its lexer, not here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from remedy.mask import visible
from tui.paint import Line, Piece, overlaid

_WORDS = re.compile(r'\s+|#.*|"(?:[^"\\]|\\.)*"?|[^\s#]\S*')


class Mark(NamedTuple):
    """What is marked: lines and columns count from 1, ends are exclusive; `sign` stands in the gutter."""

    line: int
    column: int
    end_line: int
    end_column: int
    sign: str

    def on(self, number: int) -> tuple[int, int] | None:
        """The columns of this line that are marked, from 0; None for none."""
        last = self.end_line if self.end_column > 1 else self.end_line - 1
        if not self.line <= number <= max(last, self.line):
            return None
        start = self.column - 1 if number == self.line else 0
        return start, self.end_column - 1 if number == self.end_line else 1 << 30


def lines_of(text: str) -> list[str]:
    """Split at LF only; the last one is left out where the text ends with LF."""
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def source_line(lines: list[str], number: int, mark: Mark | None, digits: int) -> Line:
    """One line with its number (from 0), secrets masked, escape sequences spelled out."""
    raw = lines[number].removesuffix("\r")
    marked = mark.on(number + 1) if mark else None
    sign = mark.sign if mark and marked else " "
    gutter: Line = ((f"{sign} ", "error" if sign == "!" else "warning"), (f"{number + 1:>{digits}} ", "number"))
    shown = visible(raw)
    if shown == raw:
        body = coloured(raw)
        if marked:
            indent = len(raw) - len(raw.lstrip())
            body = overlaid(body, max(marked[0], indent), min(marked[1], len(raw)), "mark")
    else:
        body = ((shown, "mark" if marked else ""),)
    return (*gutter, *((words.replace("\t", "    "), role) for words, role in body))


def coloured(words: str) -> Line:
    """The roles of the words of a line."""
    found: list[Piece] = []
    first = True
    for match in _WORDS.finditer(words):
        word = match[0]
        if word.isspace():
            found.append((word, ""))
            continue
        role = "comment" if word.startswith("#") else "string" if word.startswith('"') else "brace" if word in ("{", "}") else ""
        if not role and first:
            role = "zone" if words[0] == word[0] and not words[0].isspace() else "keyword"
        first = first and role in ("brace", "comment")
        found.append((word, role))
    return tuple(found)
