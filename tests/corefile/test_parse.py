"""What CoreDNS accepts parses, what it refuses is refused in its own words, at the place a person has to change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ParseError
from tests.corefile.test_lexer import TEXTS


def shape(corefile: Corefile) -> list[tuple[list[str], list[str]]]:
    """Keys and plugins of every server block, a plugin's words joined."""
    return [
        ([key.text for key in block.keys], [" ".join(word.text for word in plugin.words()) for plugin in block.plugins])
        for block in corefile.blocks
    ]


# What it shows, the text, and its server blocks. Measured on CoreDNS's own parser.
ACCEPTED: list[tuple[str, str, list[tuple[list[str], list[str]]]]] = [
    ("a server block", ".:53 {\n  errors\n  cache 30\n}\n", [([".:53"], ["errors", "cache 30"])]),
    ("several keys", "a.org b.org:53, c.org,\n d.org {\n}\n", [(["a.org", "b.org:53", "c.org", "d.org"], [])]),
    ("a comma inside a word is part of it", "a:1,b:2 {\n}\n", [(["a:1,b:2"], [])]),
    ("a comma alone is an empty key", ", a {\n}\n", [(["", "a"], [])]),
    ("empty quotes are no key", '"" a {\n}\n"" {\n log\n}\n', [(["a"], [])]),
    ("the brace may stand on the next line", ".\n\n{\n log\n}\n", [(["."], ["log"])]),
    ("a plugin may follow the brace", ". { whoami\n}\n", [(["."], ["whoami"])]),
    ("a block without braces runs to the end", ".\nlog\nerrors\n", [(["."], ["log", "errors"])]),
    ("or to a lone closing brace", ".\nlog\n}\na.org {\n}\n", [(["."], ["log"]), (["a.org"], [])]),
    ("keys alone are a block", ".:53 a.org\n", [([".:53", "a.org"], [])]),
    ("a surplus closing brace is a key", ". {\n}\n}\n", [(["."], []), (["}"], [])]),
    ("a word behind the closing brace is a key", ". {\n} x\n", [(["."], []), (["x"], [])]),
    ("options in braces", ". {\n a {\n  b c\n  d\n }\n}\n", [(["."], ["a b c d"])]),
    ("a plugin's block on one line", ". {\n template IN AAAA { rcode NXDOMAIN }\n}\n", [(["."], ["template IN AAAA rcode NXDOMAIN"])]),
    ("empty braces", ". {\n a { }\n}\n", [(["."], ["a"])]),
    ("a brace on its own inside braces is an option to the plugin", ". {\n a {\n  {\n  }\n }\n}\n", [(["."], ["a {"])]),
    ("quoted braces work like bare ones", '. "{"\n log\n"}"\n', [(["."], ["log"])]),
    ("a last closing brace may be missing behind another", ". {\n log\n a {\n  b\n }\n", [(["."], ["log", "a b"])]),
    ("a word spanning lines does not end the line", '. {\n log "x\ny" z\n errors\n}\n', [(["."], ["log x\ny z", "errors"])]),
    ("environment variables stay as they are", "{$ZONE}:{$PORT} {\n log {$X}\n}\n", [(["{$ZONE}:{$PORT}"], ["log {$X}"])]),
    (
        "NodeLocal DNSCache's placeholders are words",
        "__PILLAR__DNS__DOMAIN__:53 {\n bind __PILLAR__LOCAL__DNS__\n}\n",
        [(["__PILLAR__DNS__DOMAIN__:53"], ["bind __PILLAR__LOCAL__DNS__"])],
    ),
    ("no text is no block", "", []),
    ("comments are no block", "# nothing\n\n  # here\n", []),
    ("a snippet is no block", "(a) {\n log\n}\n", []),
    ("two words in parentheses are keys", "(a) (b) {\n}\n", [(["(a)", "(b)"], [])]),
    (
        "a snippet is put in where it is imported",
        "(a) {\n log\n errors\n}\n. {\n import a\n ready\n}\n",
        [(["."], ["log", "errors", "ready"])],
    ),
    ("more than once", "(a) {\n log\n}\nx {\n import a\n}\ny {\n import a\n}\n", [(["x"], ["log"]), (["y"], ["log"])]),
    ("inside a plugin's options", "(a) {\n b c\n}\n. {\n x {\n  import a\n  d\n }\n}\n", [(["."], ["x b c d"])]),
    ("from another snippet", "(a) {\n log\n}\n(b) {\n import a\n ready\n}\n. {\n import b\n}\n", [(["."], ["log", "ready"])]),
    ("as server blocks", "(a) {\n. {\n log\n}\n}\nimport a\n", [(["."], ["log"])]),
    ("in a block without braces", "(a) {\n log\n}\n.\nimport a\nready\n", [(["."], ["log", "ready"])]),
    ("an empty snippet", "(a) {\n}\n. {\n import a\n log\n}\n", [(["."], ["log"])]),
    ("import as an argument is a word", ". {\n log import a\n}\n", [(["."], ["log import a"])]),
]


@pytest.mark.parametrize(("text", "blocks"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_coredns_accepts_is_read_as_coredns_reads_it(text: str, blocks: list[tuple[list[str], list[str]]]) -> None:
    assert shape(parse(text)) == blocks
    assert shape(parse(text.replace("\n", "\r\n"))) == [
        (keys, [plugin.replace("x\ny", "x\r\ny") for plugin in plugins]) for keys, plugins in blocks
    ]


# What it shows, the text, CoreDNS's message, and the place a person has to look at.
REFUSED: list[tuple[str, str, str, int, int]] = [
    ("a comma before the brace", "a.org, {\n}\n", "Expected another address but had '{' - check for extra comma", 1, 8),
    ("a comma at the end of the file", "a.org,\n", "Unexpected EOF", 1, 1),
    ("options never closed", ". {\n  health {\n    lameduck 5s\n", "Unexpected EOF", 2, 10),
    ("the inner of two open braces closed", ". {\n  a {\n    b {\n    }\n", "Unexpected EOF", 2, 5),
    ("a brace without a plugin", ". {\n  {\n  }\n}\n", "Unknown directive '{'", 2, 3),
    ("a server block on one line", ". { whoami }\n", "Unexpected '}' because no matching opening brace", 1, 12),
    ("a closing brace too many on a line", ". {\n  a { b } }\n}\n", "Unexpected '}' because no matching opening brace", 2, 11),
    ("a server block never closed", ". {\n  log\n  errors\n", "Unexpected token 'errors', expecting '}'", 3, 3),
    ("a snippet never closed", "(a) {\n  log\n", "Unexpected token 'log', expecting '}'", 1, 5),
    ("a snippet without braces", "(a)\nlog\n", "Unexpected token 'log', expecting '{'", 2, 1),
    ("a snippet declared twice", "(a) {\n}\n(a) {\n}\n", "redeclaration of previously declared snippet a", 3, 1),
    ("a snippet that imports itself", "(a) {\n  log\n  import a\n}\n", "maximum snippet import depth (10000) exceeded", 3, 10),
    (
        "snippets that import each other",
        "(b) {\n import a\n}\n(a) {\n import b\n}\n. {\n import a\n}\n",
        "maximum snippet import depth (10000) exceeded",
        2,
        9,
    ),
    ("an import of nothing", ". {\n  import\n  log\n}\n", "Wrong argument count or unexpected line ending after 'import'", 2, 3),
    ("an import of an empty name", '. {\n  import ""\n}\n', "Import requires a non-empty filepath", 2, 10),
    ("an import of two", ". {\n  import a b\n}\n", "Import takes only one argument (glob pattern or file)", 2, 12),
    ("quotes never closed", '. {\n  log "a b\n}\n', "Unexpected token 'a b\n}\n', expecting '}'", 2, 7),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_coredns_refuses_is_refused_in_its_words_with_a_place_and_a_hint(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert (str(caught.value), caught.value.line, caught.value.column) == (message, line, column)
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_an_imported_word_keeps_its_own_place() -> None:
    text = "(a) {\n  template ANY AAAA {\n    rcode NXDOMAIN\n  }\n}\n. {\n  import a\n}\n"
    ((_, template),) = parse(text).walk()
    assert text[template.span.start : template.span.end] == "template ANY AAAA {\n    rcode NXDOMAIN\n  }"
    assert template.name.line == 2


def test_the_import_of_a_file_is_reported_and_the_rest_is_read() -> None:
    corefile = parse(
        ". {\n  import custom/*.override\n  log\n  template IN AAAA {\n    import rcode.conf\n  }\n}\nimport custom/*.server\n"
    )
    assert [token.text for token in corefile.unread] == ["custom/*.override", "rcode.conf", "custom/*.server"]
    assert shape(corefile) == [(["."], ["log", "template IN AAAA"])]


def test_a_snippet_defined_after_its_import_is_taken_for_a_file() -> None:
    corefile = parse(". {\n  import late\n}\n(late) {\n  log\n}\n")
    assert [token.text for token in corefile.unread] == ["late"]


@pytest.mark.parametrize("line", ["a {", "{"])
def test_ten_thousand_nested_braces_do_not_exhaust_the_stack(line: str) -> None:
    depth = 10_000
    corefile = parse(". {\nplugin " + f"{line}\n" * depth + "}\n" * depth + "}\n")
    assert [plugin.name.text for _, plugin in corefile.walk()] == ["plugin"]
    ((_, plugin),) = corefile.walk()
    assert sum(1 for _ in plugin.words()) == (depth + 1 if line == "a {" else depth)


def test_ten_thousand_open_braces_are_refused_at_the_outermost() -> None:
    with pytest.raises(ParseError, match="Unexpected EOF") as caught:
        parse(". {\n" + "a {\n" * 10_000)
    assert (caught.value.line, caught.value.column) == (2, 3)


WORDS = [
    "a",
    ".",
    "b,",
    "{",
    "}",
    "{",
    "}",
    "\n",
    "\n",
    "\n",
    "import s",
    "import t",
    "(s)",
    "(t)",
    '"{"',
    '"x\ny"',
    '""',
    ",",
    "#c",
    "a#c",
]


@settings(deadline=None, max_examples=1500)
@given(TEXTS | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_text_is_read_or_refused_and_never_breaks_the_parser(text: str) -> None:
    refused: ParseError | None = None
    try:
        for _, plugin in parse(text).walk():
            assert 0 <= plugin.span.start < plugin.span.end <= len(text)
    except ParseError as error:
        refused = error
    if refused:
        assert 1 <= refused.line <= text.count("\n") + 1
        assert 1 <= refused.column <= len(text) + 1
        assert refused.hint


def test_a_tree_can_be_seen_from_the_side_of_a_file_that_is_imported() -> None:
    main, file = ". {\n  import more/*\n}\na.org {\n  import more/a\n}\n", "log # why\n"
    files = {"/etc/coredns/more/a": file}
    there = parse(main, path="/etc/coredns/Corefile", files=files, own="/etc/coredns/more/a")
    here = parse(main, path="/etc/coredns/Corefile", files=files)
    assert shape(there) == shape(here)
    assert there.text == file
    assert (there.texts[""], there.texts["/etc/coredns/Corefile"]) == (file, main)
    _, plugin = next(there.walk())
    assert (plugin.span.file, there.source(plugin.span)) == ("", "log")
    assert [there.source(each) for each in there.comments_of(plugin).behind] == ["# why"]
    assert there.blocks[1].keys[0].file == "/etc/coredns/Corefile"


def test_from_that_side_relative_imports_begin_in_the_file_s_own_folder_and_errors_name_it() -> None:
    files = {"/etc/coredns/more/a": "import b", "/etc/coredns/more/b": "log"}
    main = ". {\n  import more/a\n}\n"
    there = parse(main, path="/etc/coredns/Corefile", files=files, own="/etc/coredns/more/a")
    assert [plugin.name.file for _, plugin in there.walk()] == ["/etc/coredns/more/b"]
    with pytest.raises(ParseError) as caught:
        parse(main, path="/etc/coredns/Corefile", files={"/etc/coredns/more/a": "\nimport b c\n"}, own="/etc/coredns/more/a")
    assert (caught.value.file, caught.value.line, caught.value.column) == ("", 2, 10)
    assert caught.value.said.startswith("/etc/coredns/more/a:2 - ")
