"""The tables of the parser's own tests, read from its Go module: remedy does what they say, and what that parser does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from remedy.corefile.files import on_disk
from remedy.corefile.lexer import Token, lex
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, Directive
from remedy.errors import ParseError
from tests.oracle.agree import disagreements, grouped
from tests.oracle.ask import CADDY, Case
from tests.oracle.golang import calls, table
from tests.testbed.build import module_dir

FOLDER = module_dir("github.com/coredns/caddy", f"v{CADDY}") / "caddyfile"
VALUES = {"PORT": "8080", "ADDRESS": "servername.com", "FOOBAR": "foobar", "PARTIAL_DIR": "r1"}


def source(name: str, function: str = "") -> str:
    text = (FOLDER / f"{name}_test.go").read_text()
    return text[text.index(f"func {function}(") :] if function else text


def read(text: bytes, environment: dict[str, str] | None = None) -> Corefile:
    return parse(
        text.decode("utf-8", "surrogateescape"), path=f"{FOLDER}/Corefile", files=on_disk, environment=environment or {}, plugins=None
    )


def agree(texts: list[bytes], environment: dict[str, str] | None = None) -> None:
    assert not disagreements(Case(text, environment=environment or {}, folder=str(FOLDER)) for text in texts)


def strings(values: list[bytes]) -> list[str]:
    return [value.decode("utf-8", "surrogateescape") for value in values]


def test_the_lexers_table() -> None:
    rows = [dict(row) for row in table(source("lexer"), "testCases", ":=", "[", "]", "lexerTestCase")]
    assert len(rows) >= 14
    for row in rows:
        expected = [(int(dict(token)["Line"]), dict(token)["Text"].decode()) for token in row["expected"]]
        assert [(token.line, token.text) for token in lex(row["input"].decode()).tokens] == expected
    agree([row["input"] for row in rows])


def test_the_table_of_all_tokens() -> None:
    rows = [dict(row) for row in table(source("parse"), "tests", ":=", "[", "]")]
    assert len(rows) >= 5
    for row in rows:
        assert [token.text for token in lex(row["input"].decode()).tokens] == strings(row.get("expected", []))
    agree([row["input"] for row in rows])


def test_the_table_of_one_server_block_and_of_imports() -> None:
    rows = table(source("parse", "TestParseOneAndImport"), "test", ":=", "range", "[", "]")
    assert len(rows) >= 33
    for text, fails, keys, words in rows:
        if fails == "true":
            with pytest.raises(ParseError):
                read(text)
            continue
        blocks = grouped(read(text))
        found = blocks[0] if blocks else ([], {})
        assert found[0] == strings(keys), text
        assert {name: len(tokens) for name, tokens in found[1].items()} == {name.decode(): int(count) for name, count in words}, text
    agree([row[0] for row in rows])


def test_the_table_of_all_server_blocks() -> None:
    rows = table(source("parse", "TestParseAll"), "test", ":=", "range", "[", "]")
    assert len(rows) >= 9
    for text, fails, keys in rows:
        if fails == "true":
            with pytest.raises(ParseError):
                read(text)
        else:
            assert [block[0] for block in grouped(read(text))] == [strings(each) for each in keys], text
    agree([row[0] for row in rows])


def test_the_table_of_json() -> None:
    rows = [dict(row) for row in table(source("json"), "var", "tests", "=", "[", "]")]
    assert len(rows) >= 13
    for row in rows:
        assert as_json(read(row["caddyfile"])) == json.loads(row["json"])
    agree([row["caddyfile"] for row in rows])


def as_json(tree: Corefile) -> list[dict[str, Any]]:
    """json.go ToJSON: a line is a list of its words, a block in it a list of lines."""

    def line(directive: Directive) -> list[Any]:
        words: list[Any] = [directive.name.text, *(word.text for word in directive.arguments)]
        return words if directive.opening is None else [*words, [line(option) for option in directive.options]]

    return [
        {"keys": [key.text for key in block.keys], "body": [line(each) for each in sorted(block.plugins, key=lambda each: each.name.text)]}
        for block in tree.blocks
    ]


def test_the_parses_with_an_environment() -> None:
    texts = calls(source("parse", "TestEnvironmentReplacement").partition("\nfunc testParser")[0], "testParser", "(")
    expected = [
        ("servername.com", ""),
        ("dir1", ""),
        ("servername.com:8080", ""),
        ("servername.com:8080", ""),
        ("servername.com:8080", ""),
        (":8080", "foobar"),
        (":8080", "servername.com/foobar"),
        (":1234", "{%ADDRESS}"),
        (":", ""),
        (":1234", "Test foobar test"),
        (":1234", "{{ .Name }} foobar"),
    ]
    assert len(texts) == len(expected)
    for text, (key, argument) in zip(texts, expected, strict=True):
        (block,) = read(text, VALUES).blocks
        assert [each.text for each in block.keys] == [key]
        assert [word.text for plugin in block.plugins for word in plugin.arguments] == ([argument] if argument else [])
    agree(texts, VALUES)


def test_the_parses_of_snippets() -> None:
    texts = [text for text in calls(source("parse"), "testParser", "(") if b"(common)" in text]
    assert len(texts) == 2
    (block,) = read(texts[0]).blocks
    assert [key.text for key in block.keys] == ["http://example.com"]
    assert [(plugin.name.text, plugin.arguments[0].text) for plugin in block.plugins] == [("gzip", "foo"), ("errors", "stderr")]
    outer = texts[1] + b"across\n"
    files = {"across": b"\n\t\thttp://example.com {\n\t\t\timport common\n\t\t}\n\t"}
    assert not disagreements([Case(texts[0]), Case(outer, files)])


def test_snippets_that_import_themselves_are_refused() -> None:
    rows = [dict(row) for row in table(source("parse", "TestSnippetImportCycle"), "tests", ":=", "[", "]")]
    assert len(rows) == 2
    for row in rows:
        with pytest.raises(ParseError, match="maximum snippet import depth"):
            read(row["input"])
    agree([row["input"] for row in rows])


def test_the_imports_from_files_that_import_files(tmp_path: Path) -> None:
    one, two = tmp_path / "recursive_import_test1", tmp_path / "recursive_import_test2"
    two.write_text("dir2 1")
    for path in ("recursive_import_test2", str(two)):
        one.write_text(f"localhost\n\t\tdir1\n\t\timport {path}")
        for text in (f"import {one}", "import recursive_import_test1"):
            case = Case(text.encode(), folder=str(tmp_path))
            assert not disagreements([case])
            ((keys, words),) = grouped(parse(text, path=f"{tmp_path}/Corefile", files=on_disk, environment={}))
            assert (keys, {name: len(tokens) for name, tokens in words.items()}) == (["localhost"], {"dir1": 1, "dir2": 2})


def test_an_import_among_options_and_one_that_is_only_an_argument() -> None:
    text = b"localhost\n\tdir1\n\tproxy {\n\t\timport %s\n\t\ttransparent\n\t}"
    files = {"options": b"prop1 1\n\tprop2 2", "server": b"http://example.com {\n\t# not an import\n\tbasicauth / import password\n}\n"}
    cases = [Case(text % b"options", files), Case(text % b"nonexistent_file", files), Case(b"import server", files)]
    assert not disagreements(cases)


@pytest.mark.parametrize(
    "function", ["Val_Next", "NextArg", "NextLine", "NextBlock", "NextBlock_MakesProgressOrStopsOnEOF", "Args", "RemainingArgs"]
)
def test_the_dispensers_inputs(function: str) -> None:
    (text,) = calls(source("dispenser", f"TestDispenser_{function}").partition("\n}\n")[0], "input", ":=")
    agree([text, b"zone\n" + text, b"zone {\n" + text + b"\n}\n"])


def lines(text: str) -> list[list[str]]:
    """What a plugin gets from the dispenser: each line's first word with the arguments behind it."""
    return [[each.name.text, *(word.text for word in each.arguments)] for _, plugin in parse(text).walk() for each in plugin.walk()]


def test_arguments_end_with_the_line_or_a_brace_as_the_dispenser_has_it() -> None:
    (text,) = calls(source("dispenser", "TestDispenser_Args").partition("\n}\n")[0], "input", ":=")
    expected = [["dir1", "arg1", "arg2", "arg3"], ["dir2", "arg4", "arg5"], ["dir3", "arg6", "arg7"], ["dir4"]]
    assert lines("zone\n" + text.decode()) == expected
    (text,) = calls(source("dispenser", "TestDispenser_RemainingArgs").partition("\n}\n")[0], "input", ":=")
    assert lines("zone\n" + text.decode() + "\n}") == [
        ["dir1", "arg1", "arg2", "arg3"],
        ["dir2", "arg4", "arg5"],
        ["dir3", "arg6"],
        ["arg7"],
        ["dir4"],
    ]


def test_blocks_nest_as_the_dispenser_has_it() -> None:
    name = "TestDispenser_NextBlock_MultipleLevelsOfNestedBlocks"
    (text,) = calls(source("dispenser", name).partition("\n}\n")[0], "input", ":=")
    ((_, first), (_, second)) = parse("zone\n" + text.decode()).walk()
    assert [option.name.text for option in first.options] == ["sub1", "sub2", "sub_foobar1"]
    assert [option.name.text for option in first.options[2].options] == ["sub3", "sub4"]
    assert second.opening is not None
    assert not second.options


def test_the_message_of_a_missing_argument_is_the_dispensers() -> None:
    for text, message in [
        ("import", "Wrong argument count or unexpected line ending after 'import'"),
        (". {\n import\n}", "after 'import'"),
    ]:
        with pytest.raises(ParseError) as caught:
            parse(text)
        assert message in caught.value.said
    agree([b"import", b". {\n import\n}"])


def test_every_word_is_where_its_span_says(tmp_path: Path) -> None:
    (tmp_path / "b").write_text('x "y z" {\n w\n}\n')
    tree = parse("a { \n import b\n}\n", path=os.path.join(tmp_path, "Corefile"), files=on_disk)
    words: list[Token] = [word for _, plugin in tree.walk() for word in plugin.tokens()]
    assert [tree.source(word.span) for word in words] == ["x", '"y z"', "{", "w", "}"]
