"""A migration promises that the release to come loads the text, and that nothing but what has to change does."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import releases
from remedy.answers.plugins import version_of
from remedy.errors import ParseError
from remedy.shipped import Shipped, shipped
from tests.migration.generate import EVERY, corefile, corefiles
from tests.migration.loading import refused
from tests.migration.moved import moved
from tests.migration.properties import answered, kept, named, returned, settled

BUILT = ("1.4.0", "1.6.9", "1.8.0", "1.11.4", "1.15.0")
PAIRS = [(source, target) for source in BUILT for target in BUILT if source != target]
# Some of the older ones, which do not build: their steps are held against the setup code alone.
ANY = ("1.1.3", "1.2.6", "1.3.1", "1.5.2", "1.7.1", "1.8.3", "1.9.3", "1.10.1", "1.12.2", "1.13.1", "1.14.2", *BUILT)
COUNT = 25
FREE = ("hosts", "federation")  # their options are names and addresses


@pytest.mark.parametrize("version", BUILT)
def test_a_generated_corefile_is_loaded_by_the_release_it_is_for(version: str) -> None:
    texts = list(corefiles(COUNT, version, 3))
    assert {texts[number]: said for number, said in refused(texts, version).items()} == {}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_that_the_source_loads_is_refused_by_the_target(source: str, target: str) -> None:
    """With the safe fixes what is still refused is an error that remedy names; with all of them, one that it has no fix for."""
    texts = list(corefiles(COUNT, source, 4))
    for unsafe in (False, True):
        repairs = [moved(text, source, target, unsafe=unsafe, defaults=True) for text in texts]
        for number, said in refused([repair.text for repair in repairs], target).items():
            left = [finding for finding in repairs[number].left if finding.severity == "error" and "does not start" in finding.message]
            assert left, f"{said}\n{texts[number]}\n=>\n{repairs[number].text}"
            assert not unsafe or all(finding.fix is None for finding in left), left


@given(seed=st.integers(0, 1 << 32), source=st.sampled_from(ANY), target=st.sampled_from(ANY), defaults=st.booleans())
@settings(max_examples=120, deadline=None)
def test_a_migration_loses_nothing_is_done_once_and_keeps_the_answers(seed: int, source: str, target: str, defaults: bool) -> None:
    text = corefile(random.Random(seed), source)
    repair = moved(text, source, target, defaults=defaults)
    assert kept(text, repair) == ""
    assert settled(text, source, target, defaults=defaults) == ""
    assert answered(text, repair, source, target) == ""
    assert named(text, repair) == ""


@given(seed=st.integers(0, 1 << 32), source=st.sampled_from(ANY), target=st.sampled_from(ANY), eager=st.booleans(), defaults=st.booleans())
@settings(max_examples=150, deadline=None)
def test_there_and_back_is_the_same_text_where_nothing_was_taken_out(
    seed: int, source: str, target: str, eager: bool, defaults: bool
) -> None:
    assert returned(corefile(random.Random(seed), source), source, target, eager=eager, defaults=defaults) == ""


@pytest.mark.parametrize("defaults", [False, True])
@pytest.mark.parametrize("each", shipped(), ids=str)
def test_so_it_is_for_every_corefile_that_a_distribution_ships(each: Shipped, defaults: bool) -> None:
    for source, target in itertools.permutations(("1.1.3", *BUILT), 2):
        assert returned(each.text, source, target, defaults=defaults) == ""


def test_what_older_releases_do_not_have_is_taken_out_again_without_a_trace() -> None:
    text = ".:53 {\n    errors\n    # the nodes'\n    forward . 192.0.2.53 # ours\n}\n"
    up = moved(text, "1.1.3", "1.15.0", defaults=True)
    assert {finding.code for finding in up.fixed} == {"MIG011"}
    assert up.text.count("loop\n") == up.text.count("max_concurrent 1000\n") == 1
    assert moved(up.text, "1.15.0", "1.1.3").text == text


@pytest.mark.parametrize("version", ANY)
def test_what_the_release_loads_has_nothing_to_change_for_that_release(version: str) -> None:
    for text in corefiles(COUNT, version, 5):
        repair = moved(text, version, version)
        assert repair.text == text or not any("does not start" in finding.message for finding in repair.fixed), repair.fixed


def test_what_is_no_corefile_is_refused_with_its_place() -> None:
    with pytest.raises(ParseError) as refusal:
        moved(".:53 {\n    errors\n    proxy . 192.0.2.1 {\n", "1.3.1", "1.15.0")
    assert refusal.value.line == 3


def test_the_data_of_the_releases_knows_every_word_that_the_generator_writes() -> None:
    """They come from two readings of the same setup code; where they part, the release's program decides."""
    missing = []
    for version in (release.version for release in releases.releases()):
        for name, plugin in EVERY.items():
            if not any(line.known(version_of(version)) for line in plugin.heads):
                continue
            known = releases.options(version, name) if name in releases.plugins(version) else frozenset()
            written = {line.text.split()[0] for line in (*plugin.options, *plugin.needs) if line.known(version_of(version))}
            if known is not None and name not in FREE:
                missing += [f"{version} {name} {word}" for word in sorted(written - known)]
    assert missing == []
