"""MIG014 refused-together: the release that is to read this Corefile knows each word of it, and refuses them beside each other.

What it does
    Finds `k8s_external` in a server block without kubernetes (refused since 1.11.0), and `secondary` without `transfer from`
    (since 1.12.4).

Why is this bad?
    CoreDNS refuses the whole Corefile.

Example
    .:53 {
        k8s_external example.org
        forward . 192.0.2.53
    }

Releases
    1.10.1 to 1.15.0

Fix safety
    No fix: either the plugin did nothing, or something is missing that only a person knows.

Sources
    CoreDNS plugin/k8s_external/setup.go at 1.11.0; plugin/secondary/setup.go at 1.12.4; both shown by real ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Problem
from rewrite_rules._scope import by_place, imported
from rewrite_rules.migrate._move import Move, move_of


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or corefile.unread:
        return
    for plugin, blocks in by_place((plugin, block) for block, plugin in corefile.walk() if _wrong(move, plugin, block)):
        message = f"CoreDNS {move.reader} does not start with this Corefile: {_wrong(move, plugin, blocks[0])}"
        yield Problem(plugin.span, message + imported(plugin, blocks))


def _wrong(move: Move, plugin: Directive, block: ServerBlock) -> str:
    name = plugin.name.text
    if name == "k8s_external" and move.at_least("1.11.0") and not block.plugin("kubernetes"):
        return "k8s_external needs the plugin kubernetes in its server block since 1.11.0"
    froms = [option for option in plugin.option("transfer") if [word.text for word in option.arguments[:1]] == ["from"]]
    if name == "secondary" and move.at_least("1.12.4") and not froms and not plugin.option("catalog"):
        return "secondary needs `transfer from` since 1.12.4"
    return ""
