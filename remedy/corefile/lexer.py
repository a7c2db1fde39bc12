r"""Cut a Corefile into words exactly as CoreDNS does (github.com/coredns/caddy v1.1.4, caddyfile/lexer.go).

White space is Go's `unicode.IsSpace`, not Python's; a carriage return outside quotes is dropped and does not end a word; a `#` that follows
a word without a space hides only the rest of that word, not the rest of the line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Go's white space is Python's without U+001C to U+001F; a carriage return is skipped and ends nothing. Possessive throughout: a word of a
# megabyte leaves nothing to go back to. Groups: 1 the gap, 2 quoted text, 3 what closes it, 4 a bare word, 5 what a glued # hides.
_NEXT = re.compile(
    r"((?:[^\S\x1c-\x1f]++|#[^\n]*+)*+)"
    r'(?:"((?:[^"\\]++|\\.)*+)("|\\?\Z)|((?:[^\s"]|[\x1c-\x1f])(?:[^\s#]++|[\x1c-\x1f\r]++)*+)(#(?:\S|[\x1c-\x1f\r])*+)?)?',
    re.DOTALL,
)
_COMMENT = re.compile(r"#[^\n]*")
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


_new = tuple.__new__  # what Token(…) comes to, in half the time: nothing here is called more often


class Words(NamedTuple):
    tokens: list[Token]
    comments: list[Span]


def lex(text: str, file: str = "") -> Words:
    """Every word and every comment, in order; never fails: whatever CoreDNS cannot use is found by the parser."""
    tokens: list[Token] = []
    comments: list[Span] = []
    invalid = _INVALID.search(text) is not None
    line = 1
    for match in _NEXT.finditer(text, text.startswith("\ufeff")):
        gap, quoted, closed, bare, hidden = match.groups()
        start = match.end(1)
        if gap and gap != " ":
            line += gap.count("\n")
            if "#" in gap:
                offset = match.start()
                comments += [Span(offset + c.start(), offset + c.end(), file) for c in _COMMENT.finditer(gap)]
        end, at = match.end(), line
        if bare is not None:
            word = bare
            end = start + len(bare)
            if "\r" in bare:
                end -= len(bare) - len(bare.rstrip("\r"))
                word = bare.replace("\r", "")
            if hidden:
                comments.append(Span(*match.span(5), file))
        elif quoted or closed == '"':
            word = quoted.replace('\\"', '"') if "\\" in quoted else quoted
            line += quoted.count("\n")
        else:
            continue
        if invalid:
            word = _INVALID.sub("\ufffd", word)
        tokens.append(_new(Token, (word, start, end, at, file)))
    return Words(tokens, comments)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both count from 1; only a line feed ends a line, and the column is in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
