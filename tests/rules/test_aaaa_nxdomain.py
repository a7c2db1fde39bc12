"""AAAA001, beyond what every rule promises: the styles, what a finding says, and its identity."""

from __future__ import annotations

import pytest

from remedy.answers.model import reply
from remedy.answers.questions import names
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.rules import STYLES, Choices, Style
from rewrite_rules import RULES
from tests.rules.cases import Case, cases

DENIED = [case for case in cases() if case.code == "AAAA001" and case.has("after") and not case.alternatives]
PLAIN = [case for case in DENIED if not {"soa", "version"} & set(case.about)]
BY_NAME = {case.name: case for case in cases()}


@pytest.mark.parametrize("style", ["explicit", "minimal"])
@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.name)
def test_another_style_keeps_the_block_and_the_class(case: Case, style: Style) -> None:
    after = case.repair(style=style).text
    if case.has(f"after.{style}"):
        assert after == case.read(f"after.{style}")
    old, new = ([word.text for word in lex(each).tokens] for each in (case.read(), after))
    if style == "minimal":
        assert {pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]} == {("NXDOMAIN", "NOERROR")}
    assert new.count("ANY") == old.count("ANY")
    assert new.count("{") == old.count("{")


@pytest.mark.parametrize("case", DENIED, ids=lambda case: case.name)
def test_all_three_styles_answer_alike(case: Case) -> None:
    texts = [parse(case.repair(style=style).text) for style in STYLES]
    world = names(*texts)
    for name in world:
        for type_ in ("A", "AAAA", "MX"):
            assert len({reply(text, name, type_, world) for text in texts}) == 1


@pytest.mark.parametrize("style", STYLES)
def test_an_soa_is_added_in_every_style_where_it_is_asked_for(style: Style) -> None:
    for name in ("AAAA001-soa", "AAAA001-soa-beside-options", "AAAA001-before-1.5.1"):
        assert BY_NAME[name].repair(style=style).text.count(" SOA ns.dns. ") == 1
    assert BY_NAME["AAAA001-soa-there-already"].repair(style=style).text.count(" SOA ") == 1


def test_what_the_version_asks_for_is_said() -> None:
    (finding,) = BY_NAME["AAAA001-before-1.5.1"].scan()
    assert finding.fix is not None
    assert "CoreDNS before 1.5.1 loads no template without records" in finding.fix.title


def test_one_snippet_is_one_finding_however_often_it_is_imported() -> None:
    (finding,) = BY_NAME["AAAA001-snippet"].scan()
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (2, 5, 4, 6)
    assert finding.code == "AAAA001"
    assert finding.severity == "error"


def test_a_finding_names_the_zones_that_are_really_asked_about() -> None:
    (wide,) = BY_NAME["AAAA001-incident"].scan()
    assert wide.message.startswith("AAAA for every name is answered NXDOMAIN")
    narrow, _ = BY_NAME["AAAA001-root-zone-in-a-narrower-server-block"].scan()
    assert narrow.message.startswith("AAAA for names in cluster.local. is answered NXDOMAIN")


def test_what_else_stands_in_the_server_block_changes_the_advice() -> None:
    assert "dns64 stands above it and passes the denial on" in BY_NAME["AAAA001-dns64"].scan()[0].message
    assert "IPv6 addresses that this server block knows" in BY_NAME["AAAA001-hosts-with-ipv6"].scan()[0].message


def test_the_id_of_a_finding_is_its_code_and_stays_the_same_for_the_same_text() -> None:
    one, again = BY_NAME["AAAA001-incident"].scan(), BY_NAME["AAAA001-incident"].scan()
    assert [finding.id for finding in one] == [finding.id for finding in again]
    assert one[0].id.startswith("AAAA001-")
    ids = [finding.id for finding in BY_NAME["AAAA001-several-server-blocks"].scan()]
    assert len(set(ids)) == len(ids) == 2


def test_a_finding_in_a_snippet_names_every_server_block_that_it_affects() -> None:
    text = "(no) {\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n}\n. {\n    import no\n}\nb.org {\n    import no\n}\n"
    (problem,) = RULES[0].check(parse(text), Choices())
    assert text[problem.span.start : problem.span.end].startswith("template ANY AAAA {")
    assert problem.message.endswith("every server block that imports it (line 6, 9)")
