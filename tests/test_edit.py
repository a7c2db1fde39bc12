"""Edits are the only writer: what they do not name does not change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.corefile.edit import Edit, apply


def test_offsets_are_those_of_the_text_before_any_edit() -> None:
    assert apply("0123456789", [Edit(1, 2, "one"), Edit(5, 5, "!"), Edit(8, 10, "")]) == "0one234!567"


def test_the_order_in_which_edits_are_given_does_not_matter() -> None:
    edits = [Edit(0, 1, "x"), Edit(4, 6, ""), Edit(2, 2, "yy")]
    assert apply("abcdefgh", edits) == apply("abcdefgh", reversed(edits)) == "xbyycdgh"


def test_no_edit_and_an_edit_to_the_same_text_leave_it_as_it_is() -> None:
    assert apply("a\r\n\udcff", []) == "a\r\n\udcff"
    assert apply("abc", [Edit(1, 2, "b"), Edit(3, 3, "")]) == "abc"


def test_the_same_edit_given_twice_counts_once() -> None:
    assert apply("abc", [Edit(1, 1, "x"), Edit(1, 1, "x")]) == "axbc"


def test_an_insertion_may_touch_an_edit_on_either_side() -> None:
    assert apply("abc", [Edit(1, 1, "<"), Edit(1, 2, "B"), Edit(2, 2, ">")]) == "a<B>c"


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(0, 2, "x"), Edit(1, 3, "y")],
        [Edit(0, 3, ""), Edit(1, 2, "")],
        [Edit(0, 3, ""), Edit(1, 1, "inside")],
        [Edit(1, 2, "x"), Edit(1, 2, "y")],
        [Edit(2, 1, "")],
        [Edit(-1, 1, "")],
        [Edit(0, 4, "")],
        [Edit(4, 4, "")],
    ],
)
def test_edits_that_overlap_or_leave_the_text_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps another or leaves the text"):
        apply("abc", edits)


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=30), st.data())
def test_what_no_edit_names_stays(text: str, data: st.DataObject) -> None:
    at = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits = [Edit(start, end, data.draw(st.text(max_size=5))) for start, end in zip(at[::2], at[1::2], strict=False)]
    expected, done = "", 0
    for edit in edits:
        expected += text[done : edit.start] + edit.new
        done = edit.end
    assert apply(text, data.draw(st.permutations(edits))) == expected + text[done:]
