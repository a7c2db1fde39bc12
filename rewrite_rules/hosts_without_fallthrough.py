"""CFG006 hosts-without-fallthrough: the plugin hosts answers SERVFAIL to every name that it does not have, and nothing behind it is asked.

What it does
    Finds *hosts* without `fallthrough` for all names, or for a zone that pods search, with another plugin behind it.

Why is this bad?
    hosts ends the question for every name of its zones. Without `fallthrough` a name that is in none of its lines is SERVFAIL for every
    type: kubernetes, file or forward behind it are never asked, and musl's search ends at the first name that it makes up.

Example
    hosts {
        192.0.2.10 registry.corp.example
    }
    forward . 192.0.2.53

Use instead
    hosts {
        192.0.2.10 registry.corp.example
        fallthrough
    }
    forward . 192.0.2.53

Fix safety
    Safe: a name that was answered SERVFAIL is now answered by what stands behind.

Sources
    CoreDNS plugin/hosts/hosts.go (ServeDNS).
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.behind import behind, overlap
from remedy.answers.server import zones_of
from remedy.answers.zones import covers, origins
from remedy.corefile.edit import Edit
from remedy.corefile.lines import after
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._denied import named
from rewrite_rules._scope import by_place, imported, searched, whole


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    lists = searched(corefile, choices)
    found = [(plugin, block) for block in corefile.blocks for plugin in block.plugin("hosts")[-1:] if _ends(plugin, block, lists)]
    for plugin, blocks in by_place(found):
        zones = sorted({zone for block in blocks for zone in _zones(plugin, block)})
        behind_it = next(each.name.text for block in blocks for each in _behind(plugin, block))
        message = f"{named(zones)} that hosts does not have: SERVFAIL, and {behind_it} behind it is never asked; it lacks `fallthrough`"
        yield Problem(plugin.span, message + imported(plugin, blocks), _fix(corefile, plugin))


def _zones(plugin: Directive, block: ServerBlock) -> tuple[str, ...]:
    named_zones = [argument.text for argument in plugin.arguments[1:]]
    return origins(named_zones) if named_zones else zones_of(block)


def _ends(plugin: Directive, block: ServerBlock, lists: tuple[str, ...]) -> bool:
    if plugin.option("fallthrough") or plugin.rest:
        return False
    zones = [zone for zone in _zones(plugin, block) if not zone.endswith(".arpa.")]
    wide = any(zone == "." or any(overlap(zone, each) for each in lists) for zone in zones)
    return wide and bool(_behind(plugin, block))


def _behind(plugin: Directive, block: ServerBlock) -> list[Directive]:
    zones = _zones(plugin, block)
    others = list(dict.fromkeys(each for zone in zones for each in behind(block, zone)))
    return [each for each in others if each.name.text != "hosts" and (each.name.text != "forward" or _forwards(each, zones))]


def _forwards(forward: Directive, zones: tuple[str, ...]) -> bool:
    return any(
        covers(each, zone) or covers(zone, each) for each in origins([word.text for word in forward.arguments[:1]]) for zone in zones
    )


def _fix(corefile: Corefile, plugin: Directive) -> tuple[Fix, ...]:
    if not whole(corefile, plugin):
        return ()
    if plugin.opening is None or plugin.closing is None:
        end, indent = plugin.head.end, _indent(corefile, plugin)
        edits = (Edit(end, end, f" {{\n{indent}    fallthrough\n{indent}}}", plugin.span.file),)
    elif plugin.options and plugin.closing.line > plugin.options[-1].name.last_line:
        edits = (after(corefile, plugin.options[-1], "fallthrough"),)
    else:
        return ()
    return (Fix("let other names fall through", "fallthrough", edits, "safe"),)


def _indent(corefile: Corefile, plugin: Directive) -> str:
    text = corefile.texts[plugin.span.file]
    line = text[text.rfind("\n", 0, plugin.span.start) + 1 : plugin.span.start]
    return line[: len(line) - len(line.lstrip(" \t"))]
