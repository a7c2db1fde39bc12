"""AAAA001 on shapes seen in the wild: fixtures/rules/AAAA001-*, a folder each.

before.Corefile, after.Corefile (style documented; after.explicit, after.minimal where those are shown) and about.toml: where the shape
comes from, whether it is `clean`, and the `safety` of its fix: safe, unsafe, or none where a person has to decide.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from remedy import engine
from remedy.answers.model import reply
from remedy.answers.questions import names
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.engine import Repair
from remedy.rules import STYLES, Choices, Style
from remedy.sources.document import Document, Target, WholePart
from rewrite_rules import RULES

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
CASES = sorted(path.name for path in FOLDER.glob("AAAA001-*"))


def about(case: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / case / "about.toml").read_text("utf-8"))


def read(case: str, name: str = "before") -> str:
    return (FOLDER / case / f"{name}.Corefile").read_bytes().decode("utf-8", "surrogateescape")


CLEAN = [case for case in CASES if about(case)["clean"]]
FIXED = [case for case in CASES if not about(case)["clean"] and about(case)["safety"] != "none"]
LEFT = [case for case in CASES if not about(case)["clean"] and about(case)["safety"] == "none"]


def document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))


def scan(text: str, style: Style = "documented") -> list[engine.Finding]:
    return engine.scan(document(text), RULES, Choices(style))


def repair(text: str, style: Style = "documented", *, unsafe: bool = False) -> Repair:
    return engine.repair(document(text), RULES, Choices(style), unsafe=unsafe)


def comments(text: str) -> list[str]:
    return [text[comment.start : comment.end].rstrip("\r") for comment in lex(text).comments]


def test_every_fixture_says_where_it_comes_from() -> None:
    assert len(CASES) >= 50
    for case in CASES:
        assert about(case)["source"], case
        assert set(about(case)) <= {"source", "clean", "safety"}, case


@pytest.mark.parametrize("case", CLEAN)
def test_what_only_looks_like_it_is_left_alone(case: str) -> None:
    text = read(case)
    assert scan(text) == []
    for style in STYLES:
        assert repair(text, style, unsafe=True).text == text


@pytest.mark.parametrize("case", FIXED)
def test_the_default_fix_is_what_the_documentation_says(case: str) -> None:
    assert repair(read(case), unsafe=True).text == read(case, "after")
    assert repair(read(case)).text == (read(case, "after") if about(case)["safety"] == "safe" else read(case))


@pytest.mark.parametrize("style", ["explicit", "minimal"])
@pytest.mark.parametrize("case", FIXED)
def test_another_style_keeps_the_block_and_the_class(case: str, style: Style) -> None:
    text = read(case)
    after = repair(text, style, unsafe=True).text
    if (FOLDER / case / f"after.{style}.Corefile").exists():
        assert after == read(case, f"after.{style}")
    old, new = ([word.text for word in lex(each).tokens] for each in (text, after))
    if style == "minimal":
        assert {pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]} == {("NXDOMAIN", "NOERROR")}
    assert new.count("ANY") == old.count("ANY")
    assert new.count("{") == old.count("{")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", FIXED)
def test_a_fix_heals_leaves_nothing_to_fix_and_loses_no_comment(case: str, style: Style) -> None:
    text = read(case)
    repaired = repair(text, style, unsafe=True)
    assert repaired.fixed
    assert repaired.left == ()
    assert scan(repaired.text) == []
    assert repair(repaired.text, style, unsafe=True).text == repaired.text
    assert comments(repaired.text) == comments(text)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", FIXED)
def test_a_fix_changes_no_byte_outside_the_lines_of_its_finding(case: str, style: Style) -> None:
    text = read(case)
    after = repair(text, style, unsafe=True).text
    touched = {line for finding in scan(text, style) for line in range(finding.line - 1, finding.end_line)}
    kept = [line for number, line in enumerate(text.split("\n")) if number not in touched]
    lines = iter(after.split("\n"))
    assert all(line in lines for line in kept), "a line that is none of the finding's is gone"


@pytest.mark.parametrize("case", FIXED)
def test_a_fix_that_is_not_taken_is_left_with_the_reason(case: str) -> None:
    for finding in repair(read(case)).left:
        assert finding.fix is not None
        assert finding.fix.safety == "unsafe"
        assert "scoped by a zone or a match" in finding.fix.why
    assert bool(repair(read(case)).left) == (about(case)["safety"] == "unsafe")


@pytest.mark.parametrize("case", LEFT)
def test_where_a_person_has_to_decide_nothing_is_written(case: str) -> None:
    text = read(case)
    (finding,) = scan(text)
    assert finding.fix is None
    for style in STYLES:
        assert repair(text, style, unsafe=True).text == text


@pytest.mark.parametrize("case", FIXED)
def test_all_three_styles_answer_alike(case: str) -> None:
    texts = [parse(repair(read(case), style, unsafe=True).text) for style in STYLES]
    world = names(*texts)
    for name in world:
        for type_ in ("A", "AAAA", "MX"):
            assert len({reply(text, name, type_, world) for text in texts}) == 1


def test_one_snippet_is_one_finding_however_often_it_is_imported() -> None:
    (finding,) = scan(read("AAAA001-snippet"))
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (2, 5, 4, 6)
    assert finding.code == "AAAA001"
    assert finding.severity == "error"


def test_a_finding_names_the_zones_that_are_really_asked_about() -> None:
    (wide,) = scan(read("AAAA001-incident"))
    assert wide.message.startswith("AAAA for every name is answered NXDOMAIN")
    (narrow,) = scan(read("AAAA001-root-zone-in-a-narrower-server-block"))
    assert narrow.message.startswith("AAAA for names in cluster.local. is answered NXDOMAIN")


def test_the_id_of_a_finding_is_its_code_and_stays_the_same_for_the_same_text() -> None:
    one, again = scan(read("AAAA001-incident")), scan(read("AAAA001-incident"))
    assert [finding.id for finding in one] == [finding.id for finding in again]
    assert one[0].id.startswith("AAAA001-")
    ids = [finding.id for finding in scan(read("AAAA001-several-server-blocks"))]
    assert len(set(ids)) == len(ids) == 2


def test_a_finding_in_a_snippet_names_every_server_block_that_it_affects() -> None:
    text = "(no) {\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n}\n. {\n    import no\n}\nb.org {\n    import no\n}\n"
    (problem,) = RULES[0].check(parse(text), Choices())
    assert text[problem.span.start : problem.span.end].startswith("template ANY AAAA {")
    assert problem.message.endswith("every server block that imports it (line 6, 9)")
