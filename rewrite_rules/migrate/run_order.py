"""MIG013 run-order: two plugins of a server block see a question in another order in the release to come.

What it does
    Names pairs of plugins of one server block whose order changes between two releases (1.14.2 and 1.14.7), and an access list behind the
    cache (1.14.2 to 1.14.6), without a migration too. The order in the Corefile means nothing.

Why is this bad?
    With the cache before acl, whoever is kept out gets what somebody else's question left in the cache. With rewrite before acl, the list
    sees the name that rewrite made. With rewrite before the cache, it is the new name that is cached.

Example
    acl {
        block net 192.0.2.0/24
    }
    cache 30
    forward . 192.0.2.53

Releases
    1.14.0 to 1.14.3

Fix safety
    No fix: only another release changes it.

Sources
    CoreDNS plugin.cfg at 1.14.1, 1.14.2, 1.14.6 and 1.14.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations

from remedy.answers.plugins import order, version_of
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Problem, Severity
from rewrite_rules._scope import by_place, imported
from rewrite_rules.migrate._move import Move, move_of

_HARM = {
    ("cache", "acl"): "a client that it keeps out is answered from the cache",
    ("rewrite", "acl"): "acl sees the name that rewrite made",
    ("acl", "rewrite"): "acl sees the name that was asked for",
    ("acl", "cache"): "a client that it keeps out is not answered from the cache any more",
    ("rewrite", "cache"): "names are cached as rewrite made them",
    ("cache", "rewrite"): "names are cached as they were asked for",
}
_WARNED = (("cache", "acl"), ("rewrite", "acl"), ("acl", "rewrite"))


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    seen = [(plugin, block) for block in corefile.blocks for plugin in block.plugins if _changed(move, plugin, block)]
    for plugin, blocks in by_place(seen):
        pairs = _changed(move, plugin, blocks[0])
        said = "; ".join(f"{first} before {then}" + (f": {_HARM[first, then]}" if (first, then) in _HARM else "") for first, then in pairs)
        severity: Severity = "warning" if any(pair in _WARNED for pair in pairs) else "info"
        yield Problem(plugin.span, f"in CoreDNS {move.reader} a question passes {said}" + imported(plugin, blocks), (), severity)


def _changed(move: Move, plugin: Directive, block: ServerBlock) -> list[tuple[str, str]]:
    """The pairs with this plugin, the first of its name, as the one that comes later now."""
    name = plugin.name.text
    if block.plugin(name)[0] is not plugin:
        return []
    return [pair for pair in _turned(move, frozenset(each.name.text for each in block.plugins)) if pair[1] == name]


@cache
def _turned(move: Move, plugins: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The pairs among these plugins that a question passes the other way round."""
    after = order(version_of(move.reader))
    before = order(version_of(move.source)) if move.source else after
    names = sorted(plugins & set(after) & set(before), key=after.index)
    if move.source == move.reader and {"cache", "acl"} <= plugins and after.index("cache") < after.index("acl"):
        return (("cache", "acl"),)
    return tuple(pair for pair in combinations(names, 2) if before.index(pair[0]) > before.index(pair[1]))
