"""A text that was edited again and again, and still knows where each of its characters stood at first.

Edits of a second round are made on the text that the first one left; only here do they become edits on the original, which is what a diff
and a manifest need.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from remedy.corefile.edit import Edit


class Piece(NamedTuple):
    """Characters in a row, never none: of the original text from `origin` on, or new ones, which have no origin."""

    text: str
    origin: int | None


class Pieces(NamedTuple):
    """The text as it is now, first to last; `starts` are the places of its pieces in it, `length` is that of the original text."""

    pieces: tuple[Piece, ...]
    starts: tuple[int, ...]
    length: int

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def edited(self, edits: Iterable[Edit]) -> Pieces:
        """With edits made on the text as it is now; ValueError where two overlap or one lies outside. Equal edits count once."""
        made: list[Piece] = []
        at, length = 0, sum(len(piece.text) for piece in self.pieces)
        for edit in sorted(set(edits)):
            if not at <= edit.start <= edit.end <= length:
                raise ValueError(f"edit {edit.start}..{edit.end} overlaps another or leaves the text (0..{length})")
            made += self._cut(at, edit.start)
            made += [Piece(edit.new, None)] if edit.new else ()
            at = edit.end
        return _placed([*made, *self._cut(at, length)], self.length)

    def edits(self, original: str) -> tuple[Edit, ...]:
        """The edits that lead from the original text to this one, first to last; no two of them touch."""
        found: list[Edit] = []
        at, new = 0, ""
        for piece in (*self.pieces, Piece("", self.length)):
            if piece.origin is None:
                new += piece.text
                continue
            if new != original[at : piece.origin]:
                found.append(Edit(at, piece.origin, new))
            at, new = piece.origin + len(piece.text), ""
        return tuple(found)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where these characters of the text stood in the original; of new ones, what they stand in the place of."""
        first = bisect_right(self.starts, start) - 1
        last = max(bisect_right(self.starts, max(start, end - 1)) - 1, 0)
        low = next((_end(self.pieces[at], start - self.starts[at]) for at in range(first, -1, -1) if self._known(at)), 0)
        known = (at for at in range(last, len(self.pieces)) if self._known(at))
        high = next((_start(self.pieces[at], end - self.starts[at]) for at in known), self.length)
        return low, max(low, high)

    def _known(self, at: int) -> bool:
        return self.pieces[at].origin is not None

    def _cut(self, start: int, end: int) -> Iterator[Piece]:
        """What lies between two places."""
        for at in range(max(bisect_right(self.starts, start) - 1, 0), len(self.pieces)):
            piece, low = self.pieces[at], max(start - self.starts[at], 0)
            high = min(end - self.starts[at], len(piece.text))
            if high <= 0:
                return
            if low < high:
                yield Piece(piece.text[low:high], None if piece.origin is None else piece.origin + low)


def original(text: str) -> Pieces:
    """A text that nobody has edited yet."""
    return _placed([Piece(text, 0)] if text else [], len(text))


def _placed(pieces: list[Piece], length: int) -> Pieces:
    return Pieces(tuple(pieces), tuple(accumulate((len(piece.text) for piece in pieces[:-1]), initial=0)) if pieces else (), length)


def _end(piece: Piece, inside: int) -> int:
    """The original place `inside` a piece, or its end."""
    return (piece.origin or 0) + min(inside, len(piece.text))


def _start(piece: Piece, inside: int) -> int:
    """The original place `inside` a piece, or its start."""
    return (piece.origin or 0) + max(inside, 0)
