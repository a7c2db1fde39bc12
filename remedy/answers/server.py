"""The server: which server block a name goes to, and the chain of its plugins (core/dnsserver/server.go).

The longest zone wins, not the first; blocks of one zone differ by views and are tried in file order.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from remedy.answers.message import Kind, Message, Outcome, Query, Version
from remedy.answers.plugins import MODELLED, PASSIVE, SETUP, order
from remedy.answers.reasons import Unknown
from remedy.answers.zones import absolute, covers, origins, port_of_key, scheme_of_key, variable, zone_of_key
from remedy.corefile.tree import Corefile, Directive, ServerBlock

Ports = dict[str, tuple[tuple[str, ServerBlock], ...]]
_DEEP = 8  # lookups of the server at itself, one in another
_TYPES = frozenset(("A", "AAAA", "TXT", "MX", "SRV", "PTR", "HTTPS", "SVCB", "CAA", "NAPTR", "HINFO", "ANY"))


class Context(NamedTuple):
    """What an answer depends on beside the question.

    `files` holds the text of hosts and zone files by the path in the Corefile; `chains` keeps those of server blocks between questions.
    """

    keyed: tuple[tuple[str, ServerBlock], ...]
    world: Mapping[str, Kind]
    version: Version
    client: str
    files: Mapping[str, str]
    trusting: bool
    chains: dict[int, tuple[str, ...]]
    depth: int = 0


class Next(NamedTuple):
    """The rest of a chain, to be called with a question; `block` is the server block whose chain it is."""

    context: Context
    block: ServerBlock
    rest: tuple[str, ...]

    def __call__(self, query: Query) -> Outcome:
        rest = self.rest
        while rest and rest[0] in PASSIVE:
            rest = rest[1:]
        if not rest:
            return Outcome("SERVFAIL", error=True)  # no next plugin found
        word, onward = rest[0], Next(self.context, self.block, rest[1:])
        if word not in MODELLED:
            if self.context.trusting:
                return onward(query)
            raise Unknown("not-modelled", word, plugin=word)
        try:
            outcome = _plugin(word)(self.block.plugin(word), query, onward)
        except Unknown as unknown:
            unknown.plugin = unknown.plugin or word
            if self.context.trusting and unknown.plugin == word != "template":
                return onward(query)
            raise
        nameless = outcome.message is None and not outcome.by and not outcome.error
        return outcome._replace(by=word) if nameless else outcome

    def lookup(self, query: Query) -> Message | None:
        """What the server answers itself (plugin/pkg/upstream); None where it is silent."""
        if self.context.depth >= _DEEP:
            raise Unknown("loop")
        return serve(self.context._replace(depth=self.context.depth + 1), query).kept

    @property
    def served(self) -> tuple[str, ...]:
        """The zones of the server block, which plugins without zones of their own serve."""
        return zones_of(self.block)


@cache
def _plugin(word: str) -> Callable[[Sequence[Directive], Query, Next], Outcome]:
    serves: Any = import_module(f"remedy.answers.{word}").serve
    return serves  # type: ignore[no-any-return]


def zones_of(block: ServerBlock) -> tuple[str, ...]:
    """What its keys serve, a CIDR as its reverse zones."""
    return tuple(zone for key in block.keys for zone in _zones_of_key(key.text))


def _zones_of_key(key: str) -> tuple[str, ...]:
    return origins([key]) if "/" in key.partition("://")[2] or ("/" in key and "://" not in key) else (zone_of_key(key),)


def listening(corefile: Corefile) -> Ports:
    """For each port with plain DNS, the zones served there and their blocks, in file order."""
    found: dict[str, list[tuple[str, ServerBlock]]] = {}
    for block in corefile.blocks:
        for key in block.keys:
            if scheme_of_key(key.text) == "dns":
                found.setdefault(port_of_key(key.text), []).extend((zone, block) for zone in _zones_of_key(key.text))
    return {port: tuple(keyed) for port, keyed in found.items()}


def serve(context: Context, query: Query) -> Outcome:
    """Hand the question to the chain of the block that it belongs to; REFUSED where there is none."""
    if query.type_ not in _TYPES:
        raise Unknown("type", query.type_)
    zones = sorted({zone for zone, _ in context.keyed if covers(zone, query.name)}, key=lambda zone: -len(zone.rstrip(".")))
    placeholder = next((zone for zone, _ in context.keyed if zone.startswith("__pillar__")), "")
    if placeholder and zones in ([], ["."]) and _in_a_cluster(query.name) and not context.trusting:
        raise Unknown("placeholder", placeholder)
    for zone in zones:
        for block in (block for each, block in context.keyed if each == zone):
            chain = context.chains.get(id(block))
            if chain is None:
                chain = context.chains[id(block)] = _chain(context, block)
            if not chain:
                if zone == "." and query.name != ".":
                    continue
                return Outcome("REFUSED")
            if any(view.options for view in block.plugin("view")):
                from remedy.answers.view import passes  # almost no Corefile has one

                try:
                    if not all(passes(view, query) for view in block.plugin("view")):
                        continue
                except Unknown:
                    if not context.trusting:
                        raise
            return Next(context, block, chain)(query)
    return Outcome("REFUSED")


def _in_a_cluster(name: str) -> bool:
    """Could this be a name of the cluster's own domain, whatever that is called?"""
    return not {"svc", "pod"}.isdisjoint(name.split(".")) or name.endswith("cluster.local.")


def _chain(context: Context, block: ServerBlock) -> tuple[str, ...]:
    """The words of the plugins that see questions, in the order of the release."""
    words = {plugin.name.text for plugin in block.plugins}
    placed = order(context.version)
    foreign = sorted(words.difference(placed))
    if foreign and not context.trusting:  # where it stands among the others was decided when that CoreDNS was built
        raise Unknown("not-modelled", next(plugin.name.text for plugin in block.plugins if plugin.name.text in foreign), plugin=foreign[0])
    return (*(word for word in placed if word in words and word not in SETUP), *foreign)


def check(plugin: Directive, *, variables: bool = True) -> None:
    """Unknown for what CoreDNS may read in another way than the tree shows it."""
    word = plugin.name.text
    if plugin.rest:
        raise Unknown("words", word)
    if any(option.opening for option in plugin.options):
        raise Unknown("nested", word)
    if variables and any(variable(token.text) for token in plugin.words()):
        raise Unknown("variable", word)


def own_zones(plugin: Directive, onward: Next, *, skip: int = 0) -> tuple[str, ...]:
    """The zones that a plugin names behind its first `skip` arguments, or those of its server block."""
    words = [argument.text for argument in plugin.arguments[skip:]]
    if any(variable(word) for word in words):
        raise Unknown("zones-variable", plugin.name.text)
    return origins(words) if words else onward.served


def falls_through(plugins: Sequence[Directive], name: str) -> bool:
    """Is a name that these do not have handed on? The last `fallthrough` counts, without zones it means all."""
    options = [option for plugin in plugins for option in plugin.option("fallthrough")]
    if not options:
        return False
    words = [argument.text for argument in options[-1].arguments]
    if any(variable(word) for word in words):
        raise Unknown("zones-variable", "fallthrough")
    return any(covers(zone, name) for zone in (origins(words) if words else (".",)))


def file_text(path: str, onward: Next) -> str | None:
    """The text of a file that a plugin reads, if it is at hand; relative to `root`."""
    roots = [plugin.arguments[0].text for plugin in onward.block.plugin("root") if plugin.arguments]
    full = f"{roots[-1].rstrip('/')}/{path}" if roots and not path.startswith("/") else path
    return onward.context.files.get(full)


def normal(name: str) -> str:
    """A name as `plugin.Name(…).Normalize()` leaves it."""
    return name.lower() if name.endswith(".") else absolute(name) if name else "."
