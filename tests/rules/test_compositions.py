"""Whatever stands beside what: fixed is fixed, once and for all, nothing else is touched, and a real CoreDNS loads it before and after."""

from __future__ import annotations

import pytest

from remedy import engine, testing
from remedy.corefile.parse import parse
from remedy.diff import unified
from remedy.engine import Repair
from remedy.rules import STYLES, Choices
from remedy.sources.document import Document, Target, WholePart
from remedy.validate import model
from remedy.validate.verdict import judge
from rewrite_rules import RULES
from tests.rules.compositions import HERE, compositions, pieces, refusals
from tests.test_diff import patched

COUNT, SEED = 2_000, 20


def document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))


@pytest.fixture(scope="module")
def repairs() -> dict[str, tuple[Choices, bool, Repair]]:
    """Every composition with its repair; styles take turns, and so does --unsafe."""
    found = {}
    for number, text in enumerate(compositions(COUNT, SEED)):
        choices, unsafe = Choices(STYLES[number % 3]), number % 4 > 0
        found[text] = (choices, unsafe, engine.repair(document(text), RULES, choices, unsafe=unsafe))
    return found


def test_the_compositions_are_many_and_hold_what_every_rule_is_about(repairs: dict[str, tuple[Choices, bool, Repair]]) -> None:
    assert len(repairs) >= COUNT * 0.95
    assert len(pieces()) >= 40
    fixed = {finding.code for _, _, repair in repairs.values() for finding in repair.fixed}
    assert len(fixed) >= 10
    assert sum(bool(repair.fixed) for _, _, repair in repairs.values()) >= COUNT // 4


def test_after_the_fixes_nothing_is_left_to_fix_and_a_second_run_changes_nothing(repairs: dict[str, tuple[Choices, bool, Repair]]) -> None:
    for choices, unsafe, repair in repairs.values():
        again = engine.repair(document(repair.text), RULES, choices, unsafe=unsafe)
        assert again.text == repair.text
        assert not [finding for finding in again.left if finding.fix and (unsafe or finding.fix.safety == "safe")]


def test_only_lines_of_findings_change_and_no_comment_and_the_diff_says_so(repairs: dict[str, tuple[Choices, bool, Repair]]) -> None:
    for text, (_, _, repair) in repairs.items():
        testing.untouched(text, repair, repair.fixed)
        assert (repair.text == text) == (not repair.fixed)
        if repair.fixed:
            assert patched(text, unified(text, repair.text, "Corefile", repair.edits)) == repair.text


def test_other_plugins_stand_there_as_they_stood(repairs: dict[str, tuple[Choices, bool, Repair]]) -> None:
    for text, (_, _, repair) in repairs.items():
        lines = {line for finding in repair.fixed for line in range(finding.line, finding.end_line + 1)}
        before = [plugin for _, plugin in parse(text).walk() if not lines & {token.line for token in plugin.tokens()}]
        after = [[word.text for word in plugin.words()] for _, plugin in parse(repair.text).walk()]
        assert all([word.text for word in plugin.words()] in after for plugin in before)


def test_what_is_safe_loses_no_lookup_for_any_client(repairs: dict[str, tuple[Choices, bool, Repair]]) -> None:
    safe = [(text, repair.text) for text, (_, unsafe, repair) in repairs.items() if repair.fixed and not unsafe]
    assert len(safe) >= COUNT // 20
    for before, after in safe:
        verdict = judge(model.answers([(parse(before), parse(after))]))
        assert verdict.verdict != "failed", (before, after, verdict.transcript)


def test_a_real_coredns_loads_every_composition_before_and_after(repairs: dict[str, tuple[Choices, bool, Repair]]) -> None:
    assert list(refusals(list(repairs))) == []
    changed = [repair.text for text, (_, _, repair) in repairs.items() if repair.text != text]
    assert list(refusals(changed)) == []


def test_what_coredns_refuses_is_found_among_many() -> None:
    good = [f"z{number}:5300 {{\n    bind {HERE}\n    whoami\n}}\n" for number in range(20)]
    bad = f".:5300 {{\n    bind {HERE}\n    template IN AAAA {{\n        rcode NONE\n    }}\n}}\n"
    ((refused, said),) = refusals([*good, bad])
    assert refused == bad
    assert "rcode" in said
