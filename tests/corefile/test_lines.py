"""A line put in or taken out changes that line and nothing else: what CoreDNS then reads is what it read, with that one difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.corefile import lines
from remedy.corefile.edit import Edit, apply, apply_all
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, Directive
from remedy.errors import ParseError
from tests.oracle.generate import cases


def edited(text: str, change: Callable[[Corefile, Directive], Edit], name: str) -> str:
    corefile = parse(text)
    node = next(node for _, plugin in corefile.walk() for node in plugin.walk() if node.name.text == name)
    return apply(text, [change(corefile, node)])


# What it shows, the text, and the text with `ready` after, with `ready` before, and without the node `x`.
ROWS = [
    ("a line of its own", ". {\n  x a\n  y\n}\n", ". {\n  x a\n  ready\n  y\n}\n", ". {\n  ready\n  x a\n  y\n}\n", ". {\n  y\n}\n"),
    (
        "tabs and carriage returns",
        ". {\r\n\tx a\r\n}\r\n",
        ". {\r\n\tx a\r\n\tready\r\n}\r\n",
        ". {\r\n\tready\r\n\tx a\r\n}\r\n",
        ". {\r\n}\r\n",
    ),
    ("no final newline", ".\nx a", ".\nx a\nready", ".\nready\nx a", "."),
    ("options", ". {\n  x {\n    a\n  }\n}\n", ". {\n  x {\n    a\n  }\n  ready\n}\n", ". {\n  ready\n  x {\n    a\n  }\n}\n", ". {\n}\n"),
    (
        "an option",
        ". {\n  y {\n    x 1\n  }\n}\n",
        ". {\n  y {\n    x 1\n    ready\n  }\n}\n",
        ". {\n  y {\n    ready\n    x 1\n  }\n}\n",
        ". {\n  y {\n  }\n}\n",
    ),
    (
        "comments",
        ". {\n  # why\n  x { # here\n    a # there\n  } # end\n  y\n}\n",
        ". {\n  # why\n  x { # here\n    a # there\n  } # end\n  ready\n  y\n}\n",
        ". {\n  ready\n  # why\n  x { # here\n    a # there\n  } # end\n  y\n}\n",
        ". {\n  # why\n  # here\n  # there\n  # end\n  y\n}\n",
    ),
    ("the line of the key", ". { x a\n  y\n}\n", ". { x a\n  ready\n  y\n}\n", ". { ready\n  x a\n  y\n}\n", ". { \n  y\n}\n"),
    (
        "the last brace for both",
        "a {\n  x {\n    b\n  }\n",
        "a {\n  x {\n    b\n  }\n  ready\n}\n",
        "a {\n  ready\n  x {\n    b\n  }\n",
        "a {\n}\n",
    ),
    ("one line", ". {\n  y { x 1 }\n}\n", ". {\n  y { x 1\n      ready }\n}\n", ". {\n  y { ready\n      x 1 }\n}\n", ". {\n  y {  }\n}\n"),
    (
        "a snippet",
        "(s) {\n  x\n}\na {\n  import s\n}\n",
        "(s) {\n  x\n  ready\n}\na {\n  import s\n}\n",
        "(s) {\n  ready\n  x\n}\na {\n  import s\n}\n",
        "(s) {\n}\na {\n  import s\n}\n",
    ),
]


@pytest.mark.parametrize(("text", "after", "before", "without"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_line_goes_in_and_comes_out(text: str, after: str, before: str, without: str) -> None:
    assert edited(text, lambda corefile, node: lines.after(corefile, node, "ready"), "x") == after
    assert edited(text, lambda corefile, node: lines.before(corefile, node, "ready"), "x") == before
    assert edited(text, lines.without, "x") == without


Shape = list[tuple[list[str], list[list[str]]]]


def shape(corefile: Corefile, change: Callable[[Directive], list[list[str]]] = lambda plugin: [words(plugin)]) -> Shape:
    return [
        ([key.text for key in block.keys], [words for plugin in block.plugins for words in change(plugin)]) for block in corefile.blocks
    ]


def nodes() -> Iterator[tuple[str, Corefile, Directive]]:
    """Every plugin of many odd Corefiles, those of snippets too, but none that some other plugin has among its options."""
    for text, corefile in generated():
        plugins = [plugin for _, plugin in corefile.walk()]
        inside = {token.start for plugin in plugins for token in list(plugin.tokens())[1:]}
        yield from ((text, corefile, plugin) for plugin in plugins if plugin.name.start not in inside)


def words(plugin: Directive) -> list[str]:
    return [token.text for token in plugin.tokens()]


def generated() -> Iterator[tuple[str, Corefile]]:
    for case in cases(5, 1500):
        text = case.text.decode("utf-8", "surrogateescape")
        try:
            yield text, parse(text)
        except ParseError:
            continue


ADDED = [["added", "1"]]


def test_in_any_corefile_a_line_put_in_is_read_there_and_the_rest_as_before() -> None:
    tried = 0
    for text, corefile, node in nodes():
        above = shape(corefile, lambda each, node=node: (ADDED if each.span == node.span else []) + [words(each)])
        below = shape(corefile, lambda each, node=node: [words(each)] + (ADDED if each.span == node.span else []))
        assert shape(parse(apply(text, [lines.before(corefile, node, "added 1")]))) == above, (text, node)
        try:
            edit = lines.after(corefile, node, "added 1")
        except ValueError:
            assert lex(text + "x").tokens[-1].text.endswith("x")
            continue
        assert shape(parse(apply(text, [edit]))) == below, (text, node)
        tried += 1
    print(f"{tried} plugins")
    assert tried >= 1000


def test_in_any_corefile_a_plugin_taken_out_is_gone_and_its_comments_are_not() -> None:
    for text, corefile, node in nodes():
        gone = shape(corefile, lambda each, node=node: [] if each.span == node.span else [words(each)])
        after = parse(apply(text, [lines.without(corefile, node)]))
        assert shape(after) == gone, (text, node)
        assert len(after.comments) == len(corefile.comments), (text, node)


@pytest.mark.parametrize(
    ("block", "after"),
    [
        ("x {\n  a\n}", "x"),
        ("x y {\n\n  a\n\n} # why", "x y # why"),
        ("x { a }", "x"),
        ("x {\n  a # why\n}", "x {\n  # why\n}"),
        ("x { # why\n  a\n}", "x { # why\n}"),
        ("x {\n  a\n  b\n}", "x {\n  b\n}"),
        ("x {\n  b\n  a\n}", "x {\n  b\n}"),
        ("x {\n  a\n  import more\n}", "x {\n  import more\n}"),
    ],
)
def test_the_last_option_of_a_block_goes_with_its_braces_and_nothing_else_goes(block: str, after: str) -> None:
    snippet, around = "(more) {\n}\n", "* {\n{}\n}\n"
    corefile = parse(snippet + around.replace("{}", block))
    (plugin,) = corefile.blocks[0].plugins
    edits = lines.without_options(corefile, plugin, [option for option in plugin.options if option.name.text == "a"])
    assert apply(corefile.text, edits) == snippet + around.replace("{}", after)


def test_in_any_corefile_options_that_go_with_their_braces_are_all_that_goes() -> None:
    tried = 0
    for text, corefile, node in nodes():
        edits = lines.without_options(corefile, node, node.options) if node.options and not node.rest else ()
        if [(edit.start, edit.end) for edit in edits] != [(node.head.end, node.span.end)]:
            continue
        bare = [token.text for token in (node.name, *node.arguments)]
        gone = shape(corefile, lambda each, node=node, bare=bare: [bare if each.span == node.span else words(each)])
        after = parse(apply(text, edits))
        assert shape(after) == gone, (text, node)
        assert len(after.comments) == len(corefile.comments), (text, node)
        tried += 1
    assert tried >= 100


def test_of_options_that_go_one_by_one_the_last_takes_the_braces_along() -> None:
    text = "* {\nx {\n  a\n\n  b\n\n  c\n}\n}\n"
    corefile = parse(text)
    (plugin,) = corefile.blocks[0].plugins
    last, first = (lines.without_options(corefile, plugin, [option]) for option in (plugin.options[2], plugin.options[1]))
    assert any(one.start <= other.end and other.start <= one.end for one in last for other in first)


@given(st.text(st.sampled_from('ab "\\#{}\n\r\t\u00a0é'), max_size=8))
def test_a_word_that_can_be_written_is_read_back(word: str) -> None:
    try:
        source = lines.quoted(word)
    except ValueError:
        assert "\\" in word
        return
    assert [token.text for token in lex(f"a {source} b").tokens] == ["a", word, "b"]


def test_an_edit_of_an_imported_file_lands_in_that_file_once() -> None:
    text = "a {\n  import custom\n}\nb {\n  import custom\n}\n"
    corefile = parse(text, path="/etc/coredns/Corefile", files={"/etc/coredns/custom": "  x # no\n"})
    found = [plugin for _, plugin in corefile.walk()]
    edits = {lines.after(corefile, node, "ready") for node in found} | {lines.word(corefile, node.name, "y") for node in found}
    assert apply_all(corefile.texts, edits) == {"/etc/coredns/custom": "  y # no\n  ready\n"}
    assert [block.keys[0].text for block in corefile.affected(found[0].span)] == ["a", "b"]


def test_edits_of_two_files_are_not_mixed_up() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply("abc", [Edit(0, 1, "x"), Edit(1, 2, "y", "other")])
