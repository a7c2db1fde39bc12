"""What a Corefile says, without how it is written: server blocks, plugins, options; two texts mean the same where their shapes are equal.

Snippets stand where they are imported. The order counts within a plugin that takes its first match, and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from remedy.corefile.parse import parse
from remedy.corefile.tree import Directive

_ORDERED = frozenset(("rewrite", "template", "acl", "view", "header"))


class Piece(NamedTuple):
    """A plugin in the server block of these keys; `options` are the words of each. `place` is 0 where the order does not count."""

    keys: tuple[str, ...]
    plugin: str
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[str, ...], ...] = ()
    place: int = 0


def shape(text: str) -> Counter[Piece]:
    """Every plugin of every server block, and each block itself as a Piece without a plugin; ParseError as in parse."""
    found: Counter[Piece] = Counter()
    for block in parse(text).blocks:
        keys = tuple(key.text for key in block.keys)
        found[Piece(keys, "")] += 1
        for plugin in block.plugins:
            same = [each for each in block.plugins if each.name.text == plugin.name.text]
            found[_piece(keys, plugin, same.index(plugin) + 1)] += 1
    return found


def _piece(keys: tuple[str, ...], plugin: Directive, place: int) -> Piece:
    name = plugin.name.text
    options = [tuple(token.text for token in option.tokens()) for option in plugin.options]
    ordered = name in _ORDERED
    arguments = tuple(word.text for word in (*plugin.arguments, *plugin.rest))
    return Piece(keys, name, arguments, tuple(options if ordered else sorted(options)), place if ordered else 0)
