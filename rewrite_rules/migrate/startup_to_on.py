"""MIG007 startup-to-on: `startup` and `shutdown` are gone since 1.1.1; `on startup` and `on shutdown` take their place.

What it does
    Finds the plugins `startup` and `shutdown`, which no release from 1.1.1 on has.

Why is this bad?
    CoreDNS refuses the whole Corefile: "Unknown directive".

Example
    .:53 {
        startup /etc/coredns/prepare.sh
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        on startup /etc/coredns/prepare.sh
        forward . 192.0.2.53
    }

Releases
    1.15.0

Fix safety
    Safe: the same command runs at the same moment.

Sources
    CoreDNS plugin.cfg at 1.1.0 and 1.1.1; caddy onevent/on.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.edit import Edit
from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported
from rewrite_rules.migrate._move import move_of


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    found = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text in ("startup", "shutdown")]
    for plugin, blocks in by_place(found):
        name = plugin.name
        message = f"CoreDNS {move.reader} does not start with this Corefile: it has no plugin {name.text}, but on {name.text}"
        edit = Edit(name.start, name.end, f"on {name.text}", name.file)
        yield Problem(plugin.span, message + imported(plugin, blocks), (Fix(f"write on {name.text}", "on", (edit,), "safe"),))
