"""Expressions are those of Go; without google-re2 only such are understood that Python's `re` reads alike."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.answers import regex
from remedy.answers.reasons import Unknown

NAMES = ["v4.example.org.", "absent.default.svc.cluster.local.", "ip-10-1-2-3.example.", "a.", "x_y-1.b."]
SHARED = [
    r"^v4[.]",
    r".*[.]example[.]org[.]$",
    r"^(v4|dual)\.",
    r"^ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)[.]example[.]$",
    r"(?i)^V4",
    r"^\d{1,3}\.",
    r"^[^.]+\.[a-z0-9-]+\.$",
    r"",
    r"example\.(org|com)\.$",
    r"(?:a|b)\.",
]
OWN = [
    r"[[:alpha:]]",
    r"^(?:[a-z]+\.)+$",
    r"\bv4",
    r"\pL",
    r"\Qa.b\E",
    r"(?<name>a)",
    r"a**",
    r"(?s).",
    r"\z",
    r"a{1,1001}",
    r"(a|)",
    r"x*+",
    r"é",
    r"[a-\d]",
    r"(?=a)",
    r"(a)\1",
    r"a{2,1}",
    r"[z-a]",
    r".*.*.*.*.*x",
]


@pytest.fixture
def without_re2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "re2", None)
    regex._compiled.cache_clear()
    yield
    regex._compiled.cache_clear()


@pytest.mark.usefixtures("without_re2")
@pytest.mark.parametrize("pattern", SHARED)
def test_plain_expressions_need_no_re2(pattern: str) -> None:
    assert regex.shared(pattern)
    for name in NAMES:
        regex.search(pattern, name, groups=True)


@pytest.mark.usefixtures("without_re2")
@pytest.mark.parametrize("pattern", OWN)
def test_other_expressions_are_unknown_without_re2(pattern: str) -> None:
    with pytest.raises(Unknown, match="a `match` that needs RE2's own syntax"):
        regex.search(pattern, "a.", groups=False)


@pytest.mark.parametrize("pattern", [r"\C", r"a\\\C", r"(?=a)", r"(a)\1", "a**", "[z-a]"])
def test_what_go_refuses_is_refused(pattern: str) -> None:
    pytest.importorskip("re2")
    with pytest.raises(Unknown, match="would refuse"):
        regex.search(pattern, "a.", groups=False)


def both(pattern: str, name: str) -> tuple[regex.Found | None, regex.Found | None]:
    """What RE2 finds, and what Python does."""
    import re

    found = re.compile(pattern, re.ASCII).search(name)
    mine = found and regex.Found(
        tuple(found.group(place) or "" for place in range(found.re.groups + 1)),
        {group: found[group] or "" for group in found.re.groupindex},
    )
    return regex.search(pattern, name, groups=True), mine


PIECES = [
    "a",
    "b",
    ".",
    r"\.",
    "[a-c]",
    "[^.]",
    "[.]",
    r"\d",
    r"\w",
    "(a)",
    "(?:b)",
    "(?P<n>a+)",
    "(a|b)",
    "*",
    "+",
    "?",
    "*?",
    "{1,2}",
    "^",
    "$",
    "|",
    "-",
]


@settings(deadline=None, max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), st.text(alphabet="ab.1-", min_size=1, max_size=12))
def test_shared_expressions_find_the_same_in_both(pattern: str, name: str) -> None:
    pytest.importorskip("re2")
    if regex.shared(pattern):
        real, mine = both(pattern, name)
        assert real == mine


@pytest.mark.parametrize("pattern", SHARED)
def test_what_is_shared_finds_the_same_in_both(pattern: str) -> None:
    pytest.importorskip("re2")
    for name in NAMES:
        real, mine = both(pattern, name)
        assert real == mine
