"""Go's text templates as far as `template` options use them: fields of the question, groups of the match, constants.

Anything else is unknown, since whether it renders decides between an answer and SERVFAIL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from remedy.answers.reasons import Unknown
from remedy.answers.regex import Found

_ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FIELD = re.compile(r"\.(Name|Zone|Type|Class)")
_GROUP = re.compile(r"\.Group\.([A-Za-z_]\w*)|index \.Group \"(\w+)\"")
_MATCH = re.compile(r"index \.Match (\d{1,4})")


class Failed(Exception):
    """The template would fail, and the question with it."""


def render(text: str, fields: Mapping[str, str], found: Found | None) -> str:
    """The text with its actions carried out; `found` is None where the template has no `match`."""

    def action(match: re.Match[str]) -> str:
        words = match[1].strip(" \t")
        if field := _FIELD.fullmatch(words):
            return fields[field[1]]
        if group := _GROUP.fullmatch(words):
            groups = _groups(found, fields["Name"])
            if (name := group[1] or group[2]) in groups:
                return groups[name]
            return "" if group[2] else "<no value>"
        if number := _MATCH.fullmatch(words):
            every = found.groups if found else (fields["Name"],)
            if int(number[1]) >= len(every):
                raise Failed
            return every[int(number[1])]
        raise Unknown("render", match[0])

    if "{{" in _ACTION.sub("", text):
        raise Unknown("render", "{{")
    return _ACTION.sub(action, text)


def _groups(found: Found | None, name: str) -> dict[str, str]:
    """`.Group`: the groups by number and by name."""
    numbered = found.groups if found else (name,)
    return {str(place): group for place, group in enumerate(numbered)} | (found.names if found else {})
