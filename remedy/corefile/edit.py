"""Edits on a text: the only way remedy ever changes one.

Offsets are code points of the *original* text, so edits are applied last to first; a newcomer would apply them in order and shift the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace text[start:end] by `new`; start == end inserts, new == "" deletes."""

    start: int
    end: int
    new: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; ValueError if two overlap or one lies outside the text. Equal edits count once."""
    end = len(text)
    result: list[str] = []
    for edit in sorted(set(edits), reverse=True):
        if not 0 <= edit.start <= edit.end <= end:
            raise ValueError(f"edit {edit.start}..{edit.end} overlaps another or leaves the text (0..{end})")
        result.append(text[edit.end : end])
        result.append(edit.new)
        end = edit.start
    result.append(text[:end])
    return "".join(reversed(result))
