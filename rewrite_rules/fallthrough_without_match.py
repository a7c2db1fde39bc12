"""TPL002 fallthrough-without-match: a template's `fallthrough` can never act, since the template has no `match`.

What it does
    Finds `template` blocks with `fallthrough` and without `match`: a warning where the template refuses every type or A, else a remark.

Why is this bad?
    `fallthrough` is for names that no expression matches. Without `match` every name of the zones is answered by the template, and none
    falls through: "deny it, or else go on" denies everything. A template that answers NODATA on purpose is right as it is; the option is
    then only without effect.

Example
    template ANY ANY corp.example {
        rcode NXDOMAIN
        fallthrough
    }

Fix safety
    No fix: a person has to say which names were meant.

Sources
    CoreDNS plugin/template/template.go (match); coredns/coredns#3904.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.template import Template, templates
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices, Problem
from rewrite_rules._denied import ERRORS, named
from rewrite_rules._scope import by_place, imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    found = {template.directive.span: template for block in corefile.blocks for template in _inert(block)}
    pairs = ((template.directive, block) for block in corefile.blocks for template in _inert(block))
    for directive, blocks in by_place(pairs):
        template = found[directive.span]
        refuses = template.rcode in ERRORS and template.type_.text in ("A", "ANY")
        says = f"is answered {template.rcode}" if template.rcode != "NOERROR" else "is answered here"
        message = f"`fallthrough` has no effect without `match`: {template.type_.text} for {named(list(template.zones))} {says}"
        yield Problem(directive.span, message + imported(directive, blocks), severity="warning" if refuses else "info")


def _inert(block: ServerBlock) -> Iterator[Template]:
    for template in templates(block):
        conditions = template.has_match or template.directive.option("expr")
        if template.zones and template.directive.option("fallthrough") and not conditions and template.class_.text in ("IN", "ANY"):
            yield template
