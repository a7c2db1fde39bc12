r"""Cut a Corefile into words exactly as CoreDNS does (github.com/coredns/caddy v1.1.4, caddyfile/lexer.go).

White space is Go's `unicode.IsSpace`, not Python's; a carriage return outside quotes is dropped and does not end a word; a `#` that follows
a word without a space hides only the rest of that word, not the rest of the line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Go's white space is Python's without U+001C to U+001F; a carriage return is skipped and ends nothing.
_NEXT = re.compile(
    r"(?P<gap>(?:[^\S\x1c-\x1f]+|#[^\n]*)*)"
    r'(?:"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?:(?P<closed>")|\\?\Z)'
    r'|(?P<bare>(?:[^\s#"]|[\x1c-\x1f])(?:[^\s#]+|[\x1c-\x1f\r])*)(?P<hidden>#(?:\S|[\x1c-\x1f\r])*)?)?',
    re.DOTALL,
)
_COMMENT = re.compile(r"#[^\n]*")
_ESCAPE = re.compile(r'\\"')
_INVALID = re.compile("[\udc80-\udcff]")


class Span(NamedTuple):
    """text[start:end], in code points; `file` is "" for the text itself, else the file that was imported."""

    start: int
    end: int
    file: str = ""


class Token(NamedTuple):
    """A word as CoreDNS sees it; `text` is unquoted, `line` counts from 1 and is where the word begins."""

    text: str
    start: int
    end: int
    line: int
    file: str = ""

    @property
    def span(self) -> Span:
        return Span(self.start, self.end, self.file)

    @property
    def last_line(self) -> int:
        """The line on which a quoted word ends, counted as CoreDNS does: by the line feeds in its text."""
        return self.line + self.text.count("\n")


class Words(NamedTuple):
    tokens: list[Token]
    comments: list[Span]


def lex(text: str) -> Words:
    """Every word and every comment, in order; never fails: whatever CoreDNS cannot use is found by the parser."""
    tokens: list[Token] = []
    comments: list[Span] = []
    position, line = (1, 1) if text.startswith("\ufeff") else (0, 1)
    while position < len(text):
        match = _NEXT.match(text, position)
        assert match is not None  # every part of the pattern is optional
        gap = match["gap"]
        if "#" in gap:
            comments += [Span(position + c.start(), position + c.end()) for c in _COMMENT.finditer(gap)]
        line += gap.count("\n")
        word, end = _word(match)
        start = match.end("gap")
        if word is not None:
            tokens.append(Token(_INVALID.sub("\ufffd", word), start, end, line))
        if match["hidden"]:
            comments.append(Span(*match.span("hidden")))
        line += text.count("\n", start, match.end())
        position = max(match.end(), position + 1)
    return Words(tokens, comments)


def _word(match: re.Match[str]) -> tuple[str | None, int]:
    """The word's text and where its source ends; None at the end of the file."""
    quoted, bare = match["quoted"], match["bare"]
    if quoted is not None:
        word = _ESCAPE.sub('"', quoted) if "\\" in quoted else quoted
        return (word if match["closed"] or word else None), match.end()
    if bare is not None:
        source = bare.rstrip("\r")
        return source.replace("\r", ""), match.start("bare") + len(source)
    return None, match.end()


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both count from 1; only a line feed ends a line, and the column is in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
