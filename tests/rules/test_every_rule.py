"""Every rule keeps the promises of remedy.testing, with the example of its page and with every fixture that bears its code."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from remedy import testing
from remedy.corefile.parse import parse
from remedy.rules import STYLES, Choices, Rule, Style
from rewrite_rules import RULES

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
BY_CODE = {rule.code: rule for rule in RULES}
ABOUT = {path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*/about.toml"))}
CLEAN = [case for case, about in ABOUT.items() if about["clean"]]
FOUND = [case for case, about in ABOUT.items() if not about["clean"]]


def read(case: str) -> tuple[Rule, str, dict[str, Any]]:
    text = (FOLDER / case / "before.Corefile").read_bytes().decode("utf-8", "surrogateescape")
    return BY_CODE[case.partition("-")[0]], text, ABOUT[case]


def choices(about: dict[str, Any], style: Style) -> Choices:
    how = Choices(style, bool(about.get("soa")), about.get("version"), tuple(about.get("search", ())), to=about.get("to"))
    return how._replace(eager=bool(about.get("eager")), defaults=bool(about.get("defaults")))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_page_of_a_rule_is_complete_and_its_example_true(rule: Rule) -> None:
    testing.prove(rule)


def test_codes_and_names_are_those_of_one_rule_each_and_stand_in_order() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)
    for rule in RULES:
        folder = "migrate." if rule.code.startswith("MIG") else ""
        assert rule.check.__module__ == f"rewrite_rules.{folder}{rule.name.replace('-', '_')}"


def test_every_rule_has_fixtures() -> None:
    assert {case.partition("-")[0] for case in ABOUT} >= set(BY_CODE)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", FOUND)
def test_every_fix_is_found_once_and_for_all_and_touches_nothing_else(case: str, style: Style) -> None:
    rule, text, about = read(case)
    testing.kept(rule, text, choices(about, style))


@pytest.mark.parametrize("case", CLEAN)
def test_what_only_looks_like_it_is_left_alone_by_every_rule(case: str) -> None:
    _, text, about = read(case)
    for rule in RULES:
        testing.clean(rule, text, choices(about, "documented"))


@pytest.mark.parametrize("case", ABOUT)
def test_a_rule_that_is_not_loaded_would_have_found_nothing(case: str) -> None:
    _, text, about = read(case)
    corefile = parse(text)
    for rule in RULES:
        module = importlib.import_module(rule.check.__module__)
        assert list(rule.check(corefile, choices(about, "documented"))) == list(module.check(corefile, choices(about, "documented")))
