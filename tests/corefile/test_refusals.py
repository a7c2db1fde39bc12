"""A refusal says what CoreDNS says, where a person has to look, shows the line, and tells in plain words what to do."""

from __future__ import annotations

import pytest

from remedy.corefile.parse import parse
from remedy.corefile.place import WIDTH, excerpt
from remedy.errors import ParseError
from tests.oracle.ask import Case, ask

PLUGINS = ("errors", "log", "template", "import", "cache", "health")
E = "Error during parsing"

# The text; CoreDNS's message; line and column; a part of the hint.
ROWS = [
    ("a.org, {\n}\n", f"1 - {E}: Expected another address but had '{{' - check for extra comma", 1, 8, "remove the comma"),
    ("a.org,\n", f"1 - {E}: Unexpected EOF", 1, 1, "another key"),
    (". {\n  health {\n    lameduck 5s\n", f"3 - {E}: Unexpected EOF", 2, 10, "never closed"),
    (". {\n  Errors\n}\n", f"2 - {E}: Unknown directive 'Errors'", 2, 3, "lower case: errors"),
    (". {\n  reverse_proxy x\n}\n", f"2 - {E}: Unknown directive 'reverse_proxy'", 2, 3, "Caddy 2"),
    (". {\n  template IN AAAA{\n    rcode NOERROR\n  }\n}\n", f"3 - {E}: Unknown directive 'rcode'", 3, 5, "space before it: AAAA {"),
    (". { log }\n", f"1 - {E}: Unexpected '}}' because no matching opening brace", 1, 9, "a line of its own"),
    (". {\n  log\n", "2 - Syntax error: Unexpected token 'log', expecting '}'", 2, 3, "add a line with }"),
    ("(a)\nlog\n", "2 - Syntax error: Unexpected token 'log', expecting '{'", 2, 1, "braces"),
    ("(a) {\n  log\n", "2 - Syntax error: Unexpected token 'log', expecting '}'", 1, 5, "never closed"),
    ("(a) {\n}\n(a) {\n}\n", f"3 - {E}: redeclaration of previously declared snippet a", 3, 1, "another name"),
    ("(a) {\n  import a\n}\n", f"3 - {E}: maximum snippet import depth (10000) exceeded", 2, 10, "imports itself"),
    (". {\n  import\n}\n", f"2 - {E}: Wrong argument count or unexpected line ending after 'import'", 2, 3, "import NAME"),
    ('. {\n  import ""\n}\n', f"2 - {E}: Import requires a non-empty filepath", 2, 10, "import NAME"),
    (". {\n  import a b\n}\n", f"2 - {E}: Import takes only one argument (glob pattern or file)", 2, 12, "Caddy 2"),
    ("import */*\n", f"1 - {E}: Glob pattern may only contain one wildcard (*), but has others: /nowhere/*/*", 1, 8, "one *"),
    ("import a[\n", f"1 - {E}: File to import not found: a[", 1, 8, "nothing is at /nowhere/a["),
    ("import a\n", f"1 - {E}: File to import not found: a", 1, 8, "nothing is at /nowhere/a"),
]


@pytest.mark.parametrize(("text", "said", "line", "column", "hint"), ROWS, ids=[f"{row[1][4:60]} ({row[4]})" for row in ROWS])
def test_a_refusal_has_coredns_words_a_place_the_line_and_advice(text: str, said: str, line: int, column: int, hint: str) -> None:
    if "a[" in text:
        said, hint = f"1 - {E}: Failed to use import pattern a[: syntax error in pattern", "not closed"
    with pytest.raises(ParseError) as caught:
        parse(text, path="/nowhere/Corefile", files={}, environment={}, plugins=PLUGINS)
    error = caught.value
    assert error.said == f"/nowhere/Corefile:{said}"
    assert error.said.endswith(str(error))
    assert (error.line, error.column, error.file) == (line, column, "")
    assert hint in error.hint
    shown, caret = error.excerpt.split("\n")
    assert shown == text.split("\n")[line - 1]
    assert caret == " " * (column - 1) + "^"


def test_each_message_is_the_one_of_coredns_own_parser() -> None:
    rows = [row for row in ROWS if "a[" not in row[0]]
    for row, answer in zip(rows, ask(Case(row[0].encode(), plugins=PLUGINS, folder="/nowhere") for row in rows), strict=True):
        assert answer.error == f"/nowhere/Corefile:{row[1]}"


def test_a_place_in_an_imported_file_is_named_with_its_file() -> None:
    with pytest.raises(ParseError) as caught:
        parse(". {\n  import more\n}\n", path="/etc/coredns/Corefile", files={"/etc/coredns/more": "log\n\timport\n"})
    error = caught.value
    assert (error.file, error.line, error.column) == ("/etc/coredns/more", 2, 2)
    assert error.excerpt == "\timport\n\t^"
    assert error.said.startswith("/etc/coredns/more:2 - ")


def test_a_variable_that_holds_itself_is_refused_where_coredns_would_hang() -> None:
    for environment in ({"A": "{$A}"}, {"A": "x{$B}", "B": "{$A}{$A}"}):
        with pytest.raises(ParseError, match="holds itself"):
            parse("{$A} {\n}\n", environment=environment)


def test_an_excerpt_shows_a_long_line_around_its_place_and_nothing_that_moves_a_cursor() -> None:
    shown, caret = excerpt("a\n" + "x" * 5000 + "\x1b!" + "y" * 5000 + "\r\nb", 2, 5001).split("\n")
    assert len(shown) == WIDTH
    assert shown[len(caret) - 1] == "\ufffd"
    assert excerpt("\ta\x00\r\n", 1, 3) == "\ta\ufffd\n\t ^"
    assert excerpt("", 1, 1) == "\n^"
