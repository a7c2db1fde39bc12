"""Templates that refuse one address type while the other is answered for the same names.

A refusal of both tells the truth, or is meant: then neither may be changed.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import groupby

from remedy.answers.behind import behind, overlap
from remedy.answers.template import Template, templates
from remedy.answers.words import KNOWN_RCODES
from remedy.answers.zones import union_covers
from remedy.corefile.tree import Corefile, ServerBlock

ERRORS = KNOWN_RCODES - {"NOERROR"}
_CLASSES = ("IN", "ANY")


def denials(corefile: Corefile, type_: str, rcodes: Container[str]) -> Iterator[tuple[list[Template], list[ServerBlock]]]:
    """The templates that answer `type_` with one of these rcodes: each place once, as every server block that imports it sees it."""
    found = [(template, block) for block in corefile.blocks for template in _denials(corefile, block, type_, rcodes)]
    found.sort(key=lambda pair: pair[0].directive.span)
    for _, group in groupby(found, key=lambda pair: pair[0].directive.span):  # one a snippet, however often it is imported
        pairs = list(group)
        yield [template for template, _ in pairs], [block for _, block in pairs]


def named(zones: list[str]) -> str:
    """Zones as the subject of a sentence."""
    return "every name" if zones == ["."] else "names in " + ", ".join(zones)


def answers(template: Template, type_: str) -> bool:
    """Does it answer questions for this type of the class IN?"""
    return template.class_.text in _CLASSES and template.type_.text in (type_, "ANY")


def _denials(corefile: Corefile, block: ServerBlock, type_: str, rcodes: Container[str]) -> Iterator[Template]:
    every = templates(block)
    other = "A" if type_ == "AAAA" else "AAAA"
    for place, template in enumerate(every):
        asked = template.class_.text in _CLASSES and template.type_.text == type_ and template.zones
        if not asked or template.rcode not in rcodes or any(_shadows(each, template) for each in every[:place]):
            continue
        refused = any(_denies(each, template, other, every[:number]) for number, each in enumerate(every))
        if not refused and (type_ == "AAAA" or _has_ipv6(corefile, template, every, block)):
            yield template


def _has_ipv6(corefile: Corefile, template: Template, every: list[Template], block: ServerBlock) -> bool:
    """May the names of an A template have AAAA records? Not if AAAA is refused for some of them, or if nothing answers it."""
    of_aaaa = [
        each for each in every if answers(each, "AAAA") and any(overlap(zone, mine) for zone in each.zones for mine in template.zones)
    ]
    if any(not each.has_answer and (not each.has_match or each.rcode != "NOERROR") for each in of_aaaa):
        return False
    return bool(of_aaaa or corefile.unread) or any(behind(block, zone) for zone in template.zones)


def _shadows(earlier: Template, template: Template) -> bool:
    """Does an earlier template answer every question that this one could?"""
    return answers(earlier, template.type_.text) and not earlier.has_match and union_covers(earlier.zones, template.zones)


def _denies(each: Template, template: Template, other: str, before: list[Template]) -> bool:
    """Does it leave the same names without an address of the other type, before any template gives them one?"""
    refuses = answers(each, other) and (each.rcode in ERRORS or each.rcode == "NOERROR") and not each.has_answer
    same = not each.has_match or matches(each) == matches(template)
    given = any(
        answers(first, other) and first.rcode == "NOERROR" and first.has_answer and overlap(zone, mine)
        for first in before
        for zone in first.zones
        for mine in template.zones
    )
    return refuses and same and not given and union_covers(each.zones, template.zones)


def matches(template: Template) -> list[list[str]]:
    return [[word.text for word in option.arguments] for option in template.directive.option("match")]
