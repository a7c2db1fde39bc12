"""What a screen shows, as data: lines of pieces, each with the role it plays; palettes say how a role looks.

A role must never be the only sign of something: a theme without colours shows the same lines.
"""

from __future__ import annotations

import functools
import os
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from remedy.mask import visible

Piece = tuple[str, str]
"""Words, and the name of their role ("" for plain text)."""
Line = tuple[Piece, ...]


class Signs(NamedTuple):
    """The signs that carry meaning; their twins where a terminal has ASCII alone are of one column, too."""

    ok: str = "✓"
    no: str = "✗"
    cut: str = "…"
    bar: str = "│"
    dash: str = "─"
    here: str = "›"
    dot: str = "·"


UNICODE = Signs()
ASCII = Signs("v", "x", "~", "|", "-", ">", ".")
SEVERITY: Mapping[str, str] = {"error": "!", "warning": "~", "info": "i"}
_DARK = {
    "dim": "#8a93a3",
    "title": "bold #e6e9ef",
    "error": "bold #ff7b72",
    "warning": "bold #e3b341",
    "info": "#79c0ff",
    "ok": "#56d364",
    "bad": "bold #ff7b72",
    "added": "#56d364",
    "removed": "#ff7b72",
    "hunk": "#79c0ff",
    "comment": "italic #8a93a3",
    "keyword": "#d2a8ff",
    "zone": "#79c0ff",
    "string": "#a5d6ff",
    "brace": "#8a93a3",
    "mark": "bold underline #ffd8a8",
    "number": "#6e7681",
    "key": "bold #e3b341",
    "off": "#6e7681",
    "cursor": "on #2d3748",
    "bar": "on #1f2733",
    "alert": "bold #0d1117 on #e3b341",
    "found": "#0d1117 on #e3b341",
}
_LIGHT = {
    "dim": "#57606a",
    "title": "bold #1f2328",
    "error": "bold #b3160f",
    "warning": "bold #7a4e00",
    "info": "#0550ae",
    "ok": "#116329",
    "bad": "bold #b3160f",
    "added": "#116329",
    "removed": "#b3160f",
    "hunk": "#0550ae",
    "comment": "italic #57606a",
    "keyword": "#6639ba",
    "zone": "#0550ae",
    "string": "#0a3069",
    "brace": "#57606a",
    "mark": "bold underline #7a2e00",
    "number": "#6e7781",
    "key": "bold #7a4e00",
    "off": "#6e7781",
    "cursor": "on #cfe0f5",
    "bar": "on #e2e7ee",
    "alert": "bold #ffffff on #7a4e00",
    "found": "#000000 on #f5d76e",
}
_ANSI = {
    "dim": "dim",
    "title": "bold",
    "error": "bold red",
    "warning": "bold yellow",
    "info": "cyan",
    "ok": "green",
    "bad": "bold red",
    "added": "green",
    "removed": "red",
    "hunk": "cyan",
    "comment": "dim",
    "keyword": "magenta",
    "zone": "cyan",
    "string": "blue",
    "brace": "dim",
    "mark": "bold underline",
    "number": "dim",
    "key": "bold",
    "off": "dim",
    "cursor": "reverse",
    "bar": "reverse",
    "alert": "bold reverse",
    "found": "reverse",
}
_NONE = {
    **dict.fromkeys(("dim", "comment", "brace", "number", "off"), "dim"),
    **dict.fromkeys(("title", "error", "warning", "bad", "key", "keyword"), "bold"),
    **dict.fromkeys(("cursor", "bar", "found"), "reverse"),
    "alert": "bold reverse",
    "mark": "bold underline",
}
PALETTES: Mapping[str, Mapping[str, str]] = {"dark": _DARK, "light": _LIGHT, "ansi": _ANSI, "none": _NONE}


@functools.lru_cache(maxsize=512)
def style(role: str, palette: str) -> Style:
    """How a role looks; several roles stand in one word with a blank between, the last one on top."""
    found = Style()
    for each in role.split():
        found += Style.parse(PALETTES[palette].get(each, ""))
    return found


def environment() -> Mapping[str, str]:
    """As it was given: Python makes UTF-8 of the C locale for itself (PEP 538), and says so in LC_CTYPE."""
    given = {name: words for name, words in os.environ.items() if name != "LC_CTYPE"}
    try:
        with open("/proc/self/environ", "rb") as file:
            first = dict(each.partition(b"=")[::2] for each in file.read().split(b"\0"))
    except OSError:  # only Linux tells
        return os.environ
    return given | {"LC_CTYPE": os.fsdecode(first.get(b"LC_CTYPE", b""))}


def signs(environment: Mapping[str, str]) -> Signs:
    """ASCII where the locale is not UTF-8, on the Linux console, and on a terminal that says it can do nothing."""
    words = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    plain = environment.get("TERM", "") in ("linux", "dumb", "vt100", "vt220")
    return UNICODE if "utf" in words.lower() and not plain else ASCII


_TWINS = str.maketrans({ord(sign): twin for sign, twin in zip(UNICODE, ASCII, strict=True)})


def told(painted: Line, signs_: Signs) -> Line:
    """For a terminal that has these signs: ASCII has a twin for each of ours, and spells out what else it does not know."""
    if signs_ is not ASCII or plain(painted).isascii():
        return painted
    return tuple((words.translate(_TWINS).encode("ascii", "backslashreplace").decode(), role) for words, role in painted)


def line(*pieces: Piece | str) -> Line:
    return tuple((each, "") if isinstance(each, str) else each for each in pieces)


def plain(painted: Line) -> str:
    return "".join(words for words, _ in painted)


def width(painted: Line) -> int:
    """In columns of a terminal."""
    return sum(cell_len(words) for words, _ in painted)


def reach(words: str) -> int:
    """How many columns a line of a text takes as it is shown: tabs are four blanks, and what a terminal would obey is spelled out."""
    words = words.removesuffix("\r").replace("\t", "    ")
    return len(words) if words.isascii() and words.isprintable() else cell_len(visible(words))


def fit(painted: Line, columns: int, cut: str = "…") -> Line:
    """Not wider than that; what is cut off ends with a sign."""
    if width(painted) <= columns:
        return painted
    fitted: list[Piece] = []
    left = max(columns - 1, 0)
    for words, role in painted:
        size = cell_len(words)
        if size > left:
            fitted.append((set_cell_size(words, left), role))
            break
        fitted.append((words, role))
        left -= size
    return (*fitted, (cut, "dim")) if columns > 0 else ()


def wrapped(words: str, columns: int, role: str = "", indent: str = "") -> list[Line]:
    """A sentence over as many lines as it takes; a line break in it stays one."""
    lines = [each for part in words.split("\n") for each in textwrap.wrap(part, max(columns, 8), subsequent_indent=indent) or [""]]
    return [((each, role),) for each in lines]


def overlaid(painted: Line, start: int, end: int, role: str) -> Line:
    """With one more role from one column (counted in code points) up to another."""
    found: list[Piece] = []
    at = 0
    for words, own in painted:
        for low, high, extra in ((0, start, ""), (start, end, role), (end, at + len(words), "")):
            part = words[max(low - at, 0) : max(high - at, 0)]
            if part:
                found.append((part, f"{own} {extra}".strip()))
        at += len(words)
    return tuple(found)


def highlighted(painted: Line, words: str) -> Line:
    """With every place marked that holds these words, in whatever case."""
    for match in re.finditer(re.escape(words), plain(painted), re.IGNORECASE) if words else ():
        painted = overlaid(painted, *match.span(), "found")
    return painted


def tame(words: str) -> str:
    """On one line, with nothing that moves a terminal's cursor: the name of a file may hold a line break."""
    return words if words.isprintable() else visible(words).replace("\n", "\\n").replace("\t", "    ")


def strip(painted: Line, palette: str, columns: int, base: str = "", under: Style | None = None) -> Strip:
    """One line of a widget, filled up to its width; `base` is a role below all others, `under` what the widget itself looks like."""
    ground = (under or Style()) + style(base, palette)
    segments = [Segment(tame(words), ground + style(role, palette)) for words, role in painted if words]
    return Strip(segments).adjust_cell_length(max(columns, sum(segment.cell_length for segment in segments)), ground)


def text(lines: Iterable[Line], palette: str) -> Text:
    """For a widget that shows a few lines whole."""
    shown = Text(no_wrap=True, end="")
    for number, painted in enumerate(lines):
        if number:
            shown.append("\n")
        for words, role in painted:
            shown.append(words, style(role, palette))
    return shown
