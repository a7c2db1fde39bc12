"""AAAA003 a-template-alone: a zone's addresses come from an A template, and nothing answers AAAA for the same names.

What it does
    Finds `template` blocks of type A that answer with addresses where no template answers AAAA for the same names.

Why is this bad?
    An AAAA question passes the A template by and goes to the next plugin. With none behind, CoreDNS answers SERVFAIL, and musl takes the
    whole timeout and fails. A server behind it usually does not know names that only the template makes up: it answers NXDOMAIN, which
    denies the A record too.

Example
    template IN A apps.example {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }

Use instead
    template IN A apps.example {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }
    template IN AAAA apps.example

Fix safety
    Safe where nothing stands behind the templates: SERVFAIL helped nobody. Where another plugin does, it may hold IPv6 addresses for
    these names, which the new template would hide: then it is a warning, and the fix is unsafe.

Sources
    CoreDNS plugin/template/template.go (match), plugin/plugin.go (NextOrFailure); RFC 4074.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.acl import sections_of
from remedy.answers.behind import behind
from remedy.answers.template import Template
from remedy.answers.zones import union_covers
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._beside import givers, nodata_beside
from rewrite_rules._denied import named
from rewrite_rules._scope import by_place, imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    alone = [(template, block) for block in corefile.blocks for template in _alone(block)]
    by_span = {template.directive.span: template for template, _ in alone}
    for directive, blocks in by_place((template.directive, block) for template, block in alone):
        template = by_span[directive.span]
        zones = sorted({zone for each, _ in alone if each.directive.span == directive.span for zone in each.zones})
        others = list(dict.fromkeys(plugin.name.text for block in blocks for zone in zones for plugin in behind(block, zone)))
        others = others or ["what it imports"][: len(corefile.unread)]
        message = f"A for {named(zones)} is answered here, but no template answers AAAA: "
        if others:
            message += f"that goes to {others[0]}, which denies the whole name where it does not know it"
            why = f"{others[0]} may hold IPv6 addresses for these names, and they would be hidden"
        else:
            message, why = message + "nothing stands behind, so it is SERVFAIL and musl (alpine) fails after its timeout", ""
        edits = nodata_beside(corefile, template, choices) if _in_all(directive, blocks, corefile) else ()
        fix = Fix("answer NODATA for AAAA beside it", "nodata", edits, "unsafe" if why else "safe", why)
        yield Problem(directive.span, message + imported(directive, blocks), (fix,) if edits else (), "warning" if others else None)


def _alone(block: ServerBlock) -> Iterator[Template]:
    for template, others in givers(block):
        if not union_covers(tuple(zone for each in others for zone in each.zones), template.zones) and not _filtered(block):
            yield template


def _filtered(block: ServerBlock) -> bool:
    """Is AAAA answered before any template sees it, by acl or a rewrite?"""
    policies = [policy for plugin in block.plugin("acl") for policy in plugin.options]
    filters = any(policy.name.text.lower() == "filter" and "AAAA" in sections_of(policy).get("type", ()) for policy in policies)
    return filters or any("AAAA" in [word.text.upper() for word in plugin.arguments] for plugin in block.plugin("rewrite"))


def _in_all(directive: Directive, blocks: list[ServerBlock], corefile: Corefile) -> bool:
    """Does every server block that has it need the repair?"""
    return len(corefile.affected(directive.span)) == len(blocks)
