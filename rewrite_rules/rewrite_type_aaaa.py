"""AAAA006 rewrite-type-aaaa: AAAA questions are rewritten into questions for another type.

What it does
    Finds `rewrite` rules that change the type AAAA: an error with `continue`, a remark otherwise.

Why is this bad?
    With `continue`, the reply carries the question as it was rewritten. Clients drop a reply to a question that they did not ask, wait for
    their timeout and fail. Without it CoreDNS puts the question back, and the reply to AAAA holds records of another type, which newer
    clients pass over and musl up to 1.2.3 takes for a second copy of the address; an NXDOMAIN passes through unchanged.

Example
    rewrite continue type AAAA A

Fix safety
    No fix: what the rule was meant for, a person has to say. `template IN AAAA .` answers NODATA to AAAA, if that was it.

Sources
    CoreDNS plugin/rewrite/rewrite.go (ServeDNS), plugin/rewrite/type.go; coredns/coredns#6203.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.reasons import Unknown
from remedy.answers.rewrite import Rule as Rewrite
from remedy.answers.rewrite import rule_of
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Problem
from rewrite_rules._scope import by_place, imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    found = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text == "rewrite" and _of_aaaa(plugin)]
    for plugin, blocks in by_place(found):
        rule = _of_aaaa(plugin)
        assert rule is not None
        target = rule.words[1].upper()
        if rule.stops:
            message = f"AAAA is answered with records of type {target}, or with what that type has; `template IN AAAA .` says NODATA"
            yield Problem(plugin.span, message + imported(plugin, blocks), severity="info")
        else:
            message = f"AAAA questions become {target}, and with `continue` the reply carries that question: clients drop it and time out"
            yield Problem(plugin.span, message + imported(plugin, blocks))


def _of_aaaa(plugin: Directive) -> Rewrite | None:
    try:
        rule = rule_of(plugin)
    except Unknown:
        return None
    words = [word.upper() for word in rule.words]
    return rule if rule.kind == "type" and len(words) == 2 and words[0] == "AAAA" != words[1] else None
