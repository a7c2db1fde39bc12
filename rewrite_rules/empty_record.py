"""TPL004 empty-record: a template's `answer ""` makes CoreDNS panic at every question, which fails.

What it does
    Finds `answer`, `authority` and `additional` options of `template` blocks with an empty record.

Why is this bad?
    An empty answer is written by writing no answer. The empty record is read as no record at all, and CoreDNS panics when it sends the
    reply; it recovers and answers SERVFAIL, or nothing where the record was to be an authority. musl waits until its timeout for both.

Example
    template IN AAAA . {
        answer ""
    }

Use instead
    template IN AAAA .

Fix safety
    Safe: SERVFAIL helped nobody, and the other options stay.

Sources
    CoreDNS plugin/template/template.go; miekg/dns NewRR, which returns neither a record nor an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.plugins import NEWEST, version_of
from remedy.answers.template import templates
from remedy.corefile.lines import without_options
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    found = [(template.directive, block) for block in corefile.blocks for template in templates(block) if _empty(template.directive)]
    for directive, blocks in by_place(found):
        options = _empty(directive)
        section = options[0].name.text
        effect = "sends no reply" if section == "authority" else "answers SERVFAIL"
        said = f'`{section} ""` is no empty section: CoreDNS panics and {effect}; write no {section}'
        removable = whole(corefile, directive) and all(len(option.arguments) == 1 and option.opening is None for option in options)
        loads = version_of(choices.reader or NEWEST) >= (1, 5, 1)
        fix = Fix("write no record", "without", without_options(corefile, directive, options), "safe") if removable and loads else None
        yield Problem(directive.span, said + imported(directive, blocks), (fix,) if fix else ())


def _empty(directive: Directive) -> list[Directive]:
    sections = [option for option in directive.options if option.name.text in ("answer", "authority", "additional")]
    return [option for option in sections if any(word.text.strip()[:1] in ("", ";") for word in option.arguments)]
