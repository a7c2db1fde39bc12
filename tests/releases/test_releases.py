"""What remedy knows of CoreDNS's releases, and what it makes of a version that somebody gives it."""

from __future__ import annotations

import pickle
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.answers.plugins import NEWEST, version_of
from remedy.errors import InputError
from remedy.releases import TABLES, between, known, nearest, options, plugins, releases, status

from .tables import FOLDER, made

VERSIONS = [release.version for release in releases()]


@pytest.mark.parametrize(
    ("word", "version"),
    [
        ("1.15.0", "1.15.0"),
        ("v1.15.0", "1.15.0"),
        ("v1.11.1-eksbuild.4", "1.11.1"),
        ("1.11.3.2-f57ea7ed6-aliyun", "1.11.3"),
        ("v1.6.2-100", "1.6.2"),
        ("v1.10.1@sha256:0123", "1.10.1"),
    ],
)
def test_a_tag_with_a_suffix_means_the_release_that_it_begins_with(word: str, version: str) -> None:
    assert nearest(word) == (version, "")


@pytest.mark.parametrize(
    ("word", "version", "note"),
    [
        ("1.16.2", NEWEST, f"CoreDNS 1.16.2 is newer than the newest release known here; it is taken for {NEWEST}"),
        ("1.11.2", "1.11.1", "CoreDNS 1.11.2 is no release known here; it is taken for 1.11.1"),
        ("1.11.9", "1.11.4", "CoreDNS 1.11.9 is no release known here; it is taken for 1.11.4"),
        ("1.11", "1.11.4", "1.11 is taken for 1.11.4, the newest of that line"),
    ],
)
def test_a_release_that_is_not_known_is_taken_for_the_nearest_and_that_is_said(word: str, version: str, note: str) -> None:
    assert nearest(word) == (version, note)


@pytest.mark.parametrize(
    "word",
    ["", "latest", "3.2", "0.9", "1", "1.15.x", "1.1.2", "1.0.6", "1.30.29", "1.35.4", "sha256:0123", "１.１５.０", " 1.15.0", "-1.15.0"],
)
def test_what_cannot_be_a_release_is_refused_with_the_range_of_those_that_are(word: str) -> None:
    with pytest.raises(InputError) as refused:
        nearest(word)
    assert refused.value.hint == f"give a release from 1.1.3 to {NEWEST}"


@given(st.one_of(st.text(max_size=20), st.from_regex(r"v?[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?([-.+_a-z].*)?", fullmatch=True)))
def test_whatever_somebody_gives_is_a_known_release_or_refused(word: str) -> None:
    try:
        version, note = nearest(word)
    except InputError:
        return
    assert known(version)
    assert note or re.match(rf"v?{re.escape(version)}(?!\d)", word)


def test_releases_come_in_order_of_version_and_the_newest_is_the_one_that_the_model_knows() -> None:
    assert sorted(VERSIONS, key=version_of) == VERSIONS
    assert VERSIONS[0] == "1.1.3"
    assert VERSIONS[-1] == NEWEST
    assert all(known(version) and re.fullmatch(r"20\d\d-\d\d-\d\d", date) for version, date in releases())


def test_the_table_that_ships_is_of_the_data_that_ships() -> None:
    assert pickle.loads((FOLDER / TABLES).read_bytes()) == made(), "make releases"


def test_the_way_down_is_the_way_up_backwards() -> None:
    assert between("1.15.0", "1.1.3") == tuple(reversed(between("1.1.3", "1.15.0")))
    assert between("1.8.0", "1.8.0") == ()


def test_every_line_names_its_source() -> None:
    assert all(line.source for line in between(VERSIONS[0], VERSIONS[-1]))


def test_a_plugin_that_left_is_known_by_what_took_its_place() -> None:
    assert "proxy" in plugins("1.4.0")
    assert "proxy" not in plugins("1.5.0")
    line = status("1.15.0", "proxy")
    assert line is not None
    assert (line.version, line.kind, line.replaced_by) == ("1.5.0", "removed", "forward")
    assert options("1.5.0", "proxy") is None


def test_a_release_that_is_not_known_is_no_question_for_its_plugins() -> None:
    with pytest.raises(InputError, match=r"CoreDNS 1\.11\.2 is not known here"):
        plugins("1.11.2")


def test_what_takes_the_place_of_another_is_in_the_release_that_removed_it() -> None:
    for line in between(VERSIONS[0], VERSIONS[-1]):
        plugin, _, option = line.replaced_by.partition(" ")
        if plugin:
            assert plugin in plugins(line.version), line
            assert not option or option in (options(line.version, plugin) or ()), line


def test_what_is_removed_was_there_and_what_is_added_was_not() -> None:
    for before, after in pairwise(VERSIONS):
        for line in between(before, after):
            if line.kind not in ("added", "removed") or line.option != line.option.lower():
                continue  # an argument stands in capitals
            there, here = ((options(each, line.plugin) or () if line.option else plugins(each)) for each in (before, after))
            word = line.option or line.plugin
            assert (word in there, word in here) == (line.kind == "removed", line.kind == "added"), line


def test_an_option_is_known_by_its_words_and_what_may_stand_behind_them() -> None:
    known_words = options("1.6.8", "forward")
    assert known_words is not None
    assert {"policy", "policy sequential", "max_concurrent", "health_check no_rec"} <= known_words
    assert "max_concurrent" not in (options("1.6.7", "forward") or ())
    assert options("1.15.0", "whoami") == frozenset()


def test_a_plugin_whose_words_are_not_in_the_release_s_source_has_no_list_of_options() -> None:
    assert options("1.15.0", "on") is None
    assert options("1.15.0", "federation") is None


def test_what_may_stand_beside_records_is_known() -> None:
    assert options("1.15.0", "hosts") == {"fallthrough", "fallthrough_unsupported", "no_reverse", "reload", "ttl"}


@pytest.mark.parametrize(
    ("version", "plugin", "option", "kind"),
    [
        ("1.3.1", "kubernetes", "upstream", None),
        ("1.4.0", "kubernetes", "upstream", "ignored"),
        ("1.4.0", "template", "upstream", "deprecated"),
        ("1.5.2", "template", "upstream", "ignored"),
        ("1.6.9", "kubernetes", "upstream", "ignored"),
        ("1.7.0", "kubernetes", "upstream", "removed"),
        ("1.5.2", "kubernetes", "resyncperiod", "deprecated"),
        ("1.6.0", "kubernetes", "resyncperiod", "removed"),
        ("1.15.0", "forward", "", None),
        ("1.12.3", "header", "set", "deprecated"),
        ("1.15.0", "header", "set", "removed"),
    ],
)
def test_the_status_of_an_option_is_the_one_of_the_release(version: str, plugin: str, option: str, kind: str | None) -> None:
    line = status(version, plugin, option)
    assert (line.kind if line else None) == kind
