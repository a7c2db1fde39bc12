"""MIG009 template-without-records: CoreDNS before 1.5.1 does not start with a template that answers NODATA without a record.

What it does
    Finds `template` blocks with `rcode NOERROR`, or no rcode, and without `answer` and `authority`, where the release that is
    to read the Corefile is older than 1.5.1.

Why is this bad?
    CoreDNS refuses the whole Corefile: "no answer section for template found".

Example
    template IN AAAA .
    forward . 192.0.2.53

Use instead
    template IN AAAA . {
        authority "{{ .Zone }} 60 IN SOA ns.dns. hostmaster.dns. (1 60 60 60 60)"
    }
    forward . 192.0.2.53

Releases
    1.8.0 to 1.4.0

Fix safety
    Safe: it is NODATA as before, with an SOA by which it can be cached.

Sources
    CoreDNS plugin/template/setup.go at 1.5.0 and 1.5.1; coredns/coredns#2855.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.template import templates
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._nodata import SOA
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import move_of
from rewrite_rules.migrate._option import with_option

_RECORDS = ("answer", "authority")


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or move.at_least("1.5.1"):
        return
    found = [(each.directive, block) for block in corefile.blocks for each in templates(block) if each.rcode == "NOERROR"]
    bare = [(plugin, block) for plugin, block in found if not any(plugin.option(word) for word in _RECORDS)]
    for plugin, blocks in by_place(bare):
        message = f"CoreDNS {move.reader} does not start with this Corefile: before 1.5.1 a template that answers NODATA needs a record"
        yield Problem(plugin.span, message + imported(plugin, blocks), _fix(corefile, plugin))


def _fix(corefile: Corefile, plugin: Directive) -> tuple[Fix, ...]:
    edit = with_option(corefile, plugin, SOA) if whole(corefile, plugin) else None
    return (Fix("answer NODATA with an SOA", "soa", (edit,), "safe"),) if edit else ()
