"""TPL003 invalid-record: a template's record cannot be read once it is filled in, so every question is answered SERVFAIL.

What it does
    Fills the records of `template` blocks in for each of their zones and reads them as CoreDNS does.

Why is this bad?
    CoreDNS reads the record when the question is asked, not when it loads. In the root zone `ns.{{ .Zone }}` becomes `ns..`, which is no
    name: the template answers SERVFAIL instead of what its rcode says, and musl fails after its timeout.

Example
    template IN AAAA . {
        authority "{{ .Zone }} 60 IN SOA ns.{{ .Zone }} hostmaster.{{ .Zone }} (1 60 60 60 60)"
    }

Use instead
    template IN AAAA . {
        authority "{{ .Zone }} 60 IN SOA ns.dns. hostmaster.dns. (1 60 60 60 60)"
    }

Fix safety
    Safe: SERVFAIL helped nobody. There is a fix where the zone behind a name is what makes it invalid.

Sources
    CoreDNS plugin/template/template.go (executeRRTemplate); RFC 1035 section 2.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy.answers.reasons import Unknown
from remedy.answers.template import Template, templates
from remedy.corefile.lexer import Token
from remedy.corefile.lines import word
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices, Fix, Problem, Severity
from rewrite_rules._denied import named
from rewrite_rules._scope import by_place, imported, whole

_SECTIONS = ("answer", "authority", "additional")
_BELOW_THE_ZONE = re.compile(r"(?<=[0-9A-Za-z_-])\.\{\{\s*\.Zone\s*\}\}")


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    broken = {template.directive.span: (template, zones) for block in corefile.blocks for template, zones in _broken(block)}
    pairs = ((template.directive, block) for block in corefile.blocks for template, _ in _broken(block))
    for directive, blocks in by_place(pairs):
        template, zones = broken[directive.span]
        message = (
            f"{template.type_.text} for {named(zones)} is answered SERVFAIL: a record of the template cannot be read once it is filled in"
        )
        changes = [(token, _BELOW_THE_ZONE.sub(".dns.", token.text)) for token in _records(template) if _unreadable(token.text, template)]
        repaired = whole(corefile, directive) and all(new != token.text and not _unreadable(new, template) for token, new in changes)
        fix = (
            Fix("name the server absolutely", "absolute", tuple(word(corefile, *change) for change in changes), "safe")
            if repaired
            else None
        )
        severity: Severity | None = None if template.type_.text in ("A", "AAAA", "ANY") else "warning"
        yield Problem(directive.span, message + imported(directive, blocks), (fix,) if fix else (), severity)


def _broken(block: ServerBlock) -> Iterator[tuple[Template, list[str]]]:
    for template in templates(block):
        if template.class_.text in ("IN", "ANY") and template.rcode != "SERVFAIL":
            zones = [zone for token in _records(template) for zone in _unreadable(token.text, template)]
            if zones:
                yield template, list(dict.fromkeys(zones))


def _records(template: Template) -> list[Token]:
    """Those that hang on nothing but the question and the zone."""
    words = [word for section in _SECTIONS for option in template.directive.option(section) for word in option.arguments]
    return [word for word in words if "Group" not in word.text and "Match" not in word.text and word.text.strip()]


def _unreadable(text: str, template: Template) -> list[str]:
    """The zones in which the record cannot be read."""
    from remedy.answers.gotext import Failed, render  # only a few templates write records
    from remedy.answers.records import read

    found = []
    for zone in template.zones:
        name = f"name.{zone}" if zone != "." else "name."
        type_ = template.type_.text if template.type_.text != "ANY" else "A"
        try:
            read(render(text, {"Name": name, "Zone": zone, "Type": type_, "Class": "IN"}, None), name)
        except Failed:
            found.append(zone)
        except Unknown:
            continue
    return found
