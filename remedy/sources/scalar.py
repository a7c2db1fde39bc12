"""One YAML scalar: which characters of the raw text stand for which characters of the value, for every scalar style.

A value is not a slice of the file: an escape, a fold or a CRLF is one character written as several, and indentation is none at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

BREAK = r"(?:\r\n|\r|\n)"
_FOLD = rf"{BREAK}(?:[ \t]*{BREAK})*[ \t]*"
_HEX = "[0-9a-fA-F]"
_PAIR = rf"\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"
_ESCAPE = rf"\\x{_HEX}{{2}}|\\u{_HEX}{{4}}|\\U{_HEX}{{8}}|\\[^\r\n]"
_FLOW = {
    '"': re.compile(rf"(?P<fold>[ \t]*{_FOLD})|(?P<skip>\\{_FOLD})|(?P<char>{_PAIR}|{_ESCAPE})|[ \t]+|[^\\ \t\r\n]+"),
    "'": re.compile(rf"(?P<fold>[ \t]*{_FOLD})|(?P<char>'')|[ \t]+|[^' \t\r\n]+"),
    "": re.compile(rf"(?P<fold>[ \t]*{_FOLD})|[ \t]+|[^ \t\r\n]+"),
}
# YAML 1.2.2 §5.7; `/` is JSON's.
_NAMED = dict(zip('0abt\tnvfre "/\\N_LP', '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029', strict=True))
_HEADER = re.compile(rf"[|>](?:(?P<c1>[+-])(?P<i1>[1-9])?|(?P<i2>[1-9])(?P<c2>[+-])?)?(?P<rest> *(?:#[^\r\n]*)?(?:{BREAK}|\Z))")
_ROW = re.compile(rf"(?P<spaces> *)[^\r\n]*(?P<stop>{BREAK}|\Z)")


class Span(NamedTuple):
    """Where a scalar stands, from its first character (quote, | or >); a block scalar's indentation indicator counts from `base`."""

    start: int
    end: int
    style: str
    base: int


class Run(NamedTuple):
    """raw[start:end] is written as it reads (char is None), or is the one character `char`; `at` is its offset in the value."""

    at: int
    start: int
    end: int
    char: str | None = None


class Row(NamedTuple):
    """A line of a block scalar: where it starts, where its text starts and stops, where the next one starts."""

    start: int
    text: int
    stop: int
    end: int


class Block(NamedTuple):
    """A literal or folded scalar: `head` = end of the indicators, `used` = rows up to the last with text (others are chomped or kept)."""

    chomp: str
    indicator: str
    head: int
    indent: int
    rows: tuple[Row, ...]
    used: int


def value(raw: str, runs: Sequence[Run]) -> str:
    """What the scalar says; `raw` may be another text of the same length and shape than the one that the runs were read from."""
    return "".join(raw[run.start : run.end] if run.char is None else run.char for run in runs)


def locate(runs: Sequence[Run], span: Span, offset: int) -> int:
    """The raw offset of a character of the value; of its end for offset == length."""
    if not runs:
        return span.start + (span.style in ('"', "'"))
    run = runs[max(bisect_right(runs, offset, key=attrgetter("at")) - 1, 0)]
    width = run.end - run.start if run.char is None else 1
    return run.start + offset - run.at if offset < run.at + width else run.end


def read(raw: str, span: Span) -> tuple[Run, ...]:
    """The runs of the scalar at `span`; ValueError for an escape that is half a character."""
    parts = _block_runs(raw, block(raw, span), span.style) if span.style in ("|", ">") else _flow_runs(raw, span)
    runs: list[Run] = []
    at = 0
    for start, end, char in parts:
        if char is not None and "\ud800" <= char <= "\udfff":
            raise ValueError(f"the escape {raw[start:end]} is half a character")
        runs.append(Run(at, start, end, char))
        at += end - start if char is None else 1
    return tuple(runs)


def _flow_runs(raw: str, span: Span) -> Iterator[tuple[int, int, str | None]]:
    quoted = int(span.style != "")
    position, end = span.start + quoted, span.end - quoted
    while position < end:
        match = _FLOW[span.style].match(raw, position, end)
        if match is None:
            raise ValueError("it reads differently than its style says")
        position = match.end()
        if match.lastgroup is None:
            yield match.start(), position, None
        elif match.lastgroup == "char":
            yield match.start(), position, _char(match.group())
        else:
            yield from _fold(match, skip=match.lastgroup == "skip")


def _fold(match: re.Match[str], *, skip: bool) -> Iterator[tuple[int, int, str]]:
    """A line break is a space, n + 1 of them are n newlines; an escaped one is nothing, n more are n newlines."""
    ends = [found.end() for found in re.finditer(BREAK, match.group())][1:]
    if not ends and not skip:
        yield match.start(), match.end(), " "
    start = match.start()
    for index, end in enumerate(ends):
        stop = match.end() if index == len(ends) - 1 else match.start() + end
        yield start, stop, "\n"
        start = stop


def _char(escape: str) -> str:
    if escape == "''":
        return "'"
    if len(escape) == 2:
        return _NAMED[escape[1]]
    if len(escape) == 12:
        return chr(0x10000 + ((int(escape[2:6], 16) - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00)
    return chr(int(escape[2:], 16))


def block(raw: str, span: Span) -> Block:
    """The rows of a literal or folded scalar."""
    header = _HEADER.match(raw, span.start)
    if header is None:
        raise ValueError("its header is not one of a block scalar")
    chomp, indicator = header["c1"] or header["c2"] or "", header["i1"] or header["i2"] or ""
    lines: list[re.Match[str]] = []
    position = header.end()
    while position < span.end and (line := _ROW.match(raw, position)):
        lines.append(line)
        position = line.end()
    indent = span.base + int(indicator) if indicator else _indent(lines, span.base + 1)
    rows = tuple(Row(line.start(), line.start() + min(indent, len(line["spaces"])), line.start("stop"), line.end()) for line in lines)
    used = max((index for index, row in enumerate(rows, 1) if row.text < row.stop), default=0)
    return Block(chomp, indicator, header.start("rest"), indent, rows, used)


def _indent(lines: Sequence[re.Match[str]], least: int) -> int:
    for line in lines:
        least = max(least, len(line["spaces"]))
        if line.end("spaces") < line.start("stop"):
            break
    return least


def _block_runs(raw: str, found: Block, style: str) -> Iterator[tuple[int, int, str | None]]:
    before: Row | None = None
    blank: list[Row] = []
    for row in found.rows[: found.used]:
        if row.text == row.stop:
            blank.append(row)
            continue
        breaks = [(each.start, each.end) for each in blank]
        if before is not None:
            breaks.insert(0, (before.stop, before.end))
            if folds(style, raw[before.text], raw[row.text]):
                if not blank:
                    yield before.stop, before.end, " "
                breaks[:2] = [(before.stop, blank[0].end)] if blank else []
        yield from ((start, end, "\n") for start, end in breaks)
        yield row.text, row.stop, None
        before, blank = row, []
    if before is not None and found.chomp != "-" and before.stop < before.end:
        yield before.stop, before.end, "\n"
    if found.chomp == "+":
        yield from ((row.start, row.end, "\n") for row in found.rows[found.used :] if row.stop < row.end)


def folds(style: str, before: str, after: str) -> bool:
    """Whether the break between two rows folds: not beside a row that starts with a blank (YAML 1.2.2 §8.1.3)."""
    return style == ">" and before[0] not in " \t" and after[0] not in " \t"
