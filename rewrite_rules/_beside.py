"""A templates that give addresses, and the AAAA template that belongs beside them.

An AAAA question passes an A template by, whether it falls through or not, and is answered by whatever comes next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy.answers.plugins import NEWEST, version_of
from remedy.answers.template import Template, templates
from remedy.corefile.edit import Edit
from remedy.corefile.lines import after
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.rules import Choices
from rewrite_rules._denied import answers, matches
from rewrite_rules._nodata import SOA
from rewrite_rules._scope import whole

_ADDRESS = re.compile(r"\s[Aa]\s")


def givers(block: ServerBlock) -> Iterator[tuple[Template, list[Template]]]:
    """The templates that answer A with addresses, each with the templates that an AAAA question for its names may meet, in order."""
    every = templates(block)
    for place, template in enumerate(every):
        gives = any(_ADDRESS.search(word.text) for option in template.directive.option("answer") for word in option.arguments)
        if not gives or template.type_.text != "A" or not answers(template, "A") or template.rcode != "NOERROR" or not template.zones:
            continue
        if any(len(zone.replace(",", " ").split()) > 1 for zone in template.zones):
            continue  # one zone of an odd name, for which nobody asks
        if not any(answers(each, "A") and not each.has_match and each.zones == template.zones for each in every[:place]):
            yield template, [each for each in every if answers(each, "AAAA") and (not each.has_match or matches(each) == matches(template))]


def nodata_beside(corefile: Corefile, template: Template, choices: Choices) -> tuple[Edit, ...]:
    """An AAAA template of the same zones and expressions behind it; nothing where its words stand in several places."""
    version = version_of(choices.reader or NEWEST)
    if not whole(corefile, template.directive) or version < (1, 1, 3):
        return ()
    zones = "".join(" " + corefile.source(zone.span) for zone in template.directive.arguments[2:])
    options = [corefile.source(option.span) for option in template.directive.option("match")]
    options += ["fallthrough"] if options else []
    options += [SOA] if choices.soa or version < (1, 5, 1) else []
    block = " {" + "".join(f"\n    {option}" for option in options) + "\n}" if options else ""
    try:
        return (after(corefile, template.directive, f"template IN AAAA{zones}{block}"),)
    except ValueError:
        return ()
