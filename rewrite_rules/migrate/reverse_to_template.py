"""MIG010 reverse-to-template: the plugin reverse is refused since 1.1.4; templates make up names for addresses in its place.

What it does
    Finds `reverse` where the release that is to read the Corefile has none.

Why is this bad?
    CoreDNS refuses the whole Corefile: "Unknown directive 'reverse'".

Example
    compute.internal 32.10.in-addr.arpa {
        reverse 10.32.0.0/16 {
            hostname ip-{ip}.{zone[1]}
            ttl 3600
            fallthrough
        }
        forward . 192.0.2.53
    }

Use instead
    compute.internal 32.10.in-addr.arpa {
        template IN PTR 32.10.in-addr.arpa {
            match ^(?P<d>[0-9]{1,3})[.](?P<c>[0-9]{1,3})[.]32[.]10[.]in-addr[.]arpa[.]$
            answer "{{ .Name }} 3600 IN PTR ip-10.32.{{ .Group.c }}.{{ .Group.d }}.compute.internal."
            fallthrough
        }
        template IN A compute.internal {
            match ^ip-10[.]32[.](?P<c>[0-9]{1,3})[.](?P<d>[0-9]{1,3})[.]compute[.]internal[.]$
            answer "{{ .Name }} 3600 IN A 10.32.{{ .Group.c }}.{{ .Group.d }}"
            fallthrough
        }
        template IN AAAA compute.internal {
            match ^ip-10[.]32[.](?P<c>[0-9]{1,3})[.](?P<d>[0-9]{1,3})[.]compute[.]internal[.]$
            fallthrough
        }
        forward . 192.0.2.53
    }

Releases
    1.1.3 to 1.15.0

Fix safety
    Safe for one IPv4 network of whole octets, without another template for its zones, and where it did nothing: in the root zone the
    default name ends in two dots. Other networks, and several in one server block, whose order decides, are left to a person.

Sources
    CoreDNS 1.1.3 plugin/reverse/setup.go, network.go; plugin/template/template.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy.answers.behind import overlap
from remedy.answers.template import templates
from remedy.answers.zones import variable, zone_of_key
from remedy.corefile.edit import Edit
from remedy.corefile.lines import without
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._nodata import SOA
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import Move, move_of

_NETWORK = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})/(8|16|24)", re.ASCII)
_ZONE = re.compile(r"\{zone\[([0-9]+)\]\}")
_LABEL = re.compile(r"[a-z0-9_-]*\{ip\}[a-z0-9_-]*(\.[a-z0-9_-]+)+\.", re.IGNORECASE | re.ASCII)
_OCTET = "[0-9]{1,3}"


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or not move.at_least("1.1.4"):
        return
    message = f"CoreDNS {move.reader} does not start with this Corefile: it has no plugin reverse (since 1.1.4); templates do its work"
    for plugin, blocks in by_place((plugin, block) for block in corefile.blocks for plugin in block.plugin("reverse")):
        alone = len(blocks) == 1 and whole(corefile, plugin)
        lines = _templates(plugin, blocks[0], move) if alone else []
        if alone and not plugin.option("hostname") and [zone_of_key(key.text) for key in blocks[0].keys[:1]] == ["."]:
            fix = Fix("delete it: in the root zone it made up no name that DNS can hold", "delete", (without(corefile, plugin),), "safe")
            yield Problem(plugin.span, message + imported(plugin, blocks), (fix,))
        elif lines:
            edits = _edits(corefile, plugin, lines)
            yield Problem(plugin.span, message + imported(plugin, blocks), (Fix("write templates", "template", edits, "safe"),))
        else:
            reason = "; only one network of whole IPv4 octets in a server block is rewritten, the rest has to be written by hand"
            yield Problem(plugin.span, message + imported(plugin, blocks) + reason)


def _templates(plugin: Directive, block: ServerBlock, move: Move) -> list[str]:
    """The lines of the templates, none where a person has to write them."""
    network = _NETWORK.fullmatch(plugin.arguments[0].text) if len(plugin.arguments) == 1 else None
    words = {option.name.text: [word.text for word in option.arguments] for option in plugin.options}
    name = _hostname(words.get("hostname", ["ip-{ip}.{zone[1]}"]), block)
    ttl = (words.get("ttl") or ["60"])[0]
    if not network or not name or len(block.plugin("reverse")) > 1 or not ttl.isdecimal():
        return []
    fixed = [str(int(octet)) for octet in network.groups()[: int(network[5]) // 8]]
    free = "abcd"[len(fixed) :]
    address = ".".join([*fixed, *(f"{{{{ .Group.{each} }}}}" for each in free)])
    groups = [f"(?P<{each}>{_OCTET})" for each in free]
    pointer = "[.]".join([*reversed(groups), *reversed(fixed), "in-addr", "arpa"])
    label, _, zone = name.partition(".")
    pattern = _literal(label).replace(re.escape("{ip}"), "[.]".join([*fixed, *groups])) + "".join(
        f"[.]{each}" for each in zone.rstrip(".").split(".")
    )
    start = "^.*" if "wildcard" in words else "^"
    through = [" ".join(["fallthrough", *words["fallthrough"]])] if "fallthrough" in words else []
    reverse_zone = ".".join([*reversed(fixed), "in-addr", "arpa"])
    names = zone.rstrip(".")
    if any(overlap(each, mine) for template in templates(block) for each in template.zones for mine in (zone, f"{reverse_zone}.")):
        return []  # the first template with a name's zone decides
    soa = [] if move.at_least("1.5.1") else [SOA]
    return [
        *_block(
            f"PTR {reverse_zone}",
            [f"match ^{pointer}[.]$", f'answer "{{{{ .Name }}}} {ttl} IN PTR {name.replace("{ip}", address)}"', *through],
        ),
        *_block(f"A {names}", [f"match {start}{pattern}[.]$", f'answer "{{{{ .Name }}}} {ttl} IN A {address}"', *through]),
        *_block(f"AAAA {names}", [f"match {start}{pattern}[.]$", *soa, *through]),
    ]


def _literal(label: str) -> str:
    return re.escape(label).replace(r"\-", "-")


def _hostname(words: list[str], block: ServerBlock) -> str:
    """The name with the zones of the server block in it and a last dot; "" for one that is not understood."""
    zones = [zone_of_key(key.text) for key in block.keys]
    if len(words) != 1 or any(variable(key.text) or "/" in key.text for key in block.keys) or words[0].count("{ip}") != 1:
        return ""
    name = _ZONE.sub(lambda found: zones[int(found[1]) - 1] if 0 < int(found[1]) <= len(zones) else "?", words[0])
    name = name if name.endswith(".") else name + "."
    return name.lower() if _LABEL.fullmatch(name) else ""


def _block(head: str, options: list[str]) -> list[str]:
    return [f"template IN {head} {{", *(f"\t{option}" for option in options), "}"]


def _edits(corefile: Corefile, plugin: Directive, lines: list[str]) -> tuple[Edit, ...]:
    """The lines in the place of the plugin, its comments above them."""
    text, span = corefile.texts[plugin.span.file], plugin.span
    line = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    newline = "\r\n" if "\r\n" in text else "\n"
    step = "\t" if indent.endswith("\t") else "    "
    comments = [corefile.source(comment).rstrip("\r") for comment in corefile.comments_in(span)]
    new = f"{newline}{indent}".join([*comments, *(each.replace("\t", step) for each in lines)])
    return (Edit(span.start, span.end, new, span.file),)
