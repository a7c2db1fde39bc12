"""Names for a template's `match`: one that its expression matches, and one that it does not.

A name is made up by walking over the expression, loosely: what comes out is only taken if the expression itself then says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from remedy.answers.reasons import Unknown
from remedy.answers.regex import search
from remedy.answers.template import Template
from remedy.answers.zones import absolute, covers

_NAME = re.compile(r"(?:[-_0-9a-z]{1,63}\.)+")
_LETTERS = "a1-_bcdefghijklmnopqrstuvwxyz023456789."
_MOST = 512  # signs of an expression that are walked over


class Sampled(NamedTuple):
    """A name that is matched and one that is not; empty where none could be made up."""

    matching: str = ""
    other: str = ""


def sampled(template: Template, known: Iterable[str]) -> Sampled:
    """Absolute names in the zones of the template; one of the known names where that is possible."""
    patterns = [word.text for option in template.directive.option("match") for word in option.arguments]
    names = [*known, *(name for zone in template.zones for name in _made_up(patterns, zone))]
    inside = [name for name in dict.fromkeys(names) if _NAME.fullmatch(name) and any(covers(zone, name) for zone in template.zones)]
    return Sampled(_first(inside, patterns, matching=True), _first(inside, patterns, matching=False))


def matches(template: Template, name: str) -> bool:
    """Does this template answer for the name (if the type is its own)? Where nobody can tell, it may."""
    patterns = [word.text for option in template.directive.option("match") for word in option.arguments]
    return any(covers(zone, name) for zone in template.zones) and (not patterns or _matches(patterns, name) is not False)


def _first(names: Iterable[str], patterns: list[str], *, matching: bool) -> str:
    return next((name for name in names if _matches(patterns, name) is matching), "")


def _matches(patterns: list[str], name: str) -> bool | None:
    try:
        return any(search(pattern, name, groups=False) for pattern in patterns)
    except Unknown:
        return None


def _made_up(patterns: list[str], zone: str) -> Iterator[str]:
    suffix = "" if zone == "." else zone
    for pattern in patterns:
        text = _walk(pattern[:_MOST]).strip(".").lower()
        if text:
            yield absolute(text)
            yield f"{text}.{suffix}"
            yield f"v4.{absolute(text)}"
            yield f"v4{absolute(text)}"
    yield f"remedy-other.{suffix or 'example.org.'}"
    yield zone


def _walk(pattern: str) -> str:
    """A text of the simplest sort that the expression might match: of alternatives the first, of repeats one."""
    made: list[str] = []
    skipping: list[bool] = [False]  # for each open group: are we in an alternative behind its first?
    for sign in re.finditer(
        r"\(\?P?<\w+>|\(\?[^:)]*[:)]|\(|\)|\||\[(?:\\.|[^\]\\])(?:\\.|[^\]\\])*\]|\\.|\{[\d,]+\}|.", pattern, re.DOTALL
    ):
        text = sign[0]
        if text == "|":
            skipping[-1] = True
        elif text.startswith("(") and not text.endswith(")"):
            skipping.append(skipping[-1])
        elif text == ")":
            if len(skipping) > 1:
                skipping.pop()
        elif text.startswith("{") and text != "{":
            made += made[-1:] * (min(int(text[1:-1].partition(",")[0] or 0), 63) - 1)
        elif not skipping[-1]:
            made.append(_sign(text))
    return "".join(made)


def _sign(text: str) -> str:
    if text.startswith("["):
        return _of_class(text)
    if text.startswith("\\"):
        return {"d": "1", "w": "a", "D": "a", "S": "a"}.get(text[1], "" if text[1].isalnum() else text[1])
    if text == ".":
        return "a"
    return text if len(text) == 1 and text not in "^$*+?" else ""


def _of_class(text: str) -> str:
    if re.search(r".\[|--|&&|\|\||~~", text):  # set operations, in Python's eyes
        return "a"
    try:
        return next((letter for letter in _LETTERS if re.fullmatch(text, letter)), "")
    except re.error:
        return ""
