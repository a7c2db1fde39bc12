"""AAAA004 a-template-before-catch-all: an A template gives addresses, and a later template for every type refuses AAAA for the same names.

What it does
    Finds `template` blocks of type A that answer with addresses before a `template ANY ANY` with an error that covers their names.

Why is this bad?
    The two were written as "answer these, deny the rest". But an AAAA question passes the A template by and meets the denial: the name has
    an A record and an AAAA answer that says that it does not exist, which is what musl, nginx and caches take it for.

Example
    template IN A apps.example {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }
    template ANY ANY . {
        rcode NXDOMAIN
    }

Use instead
    template IN A apps.example {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }
    template IN AAAA apps.example
    template ANY ANY . {
        rcode NXDOMAIN
    }

Fix safety
    Safe where every name is denied (`.`), where the zone is in no search list, and where the error is not NXDOMAIN. In a zone that pods
    search it is unsafe, as in AAAA001. The denial of everything else stays as it is.

Sources
    CoreDNS plugin/template/template.go (match); RFC 8020.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.template import Template
from remedy.answers.zones import union_covers
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._beside import givers, nodata_beside
from rewrite_rules._denied import ERRORS, named
from rewrite_rules._nodata import STOPS
from rewrite_rules._scope import by_place, imported, scope_of


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    found = [(template, denial, block) for block in corefile.blocks for template, denial in _denied(block)]
    pairs = {template.directive.span: (template, denial) for template, denial, _ in found}
    for directive, blocks in by_place((template.directive, block) for template, _, block in found):
        template, denial = pairs[directive.span]
        everything = "." in denial.zones or denial.rcode != "NXDOMAIN"
        safe = scope_of(corefile, choices, template.zones, everything=everything) in ("everything", "outside")
        message = (
            f"A for {named(list(template.zones))} is answered here, but AAAA meets the template in line {denial.directive.name.line} "
            f"and is answered {denial.rcode}: musl (alpine) then drops the A answer too"
        )
        edits = nodata_beside(corefile, template, choices) if len(corefile.affected(directive.span)) == len(blocks) else ()
        fix = Fix("answer NODATA for AAAA beside it", "nodata", edits, "safe" if safe else "unsafe", "" if safe else STOPS)
        yield Problem(directive.span, message + imported(directive, blocks), (fix,) if edits else ())


def _denied(block: ServerBlock) -> Iterator[tuple[Template, Template]]:
    """The templates that give addresses, each with the one for every type that refuses AAAA for the same names."""
    for template, others in givers(block):
        first = next((each for each in others if union_covers(each.zones, template.zones)), None)
        if first is None or first.type_.text != "ANY" or first.rcode not in ERRORS or first.has_answer:
            continue
        if first.directive.span.start > template.directive.span.start or first.directive.span.file != template.directive.span.file:
            yield template, first
