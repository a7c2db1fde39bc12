"""A `template` directive as CoreDNS sets it up and runs it (plugin/template/setup.go, template.go).

The class and the type are exact upper-case names; of several `rcode` options the last one counts; without zones a template serves
all zones of its server block. One that matches decides, whatever its `fallthrough` says; one whose `match` fails ends the question, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from remedy.answers.message import SERVFAIL, Message, Outcome, Query, Record
from remedy.answers.reasons import Unknown
from remedy.answers.server import check, falls_through, own_zones
from remedy.answers.words import CLASSES, KNOWN_RCODES, QTYPES, RCODES
from remedy.answers.zones import absolute, covers, longest, variable, zone_of_key
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Corefile, Directive, ServerBlock

if TYPE_CHECKING:
    from remedy.answers.regex import Found
    from remedy.answers.server import Next


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


def refused(corefile: Corefile) -> bool:
    """Does a template hold a class, a type or an rcode that CoreDNS does not know, so that it does not start?"""
    for _, plugin in corefile.walk():
        if plugin.name.text == "template" and len(plugin.arguments) >= 2:
            class_, type_ = (word.text for word in plugin.arguments[:2])
            rcodes = [option.arguments[0].text for option in plugin.options if option.name.text == "rcode" and len(option.arguments) == 1]
            words = [(class_, CLASSES), (type_, QTYPES), *((rcode, KNOWN_RCODES) for rcode in rcodes)]
            if any(word not in known and not variable(word) for word, known in words):
                return True
    return False


def _reached(named: tuple[str, ...], served: tuple[str, ...]) -> tuple[str, ...]:
    """Where the two overlap: a server block hands its plugins only the names that it serves."""
    inside = [zone for zone in named if any(covers(each, zone) for each in served)]
    return tuple(dict.fromkeys([*inside, *(each for each in served if any(covers(zone, each) for zone in named))]))


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    trusting, version = onward.context.trusting, onward.context.version
    for plugin in plugins:
        if len(plugin.arguments) < 2 or (trusting and any(variable(word.text) for word in plugin.arguments)):
            continue
        class_, type_ = (word.text for word in plugin.arguments[:2])
        if variable(class_) or variable(type_):
            raise Unknown("variable", "template")
        if class_ not in ("IN", "ANY") or (type_ != "ANY" and query.type_ not in (type_, "ANY")):
            continue
        zone = longest(own_zones(plugin, onward, skip=2), query.name)
        if not zone:
            continue
        check(plugin)
        if plugin.option("expr") or plugin.option("var"):
            raise Unknown("expr")
        matched, found = _match(plugin, query.name)
        if matched:
            return _answer(plugin, query, zone, found, onward)
        if not falls_through([plugin], query.name):
            return SERVFAIL if version >= (1, 9, 3) else Outcome("NXDOMAIN")
    return onward(query)


def _match(plugin: Directive, name: str) -> tuple[bool, Found | None]:
    """Is its `match` passed, and by what? Several are alternatives."""
    patterns = [word.text for option in plugin.option("match") for word in option.arguments]
    if not patterns:
        return True, None
    from remedy.answers.regex import search  # only a few templates have one

    groups = any("Group" in word.text or "Match" in word.text for option in plugin.options for word in option.arguments)
    for pattern in patterns:
        if found := search(pattern, name, groups=groups):
            return True, found
    return False, None


def _answer(plugin: Directive, query: Query, zone: str, found: Found | None, onward: Next) -> Outcome:
    rcodes = [[word.text for word in option.arguments] for option in plugin.option("rcode")]
    if any(len(words) != 1 for words in rcodes):
        raise Unknown("words", "template")
    rcode = RCODES.get(rcodes[-1][0]) if rcodes else "NOERROR"
    if rcode is None:
        raise Unknown("rcode")
    if rcode == "SERVFAIL":
        return SERVFAIL
    message = Message(rcode, extra=bool(plugin.option("ederror")), by="template")
    if any(plugin.option(section) for section in ("answer", "authority", "additional")):
        from remedy.answers.records import write  # the text of records is seldom needed

        fields = {"Name": query.name, "Zone": zone, "Type": query.type_, "Class": "IN"}
        rendered = write(plugin, fields, found)
        if rendered is None:
            return SERVFAIL
        message = rendered._replace(rcode=rcode, extra=message.extra or rendered.extra, by="template")
    if query.type_ in ("A", "AAAA"):
        message = message._replace(answer=tuple(each for record in message.answer for each in _chased(record, query, onward)))
    return Outcome(rcode, message)


def _chased(record: Record, query: Query, onward: Next) -> list[Record]:
    """A record and, for an alias, what the server itself answers to its target."""
    if record.type_ != "CNAME":
        return [record]
    reply = onward.lookup(Query(record.target, query.type_))
    if reply is None:
        raise Unknown("silent-target")
    return [record, *(each._replace(foreign=True) for each in reply.answer)]
