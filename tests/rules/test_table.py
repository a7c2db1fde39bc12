"""docs/rules.md says what the rules and their fixtures say."""

from __future__ import annotations

from rewrite_rules import RULES
from tests.rules.table import PATH, idioms, rendered


def test_the_table_of_the_rules_is_up_to_date() -> None:
    assert PATH.read_text("utf-8") == rendered(), "make rules"


def test_every_way_to_break_aaaa_has_a_rule_or_a_reason_why_not() -> None:
    codes = {rule.code for rule in RULES}
    for each in idioms():
        assert ("rule" in each) != ("none" in each), each
        assert each.get("rule", "AAAA001") in codes, each
    about_answers = {code for code in codes - {"CFG090"} if not code.startswith("MIG")}
    assert {each["rule"] for each in idioms() if "rule" in each} == about_answers
