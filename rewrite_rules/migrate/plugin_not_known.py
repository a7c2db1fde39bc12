"""MIG001 plugin-not-known: the release that is to read this Corefile has no such plugin, so it does not start.

What it does
    Finds plugins that other releases of CoreDNS have and this one has not: removed by now, or not there yet. A plugin that no release has
    comes from somewhere else; it is only named, since your image may hold it.

Why is this bad?
    CoreDNS refuses the whole Corefile: "Unknown directive". A running one keeps the old configuration until its next start.

Example
    .:53 {
        errors
        kubernetes cluster.local
        federation cluster.local {
            prod prod.example.com
        }
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        errors
        kubernetes cluster.local
        forward . 192.0.2.53
    }

Releases
    1.6.9 to 1.8.0

Fix safety
    `delete` is safe where the release could not do what the plugin does in any other way: without the fix it answers nothing at all. The
    message says what is lost. Unsafe for a plugin that keeps clients out or parts them (acl, tsig, view).

Sources
    CoreDNS plugin.cfg of each release.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy import releases
from remedy.corefile.lines import without
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import GUARDS, Move, known_anywhere, move_of, said, status, when

_ELSEWHERE = ("proxy", "reverse", "startup", "shutdown", "transfer")  # they have a successor, and a rule that knows it


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    known = releases.plugins(move.reader)
    found = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text not in (*known, *_ELSEWHERE)]
    for plugin, blocks in by_place(found):
        name = plugin.name.text
        if known_anywhere(name):
            yield Problem(plugin.span, _message(move, name) + imported(plugin, blocks), _delete(corefile, plugin))
        elif name.replace("_", "").isalnum():
            message = f"{name} is a plugin of no CoreDNS release; remedy leaves it alone: the new image has to bring it too"
            yield Problem(plugin.span, message + imported(plugin, blocks), (), "info")


def _message(move: Move, name: str) -> str:
    line = status(move, name)
    lost = f": {said(line.text)}" if line and line.text else ""
    return f"CoreDNS {move.reader} does not start with this Corefile: it has no plugin {name}{when(move, name)}{lost}"


def _delete(corefile: Corefile, plugin: Directive) -> tuple[Fix, ...]:
    if not whole(corefile, plugin):
        return ()
    why = GUARDS.get(plugin.name.text, "")
    title = f"delete {plugin.name.text}, which this release cannot do"
    return (Fix(title, "delete", (without(corefile, plugin),), "unsafe" if why else "safe", why),)
