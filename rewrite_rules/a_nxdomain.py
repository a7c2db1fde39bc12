"""AAAA008 a-nxdomain: a template refuses A while the same names have AAAA records.

What it does
    Finds `template` blocks of class IN or ANY and type A with an error as rcode, where nothing leaves AAAA without addresses as well.

Why is this bad?
    It is the mirror image of AAAA001: NXDOMAIN denies the whole name, so musl 1.2.1 and later, nginx and some caches drop the AAAA
    answer, and a cluster that is IPv6 only resolves nothing.

Example
    template IN A . {
        rcode NXDOMAIN
    }
    forward . 192.0.2.53

Use instead
    template IN A .
    forward . 192.0.2.53

Fix safety
    Unsafe where the error is NXDOMAIN and the names may be searched: musl up to 1.2.0 goes by the A reply alone, and stops its search at
    NODATA. Safe for a zone outside every search list, and for any other error.

Sources
    CoreDNS plugin/template/template.go; RFC 2308, RFC 8020; musl src/network/lookup_name.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem
from rewrite_rules._denied import ERRORS, denials, named
from rewrite_rules._nodata import fixes
from rewrite_rules._scope import imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    for same, blocks in denials(corefile, "A", ERRORS):
        template = same[0]
        zones = sorted({zone for each in same for zone in each.zones})
        message = f"A for {named(zones)} is answered {template.rcode}, and AAAA is not refused: musl (alpine) drops the AAAA answer too"
        message += imported(template.directive, blocks)
        repairs = fixes(corefile, same, blocks, choices, denies=template.rcode == "NXDOMAIN")
        yield Problem(template.directive.span, message, repairs, None if "." in zones else "warning")
