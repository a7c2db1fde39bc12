"""Edits that were made one after the other are the same as one set of edits on the text as it was at first."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.corefile.edit import Edit, apply
from remedy.corefile.pieces import original

TEXTS = st.text("ab\n", max_size=20)


@st.composite
def edits(draw: st.DrawFn, text: str) -> list[Edit]:
    """Edits on a text that do not overlap."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return [Edit(start, end, draw(st.text("xy\n", max_size=4))) for start, end in pairs]


@settings(deadline=None, max_examples=500)
@given(text=TEXTS, data=st.data())
def test_rounds_of_edits_compose_to_edits_on_the_original(*, text: str, data: st.DataObject) -> None:
    pieces, now = original(text), text
    for _ in range(3):
        made = data.draw(edits(now))
        pieces, now = pieces.edited(made), apply(now, made)
        assert pieces.text == now
    composed = pieces.edits(text)
    assert apply(text, composed) == now
    assert all(edit.end < other.start for edit, other in pairwise(composed))
    assert all(edit.new != text[edit.start : edit.end] for edit in composed)


@settings(deadline=None, max_examples=500)
@given(text=TEXTS, data=st.data())
def test_what_was_not_edited_is_found_where_it_stood(*, text: str, data: st.DataObject) -> None:
    pieces = original(text)
    for _ in range(2):
        pieces = pieces.edited(data.draw(edits(pieces.text)))
    now = pieces.text
    start = data.draw(st.integers(0, len(now)))
    end = data.draw(st.integers(start, len(now)))
    low, high = pieces.origin(start, end)
    assert 0 <= low <= high <= len(text)
    at = 0
    for piece in pieces.pieces:
        if piece.origin is not None and at <= start < end <= at + len(piece.text):
            assert (low, high) == (piece.origin + start - at, piece.origin + end - at)
        at += len(piece.text)


def test_new_characters_stand_for_what_they_replaced() -> None:
    pieces = original("one two three").edited([Edit(4, 7, "2")])
    assert pieces.text == "one 2 three"
    assert pieces.origin(4, 5) == (4, 7)
    assert pieces.origin(0, 11) == (0, 13)
    assert pieces.edited([Edit(4, 5, "two")]).edits("one two three") == ()


def test_edits_that_overlap_or_leave_the_text_are_refused() -> None:
    for wrong in ([Edit(0, 2, "x"), Edit(1, 3, "y")], [Edit(2, 9, "")]):
        with pytest.raises(ValueError, match=r"^edit "):
            original("abc").edited(wrong)
