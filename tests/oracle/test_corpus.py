"""Corefiles of the documentation, of CoreDNS's tests and of this project: remedy reads each one as CoreDNS's parser does."""

from __future__ import annotations

import pytest

from tests.oracle import corpus
from tests.oracle.agree import disagreements
from tests.oracle.ask import Case

FOUND = dict(corpus.found())


def test_the_documentation() -> None:
    blocks = list(corpus.documentation())
    print(f"{len(blocks)} corefile blocks of the documentation")
    assert len(blocks) >= 138
    assert not disagreements(case for _, case in blocks)


def test_coredns_own_tests() -> None:
    whole, verbs = corpus.coredns_tests()
    print(f"{len(whole)} Corefiles of CoreDNS's tests; {len(verbs)} with verbs of fmt left out: {', '.join(verbs)}")
    assert len(whole) >= 40
    assert len(whole) + len(verbs) >= 70
    assert not disagreements(case for _, case in whole)


def test_the_fixtures_of_this_project() -> None:
    every = list(corpus.fixtures())
    print(f"{len(every)} Corefiles of fixtures/")
    assert len(every) >= 2
    assert not disagreements(case for _, case in every)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_once_read_differently(name: str) -> None:
    assert not disagreements([FOUND[name]])


def test_every_cut_of_a_fixture_is_read_or_refused_alike() -> None:
    """What an editor saves half-way: each prefix of what the two once differed in."""
    cases = [case._replace(text=case.text[:end]) for case in FOUND.values() for end in range(len(case.text))]
    assert not disagreements(Case(*case) for case in cases)
