"""Real CoreDNS programs load the words that the data says they know, and refuse those that it says they do not."""

from __future__ import annotations

import pytest

from remedy.corefile.parse import parse
from remedy.releases import options, plugins, releases
from remedy.shipped import shipped
from tests.migration.loading import refused
from tests.migration.moved import moved

from . import asking


@pytest.mark.parametrize("version", ["1.11.4", "1.15.0"])
def test_a_release_loads_the_words_that_are_its_own_and_refuses_all_others(version: str) -> None:
    assert asking.disagreements(version) == []


@pytest.mark.parametrize("version", ["1.11.4", "1.15.0"])
def test_a_release_refuses_from_the_release_on_or_until_the_one_that_is_said(version: str) -> None:
    assert asking.refusals(version) == []


@pytest.mark.parametrize("version", ["1.11.4", "1.15.0"])
def test_a_release_loads_a_shipped_default_if_it_knows_every_word_of_it(version: str) -> None:
    defaults = [each for each in shipped() if each.by != "NodeLocal DNSCache"]  # it has placeholders for addresses
    said = refused([each.text for each in defaults], version, at_once=1)
    for number, each in enumerate(defaults):
        loads = all(
            plugin.name.text in plugins(version)
            and {option.name.text for option in plugin.options} <= (options(version, plugin.name.text) or frozenset())
            for _, plugin in parse(each.text).walk()
        )
        assert (number not in said) == loads, f"{each}: {said.get(number, 'loaded')}"


def test_every_shipped_default_is_loaded_by_the_newest_release_once_it_is_moved() -> None:
    defaults = [each for each in shipped() if each.by != "NodeLocal DNSCache"]
    assert refused([moved(each.text, "1.3.1", "1.15.0").text for each in defaults], "1.15.0") == {}


def test_every_word_that_real_programs_are_asked_for_is_one_of_some_release() -> None:
    for plugin, words in asking.WORDS.items():
        assert {*words} - {"head", "line"} <= {word for release in releases() for word in options(release.version, plugin) or ()}, plugin
