"""A name that an expression of a template matches, to ask about: only a guess, which is tried before it is used.

Of alternatives the first is taken, of a repeat as few as it allows but one at least, of a class its first letter.
"""

from __future__ import annotations

import re

from remedy.answers.reasons import Unknown
from remedy.answers.regex import search
from remedy.answers.words import is_name
from remedy.answers.zones import covers

_PIECE = re.compile(r"\\(?P<escaped>.)|\[(?P<class>\^?(?:\\.|[^\]])+)\]|(?P<any>\.)|(?P<anchor>[\^$])|(?P<plain>[^\\()|*+?{}])", re.DOTALL)
_REPEAT = re.compile(r"(?:[*+?]|\{(\d+)(?:,\d*)?\})\??")
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)?")


def name_for(patterns: list[str], zone: str) -> str:
    """A name in the zone that one of the expressions matches; empty if none comes to mind."""
    for pattern in patterns:
        word = _word(pattern.removeprefix("(?i)")).lower()
        for guess in (word, f"{word.rstrip('.')}.{zone}", f"v4.{word.lstrip('.')}", f"{word}{zone}"):
            try:
                if guess.endswith(".") and is_name(guess) and covers(zone, guess) and search(pattern, guess, groups=False):
                    return guess
            except Unknown:
                break
    return ""


def _word(pattern: str) -> str:
    """Letters that should match, repeats and alternatives taken at their shortest; groups by a stack, since nothing bounds their depth."""
    stack: list[str] = []
    so_far, piece, skipping, place = "", "", 0, 0
    while place < len(pattern):
        if group := _GROUP.match(pattern, place):
            stack.append(so_far + piece)
            so_far, piece, place = "", "", group.end()
            skipping += bool(skipping)
        elif pattern[place] == ")" and stack:
            so_far, piece, place = stack.pop(), so_far + piece, place + 1
            skipping -= bool(skipping)
        elif pattern[place] == "|":
            skipping, place = skipping or 1, place + 1
        elif repeat := _REPEAT.match(pattern, place):
            piece, place = piece * max(1, min(int(repeat[1] or 1), 63)), repeat.end()
        elif found := _PIECE.match(pattern, place):
            if not skipping:
                so_far, piece = so_far + piece, _letter(found)
            place = found.end()
        else:
            return ""
    return so_far + piece


def _letter(found: re.Match[str]) -> str:
    letters = found["class"] or ""
    if letters.startswith("^"):
        return "a"
    escaped = found["escaped"] or (letters[1:2] if letters.startswith("\\") else "")
    if escaped:
        return {"d": "1", "w": "a"}.get(escaped, escaped)
    return letters[:1] or ("a" if found["any"] else found["plain"] or "")
