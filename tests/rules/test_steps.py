"""The steps of a migration held against real CoreDNS releases: what they call refused is, and what they make of it is loaded.

Whether it then answers as before is asked of generated texts too (tests/migration).
"""

from __future__ import annotations

import pytest

from remedy.releases import nearest
from tests.migration.loading import refused
from tests.rules.cases import Case, cases

REAL = ("1.6.9", "1.8.0", "1.10.1", "1.15.0")
STEPS = [case for case in cases() if case.code.startswith("MIG") and "not_run" not in case.about]


def reader(case: Case) -> str:
    """The release that reads the fixture in the end."""
    return nearest(case.choices().reader or "").version


def starts_not(case: Case) -> bool:
    """Does remedy say that its reader refuses it?"""
    return any(finding.severity == "error" and finding.code.startswith("MIG") for finding in case.scan())


def of(version: str, found: list[Case]) -> list[Case]:
    return [case for case in found if reader(case) == version]


@pytest.mark.parametrize("version", REAL)
def test_what_a_step_calls_refused_does_not_start_and_everything_else_does(version: str) -> None:
    mine = of(version, STEPS)
    said = refused([case.read() for case in mine], version)
    assert {mine[number].name: said[number] for number in said}.keys() == {case.name for case in mine if starts_not(case)}


@pytest.mark.parametrize("version", REAL)
def test_what_a_step_writes_starts_on_the_release_to_come(version: str) -> None:
    mine = of(version, [case for case in STEPS if case.has("after")])
    said = refused([case.read("after") for case in mine], version)
    assert {mine[number].name: words for number, words in said.items()} == {}


@pytest.mark.parametrize("version", REAL)
def test_every_fixture_starts_on_the_release_that_it_comes_from(version: str) -> None:
    mine = [case for case in STEPS if case.about.get("version") == version and case.about.get("to")]
    said = refused([case.read() for case in mine], version)
    assert {mine[number].name: words for number, words in said.items()} == {}
