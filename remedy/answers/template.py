"""A `template` directive as CoreDNS sets it up (plugin/template/setup.go).

The class and the type are exact upper-case names; of several `rcode` options the last one counts; without zones a template serves
all zones of its server block.
"""

from __future__ import annotations

from typing import NamedTuple

from remedy.answers.zones import absolute, covers, variable, zone_of_key
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Directive, ServerBlock


class Template(NamedTuple):
    """`zones` are absolute, and those that it is really asked about; `rcode_token` is None where the default, NOERROR, applies."""

    directive: Directive
    class_: Token
    type_: Token
    named_zones: tuple[str, ...]
    zones: tuple[str, ...]
    rcode: str
    rcode_token: Token | None

    @property
    def has_match(self) -> bool:
        return bool(self.directive.option("match"))

    @property
    def has_answer(self) -> bool:
        return bool(self.directive.option("answer"))

    def answers(self, type_: str) -> bool:
        """Does every `answer` hold a record of this type?"""
        return all(type_ in " ".join(word.text for word in option.arguments).split() for option in self.directive.option("answer"))

    @property
    def unknown(self) -> str:
        """Why remedy cannot tell what this template answers, or nothing."""
        if any(variable(word.text) for word in self.directive.words()):
            return "a template uses an environment variable"
        if any(option.opening for option in self.directive.options):
            return "a template holds a nested block"
        return ""

    def decides(self, type_: str, name: str) -> bool:
        """Does it answer this question, if its `match` is passed? Classes other than IN and ANY never reach a query of class IN."""
        in_zone = any(covers(zone, name) for zone in self.zones)
        return in_zone and self.class_.text in ("IN", "ANY") and self.type_.text in (type_, "ANY")


def templates(block: ServerBlock) -> list[Template]:
    """The templates of a server block in file order, in which they are tried; those without class and type are left out."""
    served = tuple(zone_of_key(key.text) for key in block.keys)
    found = []
    for directive in block.plugin("template"):
        if len(directive.arguments) < 2:
            continue
        class_, type_, *zones = directive.arguments
        named = tuple(absolute(zone.text) for zone in zones)
        rcodes = [option.arguments[0] for option in directive.option("rcode") if option.arguments]
        rcode = rcodes[-1] if rcodes else None
        reached = _reached(named, served) if named else served
        found.append(Template(directive, class_, type_, named, reached, rcode.text if rcode else "NOERROR", rcode))
    return found


def _reached(named: tuple[str, ...], served: tuple[str, ...]) -> tuple[str, ...]:
    """Where the two overlap: a server block hands its plugins only the names that it serves."""
    inside = [zone for zone in named if any(covers(each, zone) for each in served)]
    return tuple(dict.fromkeys([*inside, *(each for each in served if any(covers(zone, each) for zone in named))]))
