"""AAAA005 acl-denies-aaaa: an acl refuses or drops AAAA questions while A is answered.

What it does
    Finds policies `block` and `drop` of *acl* that name the type AAAA and not A, where no other policy refuses A to the same networks.

Why is this bad?
    `block` answers REFUSED and `drop` answers nothing. musl takes neither for an answer: each lookup waits for the whole timeout,
    5 seconds, and fails with "Try again", although the A record is there. nginx's resolver fails as well.

Example
    acl {
        block type AAAA
    }

Use instead
    acl {
        filter type AAAA
    }

Fix safety
    Safe in every zone: `filter` answers NODATA, and nobody found an address by a refusal. CoreDNS has `filter` since 1.8.2; for an older
    one there is no fix, only `template IN AAAA .` in the place of the policy.

Sources
    CoreDNS plugin/acl/acl.go; musl src/network/res_msend.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.acl import sections_of
from remedy.answers.plugins import NEWEST, version_of
from remedy.corefile.lines import word
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole

_EFFECTS = {"block": "refused", "drop": "dropped"}


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    found = [(policy, block) for block, plugin in corefile.walk() if plugin.name.text == "acl" for policy in _refusals(plugin)]
    for policy, blocks in by_place(found):
        effect = _EFFECTS[policy.name.text.lower()]
        message = f"AAAA questions are {effect} while A is answered: musl (alpine) waits until its timeout and fails"
        filters = version_of(choices.reader or NEWEST) >= (1, 8, 2) and whole(corefile, policy)
        if not filters:
            message += "; this CoreDNS has no `filter` yet: write `template IN AAAA .` instead of the policy"
        fix = Fix("answer NODATA: filter", "filter", (word(corefile, policy.name, "filter"),), "safe") if filters else None
        yield Problem(policy.span, message + imported(policy, blocks), (fix,) if fix else ())


def _refusals(plugin: Directive) -> Iterator[Directive]:
    for place, policy in enumerate(plugin.options):
        sections = sections_of(policy)
        types = sections.get("type", ["*"])
        if policy.name.text.lower() not in _EFFECTS or "AAAA" not in types or "A" in types or "*" in types:
            continue
        networks = sections.get("net", ["*"])
        others = [each for each in plugin.options if each is not policy]
        if any(_concerns(each, "A", networks) and each.name.text.lower() != "allow" for each in others):
            continue
        if not any(_concerns(each, "AAAA", networks) for each in plugin.options[:place]):
            yield policy


def _concerns(policy: Directive, type_: str, networks: list[str]) -> bool:
    """Is it about this type, and about all these networks?"""
    sections = sections_of(policy)
    types, nets = sections.get("type", ["*"]), sections.get("net", ["*"])
    return ("*" in types or type_ in types) and ("*" in nets or set(networks) <= set(nets))
