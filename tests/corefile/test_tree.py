"""The tree keeps every word where it stands, and stands any depth."""

from __future__ import annotations

from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile

DEPTH = 10_000


def deep() -> Corefile:
    return parse(". {\nplugin " + "a {\n" * DEPTH + "}\n" * DEPTH + "}\n")


def test_a_tree_ten_thousand_deep_is_compared_hashed_walked_and_shown() -> None:
    one, other = deep(), deep()
    assert one == other
    assert not one.__ne__(other)
    assert hash(one) == hash(other)
    assert len({one, other}) == 1
    ((_, plugin),) = one.walk()
    assert sum(1 for _ in plugin.walk()) == DEPTH
    assert sum(1 for _ in plugin.tokens()) == 3 * DEPTH + 1
    assert "plugin" in repr(one)
    shallower = parse(". {\nplugin " + "a {\n" * (DEPTH - 1) + "b\n" + "}\n" * (DEPTH - 1) + "}\n")
    assert one != shallower


def test_a_plugin_gives_back_every_word_in_its_order() -> None:
    text = '. {\n  a b { c d\n    e { }\n    {\n    }\n  } f { g\n  } "h"\n}\n'
    ((_, plugin),) = parse(text).walk()
    assert [token.text for token in plugin.tokens()] == list("ab{cde{}{}}f{g}h")
    assert [token.text for token in plugin.rest] == ["f", "{", "g", "}", "h"]
    assert [option.name.text for option in plugin.options] == ["c", "e"]


def test_comments_are_found_from_the_node_that_they_belong_to() -> None:
    text = "# file\n\n# zone\n. { # open\n  # one\n  # two\n  log # end\n\n  # lost\n\n"
    text += "  cache {\n    # inside\n    x # tail\n  } # behind\n}\n"
    corefile = parse(text)
    (block,) = corefile.blocks
    log, cache = block.plugins

    def shown(node: object) -> list[list[str]]:
        return [[corefile.source(comment) for comment in group] for group in corefile.comments_of(node)]  # type: ignore[arg-type]

    assert shown(log) == [["# one", "# two"], [], ["# end"]]
    assert shown(cache) == [[], ["# inside", "# tail"], ["# behind"]]
    assert shown(cache.options[0]) == [["# inside"], [], ["# tail"]]
    assert shown(block)[0] == ["# zone"]
    assert len(shown(block)[1]) == 8


def test_variables_without_an_environment_stay_and_are_reported() -> None:
    corefile = parse("{$ZONE}:53 {\n  log {%X%} {$} {$Y\n}\n")
    assert [token.text for token in corefile.unknown] == ["{$ZONE}:53", "{%X%}"]
    assert [key.text for key in corefile.blocks[0].keys] == ["{$ZONE}:53"]


def test_variables_with_an_environment_are_put_in_and_keep_their_place() -> None:
    text = "{$ZONE}:53 {\n  log {%X%}{$X}\n}\n"
    corefile = parse(text, environment={"ZONE": "a.org"})
    assert [key.text for key in corefile.blocks[0].keys] == ["a.org:53"]
    (argument,) = corefile.blocks[0].plugins[0].arguments
    assert argument.text == ""
    assert corefile.source(argument.span) == "{%X%}{$X}"
    assert not corefile.unknown


def test_a_configmaps_other_keys_are_read_as_the_files_they_are_mounted_as() -> None:
    files = {"/etc/coredns/a.server": "a.org {\n  log\n}\n", "/etc/coredns/b.override": "cache 30\n"}
    text = "import *.server\n. {\n  import b.override\n}\n"
    corefile = parse(text, path="/etc/coredns/Corefile", files=files)
    assert [[key.text for key in block.keys] for block in corefile.blocks] == [["a.org"], ["."]]
    assert [plugin.span.file for _, plugin in corefile.walk()] == ["/etc/coredns/a.server", "/etc/coredns/b.override"]
    assert sorted(corefile.followed.values()) == ["/etc/coredns/*.server", "/etc/coredns/b.override"]
    assert not corefile.unread


def test_what_lies_outside_a_folder_that_is_known_is_reported_and_not_refused() -> None:
    from remedy.corefile.files import texts

    corefile = parse(
        "import custom/*\nimport x\n", path="/etc/coredns/Corefile", files=texts({"/etc/coredns/x": "a {\n}\n"}, folder="/etc/coredns")
    )
    assert [token.text for token in corefile.unread] == []
    corefile = parse("import /other/*\n", path="/etc/coredns/Corefile", files=texts({}, folder="/etc/coredns"))
    assert [token.text for token in corefile.unread] == ["/other/*"]
