"""Environment variables in a word, put in as CoreDNS does it (caddyfile/parse.go replaceEnvVars).

`{%NAME%}` first, then `{$NAME}`; what a value brings in is looked at again, so a value can make a reference. A word stays one word whatever
the value holds. CoreDNS never comes back from a value that holds its own reference; here that is a ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping

_FORMS = (("{%", "%}"), ("{$", "}"))
_TURNS = 10_000
_LONGEST = 1 << 24


def expand(word: str, environment: Mapping[str, str]) -> str:
    """The word with every variable replaced; one that is not set is empty, as for a process."""
    for opening, closing in _FORMS:
        if opening in word:
            word = _replace(word, opening, closing, environment)
    return word


def refers(word: str) -> bool:
    """Would CoreDNS put a variable into this word?"""
    return any(opening in word and _reference(word, opening, closing) is not None for opening, closing in _FORMS)


def _replace(word: str, opening: str, closing: str, environment: Mapping[str, str]) -> str:
    turns = _TURNS + word.count(opening)
    while (reference := _reference(word, opening, closing)) is not None:
        name = reference[len(opening) : -len(closing)]
        word = word.replace(reference, environment.get(name, ""))
        turns -= 1
        if not turns or len(word) > _LONGEST:
            raise ValueError(name)
    return word


def _reference(word: str, opening: str, closing: str) -> str | None:
    """The first reference; None too where it has no name or no end, for CoreDNS then looks no further."""
    start = word.find(opening)
    end = word.find(closing, start) if start >= 0 else -1
    return word[start : end + len(closing)] if end > start + len(opening) else None
