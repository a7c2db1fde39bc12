"""MIG005 transfer-option: since 1.8.0 `transfer to` is a plugin, and no option of kubernetes, file, auto and secondary any more.

What it does
    Finds the option `transfer to` where the release that is to read the Corefile has the plugin transfer in its place.

Why is this bad?
    CoreDNS refuses the whole Corefile. Without the option and the plugin no other server gets the zone any more.

Example
    .:53 {
        kubernetes cluster.local {
            pods insecure
            transfer to 192.0.2.1
        }
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        kubernetes cluster.local {
            pods insecure
        }
        transfer cluster.local {
            to 192.0.2.1
        }
        forward . 192.0.2.53
    }

Releases
    1.7.1 to 1.8.0

Fix safety
    Safe: the same servers get the same zones, and answers do not change.

Sources
    CoreDNS plugin/kubernetes/setup.go, plugin/file/setup.go, plugin/auto/setup.go, plugin/secondary/setup.go at 1.7.1 and 1.8.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.zones import origins
from remedy.corefile.lines import after, without_options
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import move_of
from rewrite_rules.migrate._transfer import OWNERS, recipients, zones_of_owner


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or not move.at_least("1.8.0"):
        return
    found = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text in OWNERS and recipients(plugin)]
    for plugin, blocks in by_place(found):
        name = plugin.name.text
        message = f"CoreDNS {move.reader} does not start with this Corefile: {name} has no transfer any more, which is a plugin since 1.8.0"
        for place, option in enumerate(recipients(plugin)):
            yield Problem(option.span, message + imported(plugin, blocks), _fix(corefile, blocks[0], plugin) if place == 0 else ())


def _fix(corefile: Corefile, block: ServerBlock, plugin: Directive) -> tuple[Fix, ...]:
    options = recipients(plugin)
    zones = zones_of_owner(plugin)
    named = origins(word.text for word in zones)
    there = [origins(word.text for word in each.arguments) for each in block.plugin("transfer")]
    if not whole(corefile, plugin) or any(not each or set(each) & set(named) or not named for each in there):
        return ()
    counted = options[-1:] if plugin.name.text == "kubernetes" else options  # kubernetes takes the last, the others all
    words = list(dict.fromkeys(corefile.source(word.span) for option in counted for word in option.arguments[1:]))
    head = " ".join(["transfer", *(corefile.source(word.span) for word in zones)])
    try:
        plugins = after(corefile, plugin, f"{head} {{\n    to {' '.join(words)}\n}}")
    except ValueError:
        return ()
    return (Fix("write the plugin transfer", "plugin", (*without_options(corefile, plugin, options), plugins), "safe"),)
