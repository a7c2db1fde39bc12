"""MIG006 transfer-plugin: before 1.8.0 zones are handed out by an option of kubernetes, file, auto and secondary, and not by `transfer`.

What it does
    Finds the plugin `transfer` where the release that is to read the Corefile has none (before 1.6.5), or where nothing heeds it.

Why is this bad?
    CoreDNS refuses the whole Corefile; from 1.6.5 to 1.7.1 it starts, and hands no zone to anybody.

Example
    .:53 {
        kubernetes cluster.local {
            pods insecure
        }
        transfer cluster.local {
            to 192.0.2.1
        }
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        kubernetes cluster.local {
            pods insecure
            transfer to 192.0.2.1
        }
        forward . 192.0.2.53
    }

Releases
    1.8.0 to 1.7.1

Fix safety
    Safe: the same servers get the same zones, and answers do not change.

Sources
    CoreDNS plugin/transfer, plugin/kubernetes/setup.go and plugin/file/setup.go at 1.7.1 and 1.8.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.zones import covers, origins
from remedy.corefile.lines import without
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import move_of
from rewrite_rules.migrate._option import with_option
from rewrite_rules.migrate._transfer import OWNERS, zones_of_owner


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or move.at_least("1.8.0"):
        return
    starts = move.at_least("1.6.5")
    loads = "hands no zone to anybody by the plugin transfer" if starts else "does not start with this Corefile"
    message = f"CoreDNS {move.reader} {loads}: before 1.8.0 it is an option of kubernetes, file, auto and secondary"
    for plugin, blocks in by_place((plugin, block) for block in corefile.blocks for plugin in block.plugin("transfer")):
        fixes = _fix(corefile, blocks[0], plugin) if len(blocks) == 1 else ()
        yield Problem(plugin.span, message + imported(plugin, blocks), fixes, "warning" if starts else None)


def _fix(corefile: Corefile, block: ServerBlock, plugin: Directive) -> tuple[Fix, ...]:
    words = [corefile.source(word.span) for option in plugin.option("to") for word in option.arguments]
    zones = origins(word.text for word in plugin.arguments)
    owners = [each for each in block.plugins if each.name.text in OWNERS and _concerned(zones, each)]
    if not whole(corefile, plugin) or not words or not all(whole(corefile, owner) for owner in owners):
        return ()
    edits = [without(corefile, plugin)]
    for owner in owners:
        edit = with_option(corefile, owner, f"transfer to {' '.join(words)}")
        if edit is None:
            return (Fix("delete it", "delete", (without(corefile, plugin),), "unsafe", "nobody gets the zones any more"),)
        edits.append(edit)
    return (Fix("write the option transfer" if owners else "delete it: nothing hands out a zone here", "option", tuple(edits), "safe"),)


def _concerned(zones: tuple[str, ...], owner: Directive) -> bool:
    mine = origins(word.text for word in zones_of_owner(owner))
    return not zones or not mine or any(covers(zone, each) for zone in zones for each in mine)
