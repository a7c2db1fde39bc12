"""Fixes are taken until none is left, one rule at a time, and what is shown is one change of the text as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from remedy import engine
from remedy.corefile import lines
from remedy.corefile.edit import Edit, apply
from remedy.corefile.tree import Corefile, Directive
from remedy.diff import unified
from remedy.errors import RuleError
from remedy.finding import Finding
from remedy.rules import Choices, Fix, Problem, Rule, Severity
from remedy.sources import plain
from remedy.sources.document import Document, Target, WholePart
from rewrite_rules import RULES
from tests.test_diff import patched

Edits = Callable[[Corefile, Directive], tuple[Edit, ...]]


def document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))


def rule(code: str, plugin: str, *fixes: Fix | Edits, severity: Severity = "warning") -> Rule:
    """A rule that finds every use of a plugin; its fixes are called first, second, …"""

    def check(corefile: Corefile, _: Choices) -> Iterator[Problem]:
        for _, found in corefile.walk():
            if found.name.text == plugin:
                made = [
                    each if isinstance(each, Fix) else Fix("do it", ("first", "second", "third")[number], each(corefile, found), "safe")
                    for number, each in enumerate(fixes)
                ]
                yield Problem(found.span, f"{plugin} is not wanted", tuple(made))

    return Rule(code, f"no-{plugin}", severity, check)


def renamed(to: str) -> Edits:
    return lambda corefile, found: (lines.word(corefile, found.name, to),)


def removed(corefile: Corefile, found: Directive) -> tuple[Edit, ...]:
    return (lines.without(corefile, found),)


def cut(_: Corefile, found: Directive) -> tuple[Edit, ...]:
    """Takes away what stands there, comments too."""
    return (Edit(found.span.start, found.span.end, "log"),)


def repair(text: str, *rules: Rule, choices: Choices | None = None, unsafe: bool = False) -> engine.Repair:
    result = engine.repair(document(text), rules, choices or Choices(), unsafe=unsafe)
    assert apply(text, result.edits) == result.text
    if result.text != text:
        assert patched(text, unified(text, result.text, "Corefile", result.edits)) == result.text
    assert engine.repair(document(text), rules, choices or Choices(), unsafe=unsafe) == result
    return result


def codes(found: tuple[Finding, ...] | list[Finding]) -> list[str]:
    return [finding.code for finding in found]


def test_a_rule_sees_what_the_fixes_of_others_left() -> None:
    text = ".:53 {\n    erratic\n    log\n}\n"
    result = repair(text, rule("AAA001", "whoami", removed), rule("BBB001", "erratic", renamed("whoami")))
    assert result.text == ".:53 {\n    log\n}\n"
    assert [(finding.code, finding.line, finding.column) for finding in result.fixed] == [("AAA001", 2, 5), ("BBB001", 2, 5)]
    assert result.left == ()
    assert result.edits == (Edit(7, 19, ""),)


def test_the_place_of_what_is_found_later_is_that_in_the_text_as_it_was() -> None:
    text = ".:53 {\n    erratic\n    whoami\n}\n"
    result = repair(text, rule("AAA001", "erratic", removed), rule("BBB001", "whoami"))
    assert result.text == ".:53 {\n    whoami\n}\n"
    (left,) = result.left
    (found,) = engine.scan(document(text), (rule("BBB001", "whoami"),), Choices())
    assert left == found
    assert (left.line, left.id) == (3, found.id)


def test_of_two_fixes_that_touch_the_second_waits_for_the_next_round() -> None:
    text = ".:53 {\n    erratic\n    erratic\n    erratic\n    log\n}\n"
    result = repair(text, rule("AAA001", "erratic", removed))
    assert result.text == ".:53 {\n    log\n}\n"
    assert codes(result.fixed) == ["AAA001"] * 3


def test_what_another_fix_takes_away_counts_as_fixed() -> None:
    text = ".:53 {\n    erratic\n    log\n}\n"
    result = repair(text, rule("AAA001", "erratic", removed), rule("BBB001", "erratic"))
    assert codes(result.fixed) == ["AAA001", "BBB001"]
    assert result.left == ()


def test_what_needs_a_person_is_left_and_the_rest_is_fixed() -> None:
    text = ".:53 {\n    erratic\n    whoami\n}\n"
    result = repair(text, rule("AAA001", "erratic", removed), rule("BBB001", "whoami"))
    assert (codes(result.fixed), codes(result.left)) == (["AAA001"], ["BBB001"])


def test_a_fix_that_never_ends_is_refused_and_named() -> None:
    text = ".:53 {\n    erratic\n}\n"
    with pytest.raises(RuleError, match=r"^Corefile:2:5: the fix first of AAA001 no-erratic does not end") as refused:
        repair(text, rule("AAA001", "erratic", lambda _, found: (Edit(found.span.end, found.span.end, " x"),)))
    assert refused.value.hint == "leave it out: --ignore AAA001"
    with pytest.raises(RuleError, match="does not end"):
        repair(text, rule("AAA001", "erratic", renamed("whoami")), rule("BBB001", "whoami", renamed("erratic")))


def test_a_fix_whose_text_coredns_would_refuse_is_refused_and_named() -> None:
    with pytest.raises(RuleError, match="the fix first of AAA001 no-erratic makes a text that CoreDNS refuses"):
        repair(".:53 {\n    erratic\n}\n", rule("AAA001", "erratic", lambda _, found: (Edit(found.span.end, found.span.end, " {"),)))


COMMENTED = ".:53 {\n    erratic { # why\n        drop 2\n    }\n}\n"


def test_a_fix_that_would_lose_a_comment_is_not_safe() -> None:
    (finding,) = engine.scan(document(COMMENTED), (rule("AAA001", "erratic", cut),), Choices())
    assert finding.fix is not None
    assert (finding.fix.safety, finding.fix.why) == ("unsafe", "it would lose the comment # why")
    assert repair(COMMENTED, rule("AAA001", "erratic", cut)).text == COMMENTED
    assert repair(COMMENTED, rule("AAA001", "erratic", cut), unsafe=True).text == ".:53 {\n    log\n}\n"
    assert repair(COMMENTED, rule("AAA001", "erratic", removed)).text == ".:53 {\n    # why\n}\n"


def test_a_word_that_turns_a_comment_into_text_loses_it_too() -> None:
    text = '.:53 {\n    erratic # why "\n    log\n}\n'
    quoted = rule("AAA001", "erratic", lambda _, found: (Edit(found.name.start, found.name.end, 'errors "'),))
    (finding,) = engine.scan(document(text), (quoted,), Choices())
    assert finding.fix is not None
    assert finding.fix.safety == "unsafe"


TEXT = ".:53 {\n    erratic\n    log\n}\nb.org {\n    erratic\n    log\n}\n"
TWO = rule("AAA001", "erratic", renamed("whoami"), removed)


def test_a_fix_is_chosen_by_its_name_for_a_code_or_for_one_finding() -> None:
    assert repair(TEXT, TWO).text == TEXT.replace("erratic", "whoami")
    assert repair(TEXT, TWO, choices=Choices(chosen={"AAA001": "second"})).text == TEXT.replace("    erratic\n", "")
    one = engine.scan(document(TEXT), (TWO,), Choices())[1].id
    assert repair(TEXT, TWO, choices=Choices(chosen={one: "second"})).text == ".:53 {\n    whoami\n    log\n}\nb.org {\n    log\n}\n"
    both = Choices(chosen={one: "first", "AAA001": "second"})
    assert repair(TEXT, TWO, choices=both).text == ".:53 {\n    log\n}\nb.org {\n    whoami\n    log\n}\n"


def test_the_chosen_fix_comes_first_and_the_others_are_alternatives() -> None:
    for chosen, first, other in (({}, "first", "second"), ({"AAA001": "second"}, "second", "first")):
        finding = engine.scan(document(TEXT), (TWO,), Choices(chosen=chosen))[0]
        assert finding.fix is not None
        assert (finding.fix.name, [fix.name for fix in finding.alternatives]) == (first, [other])
        assert finding.to_data()["alternatives"][0]["name"] == other


def test_a_chosen_fix_that_is_not_safe_is_still_not_taken_unasked() -> None:
    risky = Fix("cut it", "second", (Edit(11, 18, "log"),), "unsafe", "it may hurt")
    text, choices = ".:53 {\n    erratic\n}\n", Choices(chosen={"AAA001": "second"})
    assert repair(text, rule("AAA001", "erratic", removed, risky), choices=choices).text == text
    assert repair(text, rule("AAA001", "erratic", removed, risky), choices=choices, unsafe=True).text == ".:53 {\n    log\n}\n"


def test_an_id_narrows_its_own_rule_and_no_other() -> None:
    rules = (TWO, rule("BBB001", "log"))
    first, *_ = found = engine.scan(document(TEXT), rules, Choices())
    assert codes(found) == ["AAA001", "BBB001", "AAA001", "BBB001"]
    ids = frozenset([first.id])
    assert engine.scan(document(TEXT), rules, Choices(), ids=ids) == [found[0], found[1], found[3]]
    assert engine.repair(document(TEXT), rules, Choices(), ids=ids).text == TEXT.replace("erratic", "whoami", 1)


@pytest.mark.parametrize(
    "text",
    [
        ".:53 {\n    # remedy: ignore AAA001 it is a test server\n    erratic\n}\n",
        ".:53 {\n    erratic # remedy: ignore AAA001 it is a test server\n}\n",
        ".:53 {\n    erratic { #remedy:ignore BBB001, AAA001: it is a test server\n        drop 2\n    }\n}\n",
        ".:53 {\n    erratic {\n        drop 2 # remedy: ignore AAA001,BBB001 it is a test server\n    }\n}\n",
        ".:53 {\n    erratic {\n        drop 2\n    } # remedy: ignore AAA001 it is a test server\r\n}\n",
        ".:53 {\n    # remedy: ignore AAA001 it is a test server\n    # and more\n    erratic\n}\n",
        "(s) {\n    # remedy: ignore AAA001 it is a test server\n    erratic\n}\n. {\n    import s\n}\nb.org {\n    import s\n}\n",
    ],
)
def test_a_comment_with_a_reason_silences_what_it_stands_at(text: str) -> None:
    found = engine.scan(document(text), (TWO,), Choices())
    assert {finding.suppressed for finding in found} == {"it is a test server"}
    assert not any(finding.wrong or finding.fixable for finding in found)
    result = repair(text, TWO, unsafe=True)
    assert (result.text, list(result.left)) == (text, found)
    assert found[0].to_data()["suppressed"] == {"reason": "it is a test server"}
    assert Finding.from_data(found[0].to_data()).suppressed == "it is a test server"


@pytest.mark.parametrize(
    "text",
    [
        ".:53 {\n    # remedy: ignore BBB001 it is a test server\n    erratic\n}\n",
        ".:53 {\n    # remedy: ignore AAA001 it is a test server\n\n    erratic\n}\n",
        ".:53 {\n    log # remedy: ignore AAA001 it is a test server\n    erratic\n}\n",
        ".:53 {\n    # ignore AAA001 it is a test server\n    erratic\n}\n",
        ".:53 {\n    errors X#remedy:ignore\n    erratic\n}\n",
    ],
)
def test_a_comment_silences_nothing_else(text: str) -> None:
    (finding,) = engine.scan(document(text), (TWO,), Choices())
    assert finding.suppressed is None


@pytest.mark.parametrize("comment", ["# remedy: ignore AAAA001", "# remedy: ignore AAAA001,  ", "# remedy: ignore", "# remedy: ignore it"])
def test_a_comment_without_a_code_or_a_reason_silences_nothing_and_says_so(comment: str) -> None:
    text = f".:53 {{\n    {comment}\n    template ANY AAAA {{\n        rcode NXDOMAIN\n    }}\n}}\n"
    warning, error = engine.scan(document(text), RULES, Choices())
    assert (warning.code, warning.severity, warning.line, error.code) == ("CFG090", "warning", 2, "AAAA001")
    assert warning.message.startswith("this comment suppresses nothing")
    assert error.suppressed is None


def test_the_severity_of_a_problem_counts_more_than_its_rule_s() -> None:
    def check(corefile: Corefile, _: Choices) -> Iterator[Problem]:
        for _, found in corefile.walk():
            yield Problem(found.span, "so it is", severity="info" if found.name.text == "log" else None)

    found = engine.scan(document(TEXT), (Rule("AAA001", "any", "error", check),), Choices())
    assert [(finding.severity, finding.wrong) for finding in found] == [("error", True), ("info", False)] * 2


def test_rounds_of_fixes_in_a_manifest_change_the_lines_of_their_findings_and_no_other() -> None:
    corefile = ".:53 {\n    erratic\n    erratic\n    log # kept\n}\n"
    head = "# kept: 'as it is'\nkind: ConfigMap\nmetadata: {name: coredns,  namespace: kube-system}\ndata:\n  Corefile: |\n"
    text = head + "".join(f"      {line}\n" for line in corefile.splitlines()) + "  Other: 1\n"
    whole = Document(Target("manifest", "a.yaml"), text, plain.parts_of(text, "a.yaml"))
    result = engine.repair(whole, (rule("AAA001", "whoami", removed), rule("BBB001", "erratic", renamed("whoami"))), Choices())
    assert result.text == text.replace("          erratic\n", "")
    assert patched(text, unified(text, result.text, "a.yaml", result.edits)) == result.text
    assert [(finding.line, finding.corefile_line) for finding in result.fixed] == [(7, 2), (7, 2), (8, 3), (8, 3)]
