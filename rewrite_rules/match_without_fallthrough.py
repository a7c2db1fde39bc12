"""TPL001 match-without-fallthrough: a template's `match` lets no other name pass, so all of them are answered SERVFAIL.

What it does
    Finds `template` blocks with `match` whose `fallthrough` is missing, or names zones that leave some of the template's out, where
    something else would answer the names that do not match.

Why is this bad?
    A name in the template's zones that no expression matches ends there: SERVFAIL, and before CoreDNS 1.9.3 no reply at all. Templates
    further down and every other plugin are never asked. For AAAA that means that musl fails for all names but those that match.

Example
    template IN AAAA . {
        match ^printer[.]lan[.]example[.]$
    }
    forward . 192.0.2.53

Use instead
    template IN AAAA . {
        match ^printer[.]lan[.]example[.]$
        fallthrough
    }
    forward . 192.0.2.53

Fix safety
    Safe: a name that was answered SERVFAIL, or not at all, is now answered by what stands behind.

Sources
    CoreDNS plugin/template/template.go (match); coredns/coredns#3034, #5180.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.behind import behind, overlap
from remedy.answers.plugins import NEWEST, version_of
from remedy.answers.template import Template, templates
from remedy.answers.zones import covers, origins, variable
from remedy.corefile.edit import Edit
from remedy.corefile.lines import after
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._denied import named
from rewrite_rules._scope import by_place, imported, whole

_EVERYTHING = {"", ".", ".*", "^", "$", "^.*", ".*$", "^.*$", "[.]$", r"\.$", ".+"}


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    ends = [(template, block, zones) for block in corefile.blocks for template, zones in _ends(corefile, block)]
    for directive, blocks in by_place((template.directive, block) for template, block, _ in ends):
        type_ = directive.arguments[1].text
        zones = sorted({zone for template, _, zones in ends if template.directive.span == directive.span for zone in zones})
        effect = "answered SERVFAIL" if version_of(choices.reader or NEWEST) >= (1, 9, 3) else "not answered at all"
        asked = "every question" if type_ == "ANY" else type_
        message = f"{asked} for {named(zones)} that `match` does not match is {effect}: nothing falls through"
        address = type_ in ("A", "AAAA", "ANY")
        yield Problem(directive.span, message + imported(directive, blocks), _fix(corefile, directive), None if address else "warning")


def _ends(corefile: Corefile, block: ServerBlock) -> Iterator[tuple[Template, list[str]]]:
    """The templates that end questions which others would answer, with the zones in which they do."""
    every = templates(block)
    for template in every:
        patterns = [word.text for option in template.directive.option("match") for word in option.arguments]
        if not patterns or template.class_.text not in ("IN", "ANY") or _EVERYTHING & set(patterns):
            continue
        through = template.directive.option("fallthrough")[-1:]
        words = [word.text for option in through for word in option.arguments]
        if (through and not words) or any(variable(word) for word in words):
            continue
        zones = [zone for zone in template.zones if not any(covers(each, zone) for each in origins(words))]
        if zones and (corefile.unread or any(behind(block, zone) or _other(every, template, zone) for zone in zones)):
            yield template, zones


def _other(every: list[Template], template: Template, zone: str) -> bool:
    """Would a further template be asked?"""
    same = (template.type_.text, "ANY") if template.type_.text != "ANY" else tuple({each.type_.text for each in every})
    later = every[every.index(template) + 1 :]
    return any(each.type_.text in same and any(overlap(zone, mine) for mine in each.zones) for each in later)


def _fix(corefile: Corefile, directive: Directive) -> tuple[Fix, ...]:
    if not whole(corefile, directive) or directive.opening is None or directive.closing is None:
        return ()
    through = directive.option("fallthrough")
    last = directive.options[-1]
    if through:
        span = through[-1].span
        edits = (Edit(through[-1].name.end, through[-1].head.end, "", span.file),)
        if corefile.comments_in(span):
            return ()
    elif last.span.end <= directive.closing.start and last.name.line > directive.opening.line and directive.closing.line > last.name.line:
        edits = (after(corefile, last, "fallthrough"),)
    else:
        return ()
    return (Fix("let names that do not match fall through", "fallthrough", edits, "safe"),)
