r"""Go's regular expressions on a DNS name; the only user of google-re2, which is loaded when an expression is met.

Without it an expression is understood only where Python's `re` provably does the same: letters, digits, `.`, classes, anchors, groups,
alternatives and plain repeats over the ASCII letters of a name, and no repeat of a repeat. `\C` Go refuses, RE2 in C++ does not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from remedy.answers.reasons import Unknown


class Found(NamedTuple):
    """The groups of a match, the whole one first; what took no part is empty."""

    groups: tuple[str, ...]
    names: dict[str, str]


_CLASS = r"\[\^?(?:\\[dwDW.\-\]\[]|[a-z0-9A-Z](?:-[a-z0-9A-Z])?|[_.*/])+-?\]"
_ATOM = re.compile(rf"(?P<class>{_CLASS})|\\[.\-_/*+?()\[\]{{}}|^$dwDW\\]|[a-zA-Z0-9_/.,;:=@%&~<>!'\"-]")
_REPEAT = re.compile(r"(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})\??(?![*+?{])")
_GROUP = re.compile(r"\((?:\?:|\?P<[a-zA-Z_]\w*>|(?!\?))")
_MOST_REPEATS = 4  # each may walk over the whole name again


def search(pattern: str, subject: str, *, groups: bool) -> Found | None:
    """The first match, None for none. `groups`: are its groups looked at, too, and not only whether there is one?"""
    compiled, pythons = _compiled(pattern)
    if pythons and groups and re.search(r"\)[*+?{]", pattern):  # what a repeated group holds in the end is where engines differ
        raise Unknown("match", pattern)
    match = compiled.search(subject)
    if match is None:
        return None
    names = {name: match.group(place) or "" for name, place in compiled.groupindex.items()}
    return Found(tuple(match.group(place) or "" for place in range(compiled.groups + 1)), names)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[Any, bool]:
    """The expression, and whether it is Python's own."""
    if re.search(r"(?<!\\)(?:\\\\)*\\C", pattern):
        raise Unknown("regex", pattern)
    if not pattern.isascii():
        raise Unknown("match", pattern)
    try:
        import re2  # optional, and slow to load
    except ImportError:
        re2 = None
    if re2 is None:
        if not shared(pattern):
            raise Unknown("match", pattern)
        return re.compile(pattern, re.ASCII), True
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options), False
    except re2.error:
        raise Unknown("regex", pattern) from None


def shared(pattern: str) -> bool:
    """Is it in the syntax that Go and Python read alike, and too small to take long?"""
    place, repeats = 0, 0
    open_: list[int] = []  # for each open group, the repeats before it
    before = ""  # what a repeat could follow: atom, group, repeated group, or nothing
    if pattern.startswith("(?i)"):
        place = 4
    while place < len(pattern):
        if repeat := _REPEAT.match(pattern, place):
            if before not in ("atom", "group") or ((sizes := re.findall(r"\d+", repeat[0])) and sizes != sorted(sizes, key=int)):
                return False
            repeats += repeat[0].rstrip("?") != "" and repeat[0] != "?"
            before, place = "", repeat.end()
        elif group := _GROUP.match(pattern, place):
            open_.append(repeats)
            before, place = "", group.end()
        elif pattern[place] == ")":
            if not open_:
                return False
            before = "group" if open_.pop() == repeats else "repeating"
            place += 1
        elif pattern[place] in "^$" or pattern[place] == "|":
            before, place = "", place + 1
        elif atom := _ATOM.match(pattern, place):
            if atom["class"] and not _good_class(atom["class"]):
                return False
            before, place = "atom", atom.end()
        else:
            return False
    names = re.findall(r"\(\?P<(\w+)>", pattern)
    return (
        not open_ and repeats <= _MOST_REPEATS and len(names) == len(set(names)) and not re.search(r"[|(?:>]\)|\(\||\|\||\(\?:\|", pattern)
    )


def _good_class(text: str) -> bool:
    """No range runs backwards, and no doubled sign that Python keeps for set operations."""
    ranges = re.findall(r"([a-zA-Z0-9])-([a-zA-Z0-9])", text)
    return all(low <= high for low, high in ranges) and not re.search(r"--|&&|\|\||~~|\[\[", text)
