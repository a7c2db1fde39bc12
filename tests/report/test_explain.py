"""Every rule has a page: what it finds, why that is bad, an example as a diff, and what its fix may lose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewrite_rules import RULES
from tests.command import Command
from tests.report.test_schemas import valid


@pytest.fixture
def remedy(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", tmp_path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_page_of_every_rule_says_what_why_and_how_safe_and_fits_a_terminal(rule: object, remedy: Command) -> None:
    done = remedy("explain", rule.code)  # type: ignore[attr-defined]
    assert (done.code, done.err) == (0, "")
    for title in ("What it does", "Why is this bad?", "Example", "Fix safety"):
        assert f"\n{title}\n" in done.out
    assert done.out.isascii()
    assert all(len(line) <= 80 or line.startswith("    ") for line in done.out.splitlines())


def test_the_example_is_shown_as_a_diff(remedy: Command) -> None:
    out = remedy("explain", "AAAA001").out
    assert "    -template ANY AAAA {\n    -    rcode NXDOMAIN\n    -}\n    +template IN AAAA .\n" in out
    markdown = remedy("explain", "AAAA001", "--format", "markdown").out
    assert "```diff\n-template ANY AAAA {\n-    rcode NXDOMAIN\n-}\n+template IN AAAA .\n```\n" in markdown


def test_a_rule_is_named_by_its_code_or_its_name_in_any_case(remedy: Command) -> None:
    pages = {remedy("explain", word).out for word in ("AAAA001", "aaaa001", "aaaa-nxdomain", "AAAA-NXDOMAIN")}
    assert len(pages) == 1


def test_without_a_code_every_rule_is_listed(remedy: Command) -> None:
    text, markdown = remedy("explain").out, remedy("explain", "--format", "markdown").out
    for rule in RULES:
        assert f"{rule.code}  {rule.severity:7}  {rule.name}\n" in text
        assert f"| {rule.code} | {rule.name} | {rule.severity} |" in markdown


def test_as_json_it_is_the_document_of_its_schema(remedy: Command) -> None:
    every = valid("explain", remedy("explain", "--format", "json").out)["rules"]
    assert [rule["code"] for rule in every] == [rule.code for rule in RULES]
    (one,) = valid("explain", remedy("explain", "AAAA001", "--format", "json").out)["rules"]
    assert one == every[0]
    assert one["example"]["after"] == "template IN AAAA .\n"
    assert [section["title"] for section in one["sections"]][:3] == ["What it does", "Why is this bad?", "Fix safety"]
    assert json.dumps(one["example"]["diff"])


def test_an_unknown_code_is_refused_with_those_near_it(remedy: Command) -> None:
    done = remedy("explain", "AAA001")
    assert (done.code, done.out) == (2, "")
    assert "no rule has the code or the name 'AAA001'" in done.err
    assert "near it: AAAA001" in done.err
    assert "remedy explain" in remedy("explain", "zzz").err
