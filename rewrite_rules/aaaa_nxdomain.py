"""AAAA001 aaaa-nxdomain: a template answers AAAA with NXDOMAIN while the same names have A records.

What it does
    Finds `template` blocks of class IN or ANY and type AAAA with rcode NXDOMAIN, where nothing in the server block denies A as well.

Why is this bad?
    NXDOMAIN denies the whole name, not one type (RFC 8020, RFC 2308 section 2.1). musl 1.2.1 and later asks for A and AAAA at once and
    takes NXDOMAIN in either as "no such name" (src/network/lookup_name.c, name_from_dns): every alpine image stops resolving. nginx's
    resolver fails the same way, and BIND or dnsmasq in front can pass the denial on to everybody. A name without AAAA answers NODATA
    (RFC 4074).

Example
    template ANY AAAA {
        rcode NXDOMAIN
    }

Use instead
    template IN AAAA .

Fix safety
    Safe for all names (`.`, no `match`): a lookup with an AAAA NXDOMAIN in it could not succeed before. One exception is taken for safe
    all the same: beside a server block of its own for a stub domain with IPv6, a lookup of AAAA alone that pods begin with their search
    list. Safe for a zone outside every search list, too. In a zone that pods search it is not: musl goes on to the next name at NXDOMAIN
    and stops at NODATA, so a lookup of AAAA alone can end early. There, choose by name (`--fix AAAA001=NAME`):
    `delete` the template, where kubernetes, a zone file or hosts stand behind it and answer NODATA themselves;
    `match`: NODATA only for names of the shape that Services have, the others fall through;
    `nodata` all the same, which is right where nobody asks for AAAA alone.
    With *dns64* in the server block it is unsafe: dns64 makes up addresses for a name that is answered NODATA. Where no kubernetes plugin
    says which zones are searched, a zone counts as searched until `--search DOMAIN` says otherwise. Names that have IPv6 only stay hidden.

Sources
    CoreDNS plugin/template/template.go; RFC 2308, 4074, 8020; RFC 6147 section 5.1.2 for dns64.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.plugins import NEWEST, version_of
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices, Problem
from rewrite_rules._denied import denials, named
from rewrite_rules._nodata import fixes
from rewrite_rules._scope import imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    for same, blocks in denials(corefile, "AAAA", ("NXDOMAIN",)):
        directive = same[0].directive
        message = (
            f"AAAA for {named(sorted({zone for each in same for zone in each.zones}))} is answered NXDOMAIN, "
            "which denies the whole name: musl (alpine) then drops the A answer too"
        )
        message += _beside(blocks, choices) + imported(directive, blocks)
        yield Problem(directive.span, message, fixes(corefile, same, blocks, choices))


def _beside(blocks: list[ServerBlock], choices: Choices) -> str:
    """What else in the server block changes the advice."""
    said = ""
    if any(block.plugin("dns64") for block in blocks):
        newer = version_of(choices.reader or NEWEST) >= (1, 14, 5)
        said += "; dns64 stands above it" + (" and passes the denial on" if newer else ", and before 1.14.5 made up addresses over it")
    if any(_has_ipv6(block) for block in blocks):
        said += "; it also hides the IPv6 addresses that this server block knows, and they stay hidden"
    return said


def _has_ipv6(block: ServerBlock) -> bool:
    """Do hosts lines give an address of IPv6 beside the loopback's?"""
    return any(":" in option.name.text and option.name.text != "::1" for plugin in block.plugin("hosts") for option in plugin.options)
