"""The Corefiles that distributions ship (shipped.toml): whether a text is one of them, and what differs from the nearest.

They are compared by what they say: comments, white space, the order of plugins and options mean nothing, and what an installation fills in
(the cluster's domain, reverse zones, upstream servers, the addresses of NodeLocal DNSCache) may be anything.
"""

from __future__ import annotations

import contextlib
import functools
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from remedy.corefile.keys import Address, address
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.errors import ParseError

_DOMAIN, _REVERSE, _SERVERS, _ADDRESS = "the domain", "reverse zones", "servers", "address"
_NETWORK = re.compile(r"[0-9a-fA-F.:]+/[0-9]{1,3}")

Said = tuple[Any, ...]  # words, and tuples of words, which say the same where they are equal


class Shipped(NamedTuple):
    """A default Corefile: whose it is (`kubeadm`), of which releases (`Kubernetes 1.32 to 1.37`), where it was read, its text."""

    by: str
    release: str
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.by} ({self.release})"


class _Text(NamedTuple):
    """A Corefile by itself, and the words that stand for the cluster's domain."""

    tree: Corefile
    domains: frozenset[str]


@functools.cache
def shipped() -> tuple[Shipped, ...]:
    """All that are known, of each distribution the newest first."""
    import tomllib  # only who asks pays for it

    content = pkgutil.get_data("remedy", "shipped.toml")
    assert content is not None
    return tuple(Shipped(**entry) for entry in tomllib.loads(content.decode())["shipped"])


def recognised(corefile: Corefile) -> tuple[Shipped, ...]:
    """The defaults that say the same as this Corefile; several distributions ship the same one. What it imports is not looked into."""
    wanted = _said(_alone(corefile))
    return tuple(each for each in shipped() if _known(each)[1] == wanted)


def nearest_shipped(corefile: Corefile) -> tuple[Shipped, str]:
    """The default from which the fewest plugins differ (of equals the newest), and a unified diff from it to this Corefile.

    Both sides are laid out alike, without comments, in this Corefile's order and with its domain and servers, so the diff holds nothing but
    what is said differently; "" where nothing is.
    """
    import difflib

    text = _alone(corefile)
    wanted = _said(text)
    best = min(shipped(), key=lambda each: sum(((said := _known(each)[1]) - wanted).values()) + sum((wanted - said).values()))
    before, after = _layout(_known(best)[0], text), _layout(text, text)
    return best, "".join(difflib.unified_diff(before, after, str(best), "Corefile"))


@functools.cache
def _known(each: Shipped) -> tuple[_Text, Counter[Said]]:
    text = _alone(parse(each.text))
    return text, _said(text)


def _alone(corefile: Corefile) -> _Text:
    """The text as it stands, whatever lies beside it."""
    tree = corefile
    with contextlib.suppress(ParseError):  # a file that it imports may hold one end of a block
        tree = parse(corefile.text, plugins=None)
    zones = [word.text for _, plugin in tree.walk() if plugin.name.text == "kubernetes" for word in plugin.arguments]
    zones = zones or [zone for block in tree.blocks for key in block.keys for zone in _address(key.text).zones]
    return _Text(tree, frozenset(zone.rstrip(".") for zone in zones if zone.strip(".") and not _is_reverse(zone)))


def _said(text: _Text) -> Counter[Said]:
    """Every plugin and import of a Corefile, under its block's keys: two that say the same are equal."""
    found: Counter[Said] = Counter((_keys(block, text), _plugin(plugin, text)) for block in text.tree.blocks for plugin in block.plugins)
    found.update((_keys(block, text),) for block in text.tree.blocks)
    found.update(("import", token.text) for token in text.tree.unread)
    return found


def _keys(block: ServerBlock, text: _Text) -> Said:
    found = set()
    for key in block.keys:
        at = _address(key.text)
        found |= {(at.transport, _word(zone, text), at.port) for zone in at.zones}
    return tuple(sorted(found))


def _address(key: str) -> Address:
    """What a key means; one that CoreDNS refuses is a zone of that name."""
    try:
        return address(key)
    except ValueError:
        return Address("dns", (key,), "")


def _plugin(plugin: Directive, text: _Text) -> Said:
    return (*_head(plugin, text), tuple(sorted(_option(option, text) for option in plugin.options)))


def _head(plugin: Directive, text: _Text) -> tuple[str, ...]:
    """The name and the arguments, without what an installation fills in."""
    name, words = plugin.name.text, [word.text for word in plugin.arguments]
    match name:
        case "kubernetes":
            words = _zones(words, text)
        case "forward" | "proxy":
            words = [*words[:1], _SERVERS]
        case "bind":
            words = [_ADDRESS]
        case "health":
            words = [f"{_ADDRESS}:{word.rpartition(':')[2]}" for word in words]
    return name, *words


def _option(option: Directive, text: _Text) -> tuple[str, ...]:
    return tuple(_zones((word.text for word in option.tokens()), text))


def _zones(words: Iterable[str], text: _Text) -> list[str]:
    """Words with the cluster's domain and reverse zones under one name each; how many reverse zones there are means nothing."""
    found: list[str] = []
    for word in words:
        said = _word(word, text)
        if said != _REVERSE or said not in found:
            found.append(said)
    return found


def _word(word: str, text: _Text) -> str:
    if word.rstrip(".") in text.domains:
        return _DOMAIN
    return _REVERSE if _is_reverse(word) else word


def _is_reverse(word: str) -> bool:
    return word.rstrip(".").endswith(("in-addr.arpa", "ip6.arpa")) or _NETWORK.fullmatch(word) is not None


def _layout(text: _Text, like: _Text) -> list[str]:
    """Its lines, in the order of the other text and in its words where both say the same; what the other has not comes last."""
    lines: list[str] = []
    left = list(text.tree.blocks)
    for pattern in like.tree.blocks:
        block = next((each for each in left if _keys(each, text) == _keys(pattern, like)), None)
        if block is not None:
            left = [each for each in left if each is not block]
            lines += _block(block, text, pattern, like)
    for block in left:
        lines += _block(block, text, block, text)
    return [f"{line}\n" for line in (*lines, *(f"import {token.text}" for token in text.tree.unread))]


def _block(block: ServerBlock, text: _Text, pattern: ServerBlock, like: _Text) -> Iterator[str]:
    yield f"{' '.join(key.text for key in pattern.keys)} {{"
    left = list(block.plugins)
    for other in pattern.plugins:
        alike = [each for each in left if each.name.text == other.name.text]
        plugin = next((each for each in alike if _plugin(each, text) == _plugin(other, like)), alike[0] if alike else None)
        if plugin is not None:
            left = [each for each in left if each is not plugin]
            yield from _directive(plugin, text, other, like)
    for plugin in left:
        yield from _directive(plugin, text, plugin, text)
    yield "}"


def _directive(plugin: Directive, text: _Text, other: Directive, like: _Text) -> Iterator[str]:
    same = _head(plugin, text) == _head(other, like)
    head = like.tree.source(other.head) if same else text.tree.source(plugin.head)
    mine = {_option(each, text): text.tree.source(each.span) for each in plugin.options}
    theirs = {_option(each, like): like.tree.source(each.span) for each in other.options}
    options = [theirs[each] for each in theirs if each in mine] + [mine[each] for each in mine if each not in theirs]
    yield f"    {head} {{" if options else f"    {head}"
    yield from (f"        {option}" for option in options)
    if options:
        yield "    }"
