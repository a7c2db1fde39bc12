"""The data of releases says what CoreDNS's own source says; `make releases-check` asks all releases, this a few."""

from __future__ import annotations

import pytest

from . import derive


@pytest.mark.parametrize("version", ["1.6.9", "1.8.0", "1.11.4", "1.15.0"])
def test_plugins_their_order_and_their_words_are_those_of_the_source(version: str) -> None:
    assert derive.disagreements(version, derive.source(version)) == []


def test_another_release_than_the_one_in_the_data_is_told_from_it() -> None:
    found = derive.disagreements("1.10.0", derive.source("1.11.4"))
    assert "timeouts: in plugin.cfg, not in the data" in found
    assert "template ederror: in the source, not in the data" in found
