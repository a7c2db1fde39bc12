"""AAAA007 view-denies-aaaa: a view sends AAAA questions to a server block that refuses everything.

What it does
    Finds server blocks with a *view* whose expression asks for `type() == 'AAAA'`, beside another block for the same zone, that answer with
    an error: a template for every type, an acl, or nothing that answers at all.

Why is this bad?
    The block looks consistent, since it refuses every type, but only AAAA gets there: A is answered by the other block. musl then fails for
    every name, as in AAAA001 and AAAA002.

Example
    .:53 {
        view v6 {
            expr type() == 'AAAA'
        }
        template ANY ANY . {
            rcode NXDOMAIN
        }
    }
    .:53 {
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        view v6 {
            expr type() == 'AAAA'
        }
        template IN ANY .
    }
    .:53 {
        forward . 192.0.2.53
    }

Fix safety
    As in AAAA001 and AAAA002: safe for all names and where the error is not NXDOMAIN. A block in which nothing answers gets the line
    `template IN AAAA`.

Sources
    CoreDNS plugin/view, core/dnsserver/server.go, since 1.10.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy.answers.behind import behind
from remedy.answers.plugins import PASSIVE
from remedy.answers.server import zones_of
from remedy.answers.template import templates
from remedy.answers.zones import union_covers
from remedy.corefile.lines import after, word
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._denied import ERRORS
from rewrite_rules._nodata import fixes
from rewrite_rules._scope import whole

_AAAA = re.compile(r"type\(\)\s*==\s*'AAAA'|'AAAA'\s*==\s*type\(\)")


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    for block in corefile.blocks:
        if not _only_aaaa(block) or not any(set(zones_of(block)) & set(zones_of(each)) for each in corefile.blocks if each is not block):
            continue
        for template in templates(block):
            whole_block = union_covers(template.zones, zones_of(block)) and not template.has_match
            if template.type_.text == "ANY" and template.class_.text in ("IN", "ANY") and template.rcode in ERRORS and whole_block:
                message = (
                    f"only AAAA questions get to this server block, and all of them are answered {template.rcode}: musl (alpine) fails"
                )
                repairs = fixes(corefile, [template], [block], choices, denies=template.rcode == "NXDOMAIN")
                yield Problem(template.directive.span, message, repairs)
        yield from _refused(corefile, block)


def _refused(corefile: Corefile, block: ServerBlock) -> Iterator[Problem]:
    for plugin in block.plugin("acl"):
        for policy in plugin.options:
            everything = not {word.text.lower() for word in policy.arguments} & {"type", "net"} or policy.arguments[-1].text == "*"
            if policy.name.text.lower() in ("block", "drop") and everything and whole(corefile, policy):
                fix = Fix("answer NODATA: filter", "filter", (word(corefile, policy.name, "filter"),), "safe")
                message = "only AAAA questions get to this server block, and acl refuses all of them: musl (alpine) fails after its timeout"
                yield Problem(policy.span, message, (fix,))
    view = block.plugin("view")[0]
    known = all(plugin.name.text in PASSIVE for plugin in block.plugins)
    if known and not any(behind(block, zone) for zone in zones_of(block)) and whole(corefile, view):
        line = "template IN AAAA ." if "." in zones_of(block) else "template IN AAAA"
        fix = Fix("answer NODATA", "nodata", (after(corefile, view, line),), "safe")
        yield Problem(view.span, "AAAA questions get to this server block, and nothing in it answers them: musl (alpine) fails", (fix,))


def _only_aaaa(block: ServerBlock) -> bool:
    """Do all its expressions together let nothing but AAAA in, as far as the text shows?"""
    expressions = [" ".join(word.text for word in option.arguments) for view in block.plugin("view") for option in view.option("expr")]
    parts = [part.strip() for expression in expressions if "||" not in expression for part in expression.split("&&")]
    return any(_AAAA.fullmatch(part) for part in parts)
