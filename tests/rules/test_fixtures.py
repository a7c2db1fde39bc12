"""What remedy says about every fixture of the rules and makes of it, word for word."""

from __future__ import annotations

import pytest

from remedy.rules import STYLES
from tests.rules.cases import KEYS, Case, bad, cases

CLEAN = [case for case in cases() if case.clean]
FIXED = [case for case in cases() if not case.clean and case.safety != "none"]
LEFT = [case for case in cases() if not case.clean and case.safety == "none"]
CHOICES = [(case, name) for case in FIXED for name in case.alternatives]


def each(found: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", found, ids=lambda case: case.name)


def test_a_hundred_and_fifty_fixtures_say_where_they_come_from() -> None:
    assert len(cases()) >= 150
    for case in cases():
        assert case.about["source"], case.name
        assert set(case.about) <= KEYS, case.name


@each(CLEAN)
def test_what_only_looks_like_it_is_no_finding_of_any_rule_and_is_never_changed(case: Case) -> None:
    assert bad(case.scan()) == []
    assert [finding.fix for finding in case.scan() if finding.fix] == []
    for style in STYLES:
        assert case.repair(style=style).text == case.read()


@each(FIXED)
def test_the_proposed_fix_is_what_the_documentation_says(case: Case) -> None:
    assert case.code in [finding.code for finding in case.scan()]
    assert case.repair().text == case.read("after")


@each(FIXED)
def test_only_a_safe_fix_is_made_unasked(case: Case) -> None:
    safe = case.repair(unsafe=False)
    assert safe.text == (case.read("after") if case.safety == "safe" else case.read())
    for finding in safe.left:
        assert finding.fix is None or finding.fix.why


@each(FIXED)
def test_after_the_fix_nothing_is_wrong_any_more(case: Case) -> None:
    assert bad(case.scan(case.read("after"))) == []


@pytest.mark.parametrize(("case", "name"), CHOICES, ids=lambda each: getattr(each, "name", each))
def test_another_fix_is_chosen_by_its_name(case: Case, name: str) -> None:
    (finding,) = (finding for finding in case.scan() if finding.code == case.code)
    assert name in [fix.name for fix in finding.alternatives]
    assert case.repair(chosen=name).text == case.read(f"after.{name}")


@each(LEFT)
def test_where_a_person_has_to_decide_nothing_is_written(case: Case) -> None:
    assert [finding.fix for finding in bad(case.scan()) if finding.code == case.code] == [None]
    for style in STYLES:
        assert case.repair(style=style).text == case.read()
