"""The Corefiles of CoreDNS's own documentation, read from its Go module, parse."""

from __future__ import annotations

import re

import pytest

from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from tests.corefile.words import check
from tests.testbed.build import COREDNS, module_dir

# A fence is closed by a line of the same characters, at least as many; some blocks stand in a list and are indented.
_BLOCK = re.compile(r"^[ \t]*(?P<fence>~{3,}|`{3,}) *corefile[ \t]*\n(?P<text>.*?)^[ \t]*(?P=fence)[~`]*[ \t]*$", re.MULTILINE | re.DOTALL)


def documented() -> dict[str, str]:
    """FILE:LINE and text of every block in the documentation."""
    root = module_dir("github.com/coredns/coredns", f"v{COREDNS}")
    found: dict[str, str] = {}
    for path in sorted(root.rglob("*.md")):
        page = path.read_text("utf-8")
        for block in _BLOCK.finditer(page):
            found[f"{path.relative_to(root)}:{page.count(chr(10), 0, block.start()) + 1}"] = block["text"]
    return found


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    return documented()


def test_the_documentation_holds_the_blocks_that_it_is_known_to_hold(blocks: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    files = {place.rpartition(":")[0] for place in blocks}
    with capsys.disabled():
        print(f"\n{len(blocks)} corefile blocks in {len(files)} files of CoreDNS {COREDNS}")
    assert len(blocks) >= 138
    assert len(files) >= 39
    assert any("template IN" in text for text in blocks.values())


def test_every_corefile_in_the_documentation_parses(blocks: dict[str, str]) -> None:
    for place, text in blocks.items():
        tree = parse(text)
        assert tree.blocks or text.startswith("("), place  # a snippet alone serves nothing
        words = [word.text for block in tree.blocks for plugin in block.plugins for word in plugin.words()]
        keys = [key.text for block in tree.blocks for key in block.keys]
        read = [token.text.removesuffix(",") for token in lex(text).tokens if token.text not in ("{", "}")]
        if "import" not in read and not any(key.startswith("(") for key in read):
            assert sorted(keys + [word.removesuffix(",") for word in words]) == sorted(read), place


def test_every_token_of_the_documentation_is_its_span_unquoted(blocks: dict[str, str]) -> None:
    for text in blocks.values():
        check(text, lex(text).tokens)
