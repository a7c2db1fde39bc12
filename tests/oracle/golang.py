"""Read the tables of Go tests: enough of Go's syntax for string literals and composite literals.

Strings come as bytes, for Go's may hold any. Braces inside back-quoted text are no braces, which is what a search by text gets wrong.
"""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\s+|(?P<raw>`[^`]*`)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<other>'(?:\\.|[^'\\])+'|\w[\w.]*|:=|.)""", re.DOTALL
)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SHORT = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}

Token = str | bytes


def tokens(source: str) -> list[Token]:
    """Words and punctuation as str, the values of string literals as bytes."""
    found: list[Token] = []
    for match in _TOKEN.finditer(source):
        if match["raw"]:
            found.append(match["raw"][1:-1].replace("\r", "").encode())
        elif match["string"]:
            found.append(_ESCAPE.sub(_unescape, match["string"][1:-1].encode()))
        elif match["other"]:
            found.append(match["other"])
    return found


def table(source: str, *start: str) -> Any:
    """The composite literal behind the first place where these tokens stand; a struct type in between is passed over."""
    words = tokens(source)
    place = next(place for place in range(len(words)) if tuple(words[place : place + len(start)]) == start) + len(start)
    while words[place] != "{":
        place += 1
        if words[place - 1] == "struct":
            place = _value(words, place)[1]
    return _value(words, place)[0]


def calls(source: str, *start: str) -> list[bytes]:
    """The string literals that stand right behind these tokens."""
    words = tokens(source)
    ends = (place + len(start) for place in range(len(words) - len(start)) if tuple(words[place : place + len(start)]) == start)
    return [word for end in ends if isinstance(word := words[end], bytes)]


def _value(words: list[Token], place: int) -> tuple[Any, int]:
    """One value: bytes, a name or a number, or a list of values; a field or a map's entry is a pair."""
    while words[place] != "{":
        word = words[place]
        if isinstance(word, bytes):
            return word, place + 1
        if words[place + 1] in (",", "}", ":"):
            return word, place + 1
        place += 1  # the type before a composite literal
    place += 1
    entries = []
    while words[place] != "}":
        entry, place = _value(words, place)
        if words[place] == ":":
            value, place = _value(words, place + 1)
            entry = (entry, value)
        entries.append(entry)
        while words[place] not in (",", "}", "{") and not isinstance(words[place], bytes):
            place += 1  # struct fields and their types: only braces count
        place += words[place] == ","
    return entries, place + 1


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 16)])
    if match[2]:
        return chr(int(match[2], 16)).encode()
    return _SHORT.get(match[3], match[3])
