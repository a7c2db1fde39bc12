"""The rewrite of a template that denies a type into one that answers NODATA, in the style that was chosen, with its alternatives.

For class IN the styles answer alike. CoreDNS before 1.5.1 loads no template without records, so it gets an SOA; before 1.1.3 there is
no NODATA at all.
"""

from __future__ import annotations

from remedy.answers.behind import SELF, behind, overlap
from remedy.answers.model import kubernetes_zones
from remedy.answers.plugins import NEWEST, version_of
from remedy.answers.template import Template
from remedy.answers.zones import zone_of_key
from remedy.corefile.edit import Edit
from remedy.corefile.lines import after, without, word
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix
from rewrite_rules._scope import Scope, scope_of, searched, whole

SOA = 'authority "{{ .Zone }} 60 IN SOA ns.dns. hostmaster.dns. (1 60 60 60 60)"'
STOPS = "where pods search that zone, musl stops at NODATA but goes on at NXDOMAIN"
# Options of a template that mean nothing once the answer is NODATA: the rcode itself, and one that CoreDNS reads and ignores.
_WITHOUT_MEANING = {"rcode", "upstream"}


def fixes(corefile: Corefile, same: list[Template], blocks: list[ServerBlock], choices: Choices, *, denies: bool = True) -> tuple[Fix, ...]:
    """The ways to repair one template that stands in these server blocks; none where a person has to decide.

    `denies`: it answers NXDOMAIN, at which a search goes on. Any other error ends the lookup, so nothing can be lost with it.
    """
    template = same[0]
    version = version_of(choices.reader or NEWEST)
    if template.rcode_token is None or not whole(corefile, template.directive) or version < (1, 1, 3):
        return ()
    rcodes = template.directive.option("rcode")
    if template.has_answer or template.directive.option("additional") or any(len(option.arguments) != 1 for option in rcodes):
        return ()
    soa = (choices.soa or version < (1, 5, 1)) and not template.directive.option("authority")
    zones = [zone for each in same for zone in each.zones]
    everything = all("." in each.zones for each in same) and not template.has_match
    scope = scope_of(corefile, choices, zones, everything=everything) if denies else "everything"
    if template.has_match and scope == "outside" and "." in zones:
        scope = "unknown"
    why = _why(scope) if template.type_.text != "A" or scope == "outside" or not denies else _WHY_A
    if any(block.plugin("dns64") for block in blocks):
        why = "dns64 makes up AAAA records for a name that is answered NODATA: clients that had none get addresses of a NAT64"
    title = "answer NODATA" if not soa else "answer NODATA with an SOA"
    if soa and version < (1, 5, 1):
        title += ", since CoreDNS before 1.5.1 loads no template without records"
    nodata = Fix(title, "nodata", tuple(_rewritten(corefile, template, blocks, choices, soa=soa)), "unsafe" if why else "safe", why)
    if scope != "searched" or template.type_.text != "AAAA":
        return (nodata,)
    return (*_deleted(corefile, template, zones, blocks), *_matched(corefile, template, zones, blocks, choices, soa=soa), nodata)


_WHY_A = "musl up to 1.2.0 goes by the A reply alone: it goes on to the next name of its search list at NXDOMAIN, and stops at NODATA"


def _why(scope: Scope) -> str:
    if scope == "searched":
        return f"it is scoped by a zone or a match, and pods search there: {STOPS.partition(', ')[2]}"
    return "" if scope in ("everything", "outside") else f"it is scoped by a zone or a match: {STOPS}"


def _deleted(corefile: Corefile, template: Template, zones: list[str], blocks: list[ServerBlock]) -> list[Fix]:
    """No template at all, where what stands behind it knows which names exist and answers NODATA itself."""
    first = [next(iter(behind(block, zone)), None) for block in blocks for zone in zones]
    if "." in zones or template.has_match or not all(plugin and plugin.name.text in (*SELF, "hosts") for plugin in first):
        return []
    names = ", ".join(dict.fromkeys(plugin.name.text for plugin in first if plugin))
    why = "a Namespace's own name is NODATA behind it, at which musl's search stops; the template's NXDOMAIN let it go on"
    if "hosts" in names:
        why += "; hosts answers NODATA only to names that it has"
    title = f"delete the template: {names} answers NODATA itself to a name that has no AAAA, and NXDOMAIN to one that does not exist"
    return [Fix(title, "delete", (without(corefile, template.directive),), "unsafe", why)]


def _matched(
    corefile: Corefile, template: Template, zones: list[str], blocks: list[ServerBlock], choices: Choices, *, soa: bool
) -> list[Fix]:
    """NODATA only for names of the shape that Services and hosts have; what a search makes up falls through."""
    if "." in zones or template.has_match or _shared(template.directive, blocks):
        return []
    patterns = []
    for zone in dict.fromkeys(zones):
        services = [each for each in kubernetes_zones(corefile) if overlap(zone, f"svc.{each}")]
        others = [each for each in searched(corefile, choices) if each not in kubernetes_zones(corefile) and overlap(zone, each)]
        patterns += [rf"^[^.]+[.][^.]+[.]svc[.]{_literal(each)}$" for each in services]
        patterns += [f"^[^.]+[.]{_literal(each)}$" for each in others or ([] if services else [zone])]
    options = [f"match {pattern}" for pattern in dict.fromkeys(patterns)]
    kept = [option for option in template.directive.options if option.name.text not in (*_WITHOUT_MEANING, "fallthrough")]
    options += [corefile.source(option.span) for option in kept]
    options += [*([SOA] if soa else []), "fallthrough"]
    edits = [*_head(corefile, template, blocks), *_replaced(corefile, template.directive, options, "")]
    why = "a name of that shape that does not exist is answered NODATA too: an AF_INET6 lookup that finds it later stops there"
    return [Fix("answer NODATA to names that can exist, and let the others fall through", "match", tuple(edits), "unsafe", why)]


def _literal(zone: str) -> str:
    return zone.replace(".", "[.]")


def _rewritten(corefile: Corefile, template: Template, blocks: list[ServerBlock], choices: Choices, *, soa: bool) -> list[Edit]:
    directive, rcode = template.directive, template.rcode_token
    assert rcode is not None
    if choices.style == "documented":
        return _documented(corefile, template, blocks, soa=soa)
    if soa and _one_line(directive):
        return _replaced(corefile, directive, ["rcode NOERROR", SOA], "")
    edits = [word(corefile, rcode, "NOERROR"), *_soa(corefile, template, wanted=soa)]
    return edits if choices.style == "minimal" else [*edits, *_repeated_rcodes(corefile, template)]


def _documented(corefile: Corefile, template: Template, blocks: list[ServerBlock], *, soa: bool) -> list[Edit]:
    """`template IN AAAA ZONES…`, with the block only where an option in it still means something."""
    directive, rcode = template.directive, template.rcode_token
    assert rcode is not None
    text, file = corefile.texts[directive.span.file], directive.span.file
    edits = _head(corefile, template, blocks)
    end = directive.head.end
    zone = " ." if not template.named_zones and all(_serves_root(block) for block in blocks) else ""
    meaning = any(option.name.text not in _WITHOUT_MEANING for option in directive.options)
    if (_shared(directive, blocks) and not (soa and _one_line(directive))) or meaning:
        edits += [word(corefile, rcode, "NOERROR"), *_soa(corefile, template, wanted=soa)]
        glued = " " if text.startswith(("{", '"'), end) else ""  # a quoted word ends without a space
        return [*edits, Edit(end, end, zone + glued, file)] if zone else edits
    return [*edits, *_replaced(corefile, directive, [SOA] if soa else [], zone)]


def _head(corefile: Corefile, template: Template, blocks: list[ServerBlock]) -> list[Edit]:
    """Class IN in the place of ANY: no other class reaches a template, except beside *chaos*."""
    if template.class_.text != "ANY" or any(block.plugin("chaos") for block in blocks):
        return []
    return [word(corefile, template.class_, "IN")]


def _replaced(corefile: Corefile, directive: Directive, options: list[str], zone: str) -> list[Edit]:
    """Other options, or none, in the place of the block; its comments go above the directive, in order."""
    text, file = corefile.texts[directive.span.file], directive.span.file
    end = directive.head.end
    start = text.rfind("\n", 0, directive.span.start) + 1
    line = text[start : directive.span.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    line_end = text.find("\n", directive.span.start)
    newline = "\r\n" if line_end > 0 and text[line_end - 1] == "\r" else "\n"
    step = "\t" if indent.endswith("\t") else "    "
    block = "".join(f"{newline}{indent}{step}{option}" for option in options)
    edits = [Edit(end, directive.span.end, zone + (f" {{{block}{newline}{indent}}}" if options else ""), file)]
    moved = corefile.comments_in(directive.span._replace(start=end))
    if moved:
        comments = [corefile.source(comment).rstrip("\r") for comment in moved]
        edits.append(Edit(start, start, "".join(f"{indent}{comment}{newline}" for comment in comments), file))
    return edits


def _soa(corefile: Corefile, template: Template, *, wanted: bool) -> list[Edit]:
    return [after(corefile, template.directive.option("rcode")[-1], SOA)] if wanted else []


def _one_line(directive: Directive) -> bool:
    return directive.opening is not None and directive.closing is not None and directive.opening.line == directive.closing.line


def _shared(directive: Directive, blocks: list[ServerBlock]) -> bool:
    """Is its closing brace the server block's own, too?"""
    span = directive.span
    return any(block.closing and block.closing.file == span.file and span.start <= block.closing.start < span.end for block in blocks)


def _serves_root(block: ServerBlock) -> bool:
    return any(zone_of_key(key.text) == "." for key in block.keys)


def _repeated_rcodes(corefile: Corefile, template: Template) -> list[Edit]:
    """Remove the `rcode` lines that never counted because a later one does."""
    return [without(corefile, option) for option in template.directive.option("rcode")[:-1]]
