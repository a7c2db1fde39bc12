"""The usual content of a zone file (RFC 1035 section 5): what stands at which name. Anything unusual is unknown."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import NamedTuple

from remedy.answers.reasons import Unknown
from remedy.answers.words import is_name, plain
from remedy.answers.zones import absolute, covers

_TYPES = frozenset(("A", "AAAA", "TXT", "MX", "SRV", "PTR", "NS", "SOA", "CNAME", "CAA", "HINFO"))
_TTL = re.compile(r"(?:\d+[smhdwSMHDW]?)+")
_TOKEN = re.compile(r'"[^"\n]*"|[()\n]|;[^\n]*|[^\s()";]+')


class Zone(NamedTuple):
    """Types by name; `apex` are the SOA and NS of the zone, which do not make its name exist; `aliases` are the targets of CNAMEs."""

    origin: str
    apex: set[str]
    types: dict[str, set[str]]
    aliases: dict[str, str]


def read(text: str, origin: str, path: str) -> Zone | None:
    """The zone, or None for a text without an SOA, which CoreDNS would not load."""
    here, owner = origin, ""
    zone = Zone(origin, set(), {}, {})
    for indented, line in _lines(text, path):
        if line[0].upper() == "$ORIGIN" and len(line) == 2:
            here = _name(line[1], here, path)
            continue
        if line[0].upper() == "$TTL":
            continue
        if line[0].startswith("$"):
            raise Unknown("zone-file-syntax", path)
        owner = owner if indented else _name(line[0], here, path)
        words = list(dropwhile(lambda word: _TTL.fullmatch(word) or word.upper() == "IN", line if indented else line[1:]))
        if not owner or len(words) < 2 or words[0].upper() not in _TYPES:
            raise Unknown("zone-file-syntax", path)
        type_ = words[0].upper()
        if owner == origin and type_ in ("SOA", "NS"):
            zone.apex.add(type_)
        elif covers(origin, owner):
            zone.types.setdefault(owner, set()).add(type_)
            if type_ == "CNAME":
                zone.aliases[owner] = _name(words[1], here, path)
    return zone if "SOA" in zone.apex else None


def _lines(text: str, path: str) -> list[tuple[bool, list[str]]]:
    """Each record's words, parentheses and comments gone, and whether its owner is left out."""
    if "\\" in text:
        raise Unknown("zone-file-syntax", path)
    found: list[tuple[bool, list[str]]] = []
    words: list[str] = []
    depth, indented, fresh = 0, False, True
    position = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if fresh:
            indented, fresh = bool(text[position : match.start()]), False
        position = match.end()
        if token in "()":
            depth += 1 if token == "(" else -1
        elif token == "\n" and not depth:
            if words:
                found.append((indented, words))
            words, fresh = [], True
        elif token != "\n" and not token.startswith(";"):
            words.append(token)
    return [*found, (indented, words)] if words else found


def _name(word: str, here: str, path: str) -> str:
    if word == "@":
        return here
    name = word if word.endswith(".") else f"{word}.{here}" if here != "." else f"{word}."
    if not plain(name) or not is_name(name):
        raise Unknown("zone-file-syntax", path)
    return absolute(name)
