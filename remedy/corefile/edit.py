"""Edits on a text: the only way remedy ever changes one.

Offsets are code points of the *original* text, so edits are applied last to first; a newcomer would apply them in order and shift the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace text[start:end] by `new`; start == end inserts, new == "" deletes. `file` is "" for the Corefile itself."""

    start: int
    end: int
    new: str
    file: str = ""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; ValueError if two overlap, or are of two files, or one lies outside. Equal edits count once."""
    end = len(text)
    result: list[str] = []
    files = set()
    for edit in sorted(set(edits), reverse=True):
        files.add(edit.file)
        if not 0 <= edit.start <= edit.end <= end or len(files) > 1:
            raise ValueError(f"edit {edit.start}..{edit.end} overlaps another or leaves the text (0..{end})")
        result.append(text[edit.end : end])
        result.append(edit.new)
        end = edit.start
    result.append(text[:end])
    return "".join(reversed(result))


def apply_all(texts: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """The texts of all files that change, with their edits made; ValueError as above, KeyError for a file that is not in `texts`."""
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.file, []).append(edit)
    return {file: apply(texts[file], each) for file, each in by_file.items()}
