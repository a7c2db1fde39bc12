"""Real CoreDNS programs load the words that the data says they know, and refuse those that it says they do not."""

from __future__ import annotations

import pytest

from remedy.releases import options, releases

from . import asking


@pytest.mark.parametrize("version", ["1.11.4", "1.15.0"])
def test_a_release_loads_the_words_that_are_its_own_and_refuses_all_others(version: str) -> None:
    assert asking.disagreements(version) == []


@pytest.mark.parametrize("version", ["1.11.4", "1.15.0"])
def test_a_release_refuses_from_the_release_on_or_until_the_one_that_is_said(version: str) -> None:
    assert asking.refusals(version) == []


def test_every_word_that_real_programs_are_asked_for_is_one_of_some_release() -> None:
    for plugin, words in asking.WORDS.items():
        assert {*words} - {"head", "line"} <= {word for release in releases() for word in options(release.version, plugin) or ()}, plugin
