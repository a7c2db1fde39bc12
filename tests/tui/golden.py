"""A screen as a file that a person can read: its text, and below it, letter by letter, how each cell looks.

What differs from run to run (records, times, seconds) is replaced by signs of the same width before anything is compared.
"""

from __future__ import annotations

import os
import re
import string
from pathlib import Path
from typing import NamedTuple

from rich.style import Style
from textual.app import App

GOLDEN = Path(__file__).parent / "golden"
VARIES = (
    (re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"), lambda found: "R" * len(found[0])),
    (re.compile(r"\bundoes [0-9A-HJKMNP-TV-Z]{6}\b"), lambda _: "undoes RRRRRR"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\dZ)?"), lambda found: re.sub(r"\d", "0", found[0])),
    (re.compile(r"\b\d+\.\d s\b"), lambda found: re.sub(r"\d", "0", found[0])),
)


class Captured(NamedTuple):
    """The lines of a screen, a letter for the look of each cell, and what the letters stand for."""

    text: tuple[str, ...]
    looks: tuple[str, ...]
    legend: tuple[str, ...]

    def shown(self) -> str:
        """The text alone; blanks at the end of a line are nothing."""
        return "".join(f"{line.rstrip()}\n" for line in self.text)

    def styled(self) -> str:
        """The letters and their legend."""
        return "".join(f"{line}\n" for line in (*self.looks, *self.legend))


def captured(app: App[int]) -> Captured:
    """What the screen shows now."""
    letters: dict[str, str] = {}
    text, looks = [], []
    for strip in app.screen._compositor.render_strips():
        line = look = ""
        for segment in strip:
            letter = letters.setdefault(described(segment.style), (string.ascii_letters + string.digits)[len(letters)])
            line += segment.text
            look += letter * len(segment.text)
        for pattern, instead in VARIES:
            line = pattern.sub(instead, line)
        text.append(line)
        looks.append(look)
    return Captured(tuple(text), tuple(looks), tuple(f"{letter} = {words}" for words, letter in letters.items()))


def described(style: Style | None) -> str:
    """Colours and attributes, without what only the library knows of a cell."""
    if style is None:
        return "plain"
    names = ("bold", "dim", "italic", "underline", "reverse", "strike")
    words = [name for name in names if getattr(style, name)]
    words += [f"{style.color.name}"] if style.color and not style.color.is_default else []
    words += [f"on {style.bgcolor.name}"] if style.bgcolor and not style.bgcolor.is_default else []
    return " ".join(words) or "plain"


def is_golden(name: str, found: str) -> None:
    """The file holds just this; with REMEDY_GOLDEN=write it is written anew first."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("REMEDY_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), f"{path.name} is not what the screen shows"
