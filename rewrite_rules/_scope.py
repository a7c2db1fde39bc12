"""Which names pods try before the one that was meant, and so how far NODATA may go in the place of NXDOMAIN.

musl goes on to the next domain of its search list at NXDOMAIN, and stops at NODATA. Where every name was denied no lookup could succeed,
so nothing can be lost; in a zone that is searched, a lookup of AAAA alone that used to end at a later name can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

from remedy.answers.behind import overlap
from remedy.answers.model import kubernetes_zones
from remedy.answers.zones import absolute
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices

Scope = Literal["everything", "outside", "searched", "unknown"]


def searched(corefile: Corefile, choices: Choices) -> tuple[str, ...]:
    """The zones whose names pods build from their search lists: those of kubernetes, and what the operator names. Empty: nobody knows."""
    return tuple(dict.fromkeys([*kubernetes_zones(corefile), *(absolute(domain) for domain in choices.search if domain.strip("."))]))


def scope_of(corefile: Corefile, choices: Choices, zones: Iterable[str], *, everything: bool) -> Scope:
    """Where these zones stand beside the search lists; `everything`: all names of the root are meant."""
    if everything:
        return "everything"
    lists = searched(corefile, choices)
    if not lists:
        return "unknown"
    return "searched" if any(overlap(zone, each) for zone in zones for each in lists) else "outside"


def by_place(found: Iterable[tuple[Directive, ServerBlock]]) -> Iterator[tuple[Directive, list[ServerBlock]]]:
    """Each directive once, with every server block that it stands in: a snippet may be imported by several."""
    pairs = sorted(found, key=lambda pair: pair[0].span)
    for _, group in groupby(pairs, key=lambda pair: pair[0].span):
        same = list(group)
        yield same[0][0], list(dict.fromkeys(block for _, block in same))


def imported(directive: Directive, blocks: list[ServerBlock]) -> str:
    """The end of a message about a directive that stands in a snippet or in an imported file; empty for one that does not."""
    key = blocks[0].keys[0]
    if directive.span.file != key.file:
        return f"; it stands in an imported file, and so in {len(blocks)} server blocks" if len(blocks) > 1 else ""
    if directive.span.start > key.start:
        return ""
    lines = ", ".join(str(block.keys[0].line) for block in blocks)
    return f"; it stands in a snippet, and so in every server block that imports it (line {lines})"


def whole(corefile: Corefile, directive: Directive) -> bool:
    """Do all its words stand in one place, so that an edit there changes it and nothing else?"""
    span = directive.span
    words = list(directive.tokens())
    inside = all(word.file == span.file and span.start <= word.start and word.end <= span.end for word in words)
    imports = any(name.file == span.file and span.start <= name.start < span.end for name in corefile.unread)
    return inside and not imports and not directive.rest
