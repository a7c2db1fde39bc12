"""AAAA002 aaaa-error: a template answers AAAA with an error such as SERVFAIL or REFUSED while the same names have A records.

What it does
    Finds `template` blocks of class IN or ANY and type AAAA whose rcode is neither NOERROR nor NXDOMAIN, where nothing in the server block
    refuses A as well.

Why is this bad?
    musl accepts only NOERROR and NXDOMAIN: it asks again at SERVFAIL and drops every other reply as if it had not come
    (src/network/res_msend.c). Each lookup then takes the whole timeout, 5 seconds, and fails with "Try again". nginx's resolver fails at
    once. This is worse than NXDOMAIN. An rcode above 15 does not even fit into a reply to a client without EDNS.

Example
    template IN AAAA . {
        rcode REFUSED
    }

Use instead
    template IN AAAA .

Fix safety
    Safe in every zone: no client finds an address, or goes on to another name, because of such an error where NODATA would stop it.
    With *dns64* in the server block it is unsafe, as in AAAA001; if that serves clients over IPv4, too, there is nothing to repair.

Sources
    CoreDNS plugin/template/template.go; RFC 2308 section 2.2; RFC 4074 section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem
from rewrite_rules._denied import ERRORS, denials, named
from rewrite_rules._nodata import fixes
from rewrite_rules._scope import imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    for same, blocks in denials(corefile, "AAAA", ERRORS - {"NXDOMAIN"}):
        template = same[0]
        if all(dns64.option("allow_ipv4") for block in blocks for dns64 in block.plugin("dns64") or [template.directive]):
            continue  # dns64 makes up addresses over any error but NXDOMAIN, for every client
        effect = "asks again, then" if template.rcode == "SERVFAIL" else "drops such a reply, waits until its timeout and"
        message = (
            f"AAAA for {named(sorted({zone for each in same for zone in each.zones}))} is answered {template.rcode}: "
            f"musl (alpine) {effect} fails, although A is answered"
        )
        message += imported(template.directive, blocks)
        yield Problem(template.directive.span, message, fixes(corefile, same, blocks, choices, denies=False))
