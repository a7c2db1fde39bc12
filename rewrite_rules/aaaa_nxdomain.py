"""AAAA001 aaaa-nxdomain: a template answers AAAA with NXDOMAIN while the same names have A records.

What it does
    Finds `template` blocks of class IN or ANY and type AAAA with rcode NXDOMAIN, where nothing in the server block denies A as well.

Why is this bad?
    NXDOMAIN denies the whole name, not one type (RFC 8020, RFC 2308 section 2.1). musl 1.2.1 and later asks for A and AAAA at once and
    takes NXDOMAIN in either as "no such name" (src/network/lookup_name.c, name_from_dns): every alpine image stops resolving. nginx's
    resolver fails the same way, and BIND or dnsmasq in front can pass the denial on to everybody. A name without AAAA answers NODATA
    (RFC 4074).

Example
    template ANY AAAA {
        rcode NXDOMAIN
    }

Use instead
    template IN AAAA .

Fix safety
    Safe for all names (`.`, no `match`): a lookup with an AAAA NXDOMAIN in it could not succeed before. Scoped by a zone or a `match` it is
    unsafe: where the zone is in pods' search lists, musl stops its search at NODATA but goes on at NXDOMAIN.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from remedy.answers.template import Template, templates
from remedy.answers.zones import union_covers, zone_of_key
from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices, Fix, Problem, Rule

# Options of a template that mean nothing once the answer is NODATA: the rcode itself, and one that CoreDNS reads and ignores.
_WITHOUT_MEANING = {"rcode", "upstream"}


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    found = [(template, block) for block in corefile.blocks for template in _denials(block)]
    found.sort(key=lambda pair: pair[0].directive.span)
    for _, group in groupby(found, key=lambda pair: pair[0].directive.span):  # one a snippet, however often it is imported
        pairs = list(group)
        blocks = [block for _, block in pairs]
        template = pairs[0][0]
        zones = sorted({zone for each, _ in pairs for zone in each.zones})
        message = (
            f"AAAA for {'every name' if zones == ['.'] else 'names in ' + ', '.join(zones)} is answered NXDOMAIN, "
            "which denies the whole name: musl (alpine) then drops the A answer too"
        )
        if template.directive.span.start < blocks[0].keys[0].start and not blocks[0].keys[0].file:
            lines = ", ".join(str(block.keys[0].line) for block in blocks)
            message += f"; it stands in a snippet, and so in every server block that imports it (line {lines})"
        yield Problem(template.directive.span, message, _fix(corefile, [each for each, _ in pairs], blocks, choices))


def _denials(block: ServerBlock) -> Iterator[Template]:
    """The templates that deny AAAA alone, in this server block."""
    before: list[Template] = []
    every = templates(block)
    for template in every:
        asked = template.class_.text in ("IN", "ANY") and template.type_.text == "AAAA" and template.zones
        denies = asked and template.rcode == "NXDOMAIN"
        if denies and not any(_shadows(other, template) for other in before) and not any(_denies_a(other, template) for other in every):
            yield template
        before.append(template)


def _shadows(earlier: Template, template: Template) -> bool:
    """Does an earlier template answer every question that this one could?"""
    same = earlier.class_.text in ("IN", "ANY") and earlier.type_.text in ("AAAA", "ANY") and not earlier.has_match
    return same and union_covers(earlier.zones, template.zones)


def _denies_a(other: Template, template: Template) -> bool:
    """Does it answer NXDOMAIN for A for the same names? Then the denial of AAAA tells the truth and has to stay."""
    denies = other.class_.text in ("IN", "ANY") and other.type_.text in ("A", "ANY") and other.rcode == "NXDOMAIN"
    same = not other.has_match or _matches(other) == _matches(template)
    return denies and same and union_covers(other.zones, template.zones)


def _matches(template: Template) -> list[list[str]]:
    return [[word.text for word in option.arguments] for option in template.directive.option("match")]


def _fix(corefile: Corefile, same: list[Template], blocks: list[ServerBlock], choices: Choices) -> Fix | None:
    """The rewrite in the chosen style; None where a person has to decide (an answer beside the denial, words that an import brings)."""
    template = same[0]
    directive, rcode = template.directive, template.rcode_token
    if directive.span.file:
        return None  # seen from its own file it has one
    inside = all(directive.span.start <= word.start and word.end <= directive.span.end for word in directive.words())
    imports = any(directive.span.start <= name.start < directive.span.end for name in corefile.unread)
    if rcode is None or not inside or imports or directive.rest or template.has_answer or directive.option("additional"):
        return None
    if choices.style == "minimal":
        edits = [_instead(corefile, rcode, "NOERROR")]
    elif choices.style == "explicit":
        edits = [_instead(corefile, rcode, "NOERROR"), *_repeated_rcodes(corefile, template)]
    else:
        edits = _documented(corefile, template, blocks)
    root = all("." in each.zones for each in same) and not template.has_match
    why = "" if root else "it is scoped by a zone or a match: where pods search that zone, musl stops at NODATA but goes on at NXDOMAIN"
    return Fix("answer NODATA", choices.style, tuple(edits), "safe" if root else "unsafe", why)


def _documented(corefile: Corefile, template: Template, blocks: list[ServerBlock]) -> list[Edit]:
    """`template IN AAAA ZONES…`, with the block only where an option in it still means something."""
    directive, rcode = template.directive, template.rcode_token
    assert rcode is not None
    edits = []
    if template.class_.text == "ANY" and not any(block.plugin("chaos") for block in blocks):
        edits.append(_instead(corefile, template.class_, "IN"))
    end = directive.head.end
    zone = " ." if not template.named_zones and all(_serves_root(block) for block in blocks) else ""
    shared = any(block.closing and directive.span.start <= block.closing.start < directive.span.end for block in blocks)
    if shared or any(option.name.text not in _WITHOUT_MEANING for option in directive.options):
        edits.append(_instead(corefile, rcode, "NOERROR"))
        glued = " " if corefile.text.startswith(("{", '"'), end) else ""  # a quoted word ends without a space
        return [*edits, Edit(end, end, zone + glued)] if zone else edits
    edits.append(Edit(end, directive.span.end, zone))
    moved = corefile.comments_in(directive.span._replace(start=end))
    if moved:
        start = corefile.text.rfind("\n", 0, directive.span.start) + 1
        line = corefile.text[start : directive.span.start]
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        newline = "\r\n" if "\r\n" in corefile.text[start : directive.span.end] else "\n"
        comments = [corefile.text[comment.start : comment.end].rstrip("\r") for comment in moved]
        edits.append(Edit(start, start, "".join(f"{indent}{comment}{newline}" for comment in comments)))
    return edits


def _instead(corefile: Corefile, token: Token, word: str) -> Edit:
    """Another word in a word's place; quotes stay, since the next word may follow them without a space."""
    quotes = '"' if corefile.text[token.start] == '"' else ""
    return Edit(token.start, token.end, f"{quotes}{word}{quotes}")


def _serves_root(block: ServerBlock) -> bool:
    return any(zone_of_key(key.text) == "." for key in block.keys)


def _repeated_rcodes(corefile: Corefile, template: Template) -> list[Edit]:
    """Remove the `rcode` lines that never counted because a later one does."""
    edits = []
    for option in template.directive.option("rcode")[:-1]:
        start, end = option.span.start, option.span.end
        line_start, line_end = corefile.text.rfind("\n", 0, start) + 1, corefile.text.find("\n", end)
        alone = not corefile.text[line_start:start].strip() and not corefile.text[end:line_end].strip()
        edits.append(Edit(line_start, line_end + 1, "") if alone else Edit(start, end, ""))
    return edits


RULE = Rule("AAAA001", "aaaa-nxdomain", "error", check)
