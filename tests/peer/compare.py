"""Where remedy's migration and the peer's differ, each difference with its reason: a fault of the peer, or something that it does not do.

A reason is the name of a fixture in fixtures/migration/peer, where a real CoreDNS shows it. What no reason explains is returned as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from remedy import releases
from remedy.answers.plugins import version_of
from remedy.corefile.parse import parse
from remedy.errors import ParseError
from tests.migration.moved import moved
from tests.peer.ask import Answer, Question
from tests.peer.shape import Piece, shape

_USED = ("any", "auto", "k8s_external", "cache", "forward", "rewrite", "reload")
_SUCCESSORS = {"proxy": "forward", "startup": "on", "shutdown": "on"}


class Pair(NamedTuple):
    """A text that is moved from one release to another, by remedy and by the peer."""

    text: str
    source: str
    target: str

    @property
    def down(self) -> bool:
        return version_of(self.target) < version_of(self.source)

    @property
    def question(self) -> Question:
        return Question("down" if self.down else "migrate", self.source, self.target, self.text)


class Atom(NamedTuple):
    """One thing that only one of the two results has: an option, a plugin without its options, a server block (plugin "")."""

    side: str  # own, peer
    keys: tuple[str, ...]
    plugin: str
    words: tuple[str, ...] = ()  # of the option, or the arguments
    option: bool = False


def differences(pair: Pair, peer: Answer) -> set[str]:
    """The reasons why the two results are not the same; empty where they are. An unexplained one begins with `?`."""
    own = shape(moved(pair.text, pair.source, pair.target, defaults=True, unsafe=True).text)
    if peer.panic:
        return {"panic"}
    if peer.error:
        return {"stub-domain-refused"} if peer.error.startswith("unhandled migration") else {f"? {peer.error}"}
    try:
        theirs = shape(peer.text)
    except ParseError as error:
        return {"empty-block"} if _empty_block(pair.text) else {f"? {error}"}
    if own == theirs:
        return set()
    if _empty_block(pair.text) and {piece.keys for piece in theirs} != {piece.keys for piece in own}:
        return {"empty-block"}  # what follows is no longer read as it was
    if any(block.closing is None for block in parse(pair.text).blocks):
        return {"without-braces"}
    found = list(atoms(own, theirs))
    lost = any(_unquotable(word) for piece in own for word in (*piece.arguments, *(word for option in piece.options for word in option)))
    if lost and {piece.keys for piece in theirs} != {piece.keys for piece in own}:
        return {"quotes-lost"}  # a comment that swallows a brace moves all that follows
    return {_reason(pair, atom, found) for atom in found}


def _empty_block(text: str) -> bool:
    return any(not block.plugins for block in parse(text).blocks)


def atoms(own: Counter[Piece], theirs: Counter[Piece]) -> Iterator[Atom]:
    """What only one of the two has; of a plugin that both have, only its options or its arguments."""
    sides = {"own": list((own - theirs).elements()), "peer": list((theirs - own).elements())}
    for piece in list(sides["own"]):
        like = [each for each in sides["peer"] if (each.keys, each.plugin) == (piece.keys, piece.plugin)]
        other = next((each for each in like if each.arguments == piece.arguments), like[0] if like else None)
        if other is None:
            continue
        sides["own"].remove(piece)
        sides["peer"].remove(other)
        if piece.arguments != other.arguments:
            yield Atom("own", piece.keys, piece.plugin, piece.arguments)
            yield Atom("peer", piece.keys, piece.plugin, other.arguments)
        for side, one, two in (("own", piece, other), ("peer", other, piece)):
            for words in (Counter(one.options) - Counter(two.options)).elements():
                yield Atom(side, piece.keys, piece.plugin, words, option=True)
    for side, pieces in sides.items():
        for piece in pieces:
            yield Atom(side, piece.keys, piece.plugin, piece.arguments)


def _reason(pair: Pair, atom: Atom, found: list[Atom]) -> str:
    """The first of the reasons that fits this atom."""
    blocks = {tuple(key.text for key in block.keys) for block in parse(pair.text).blocks}
    here = [each for each in found if each.keys == atom.keys]
    if any(_unquotable(word) for each in here if each.side == "own" for word in each.words):
        return "quotes-lost"
    if atom.keys not in blocks or (atom.plugin in ("forward", "proxy") and not atom.option and _ends_elsewhere(atom, found)):
        return "stub-domains"
    if atom.side == "peer" and not _known(pair.target, atom):
        return "left-though-removed" if not pair.down else "left-though-newer"
    left = [each for each in here if each.side == "peer" and not _known(pair.target, each)]
    if atom.side == "own" and any(atom.plugin in (each.plugin, _SUCCESSORS.get(each.plugin)) for each in left):
        return "left-though-removed" if not pair.down else "left-though-newer"
    for name, fits in _REASONS.items():
        if fits(pair, atom):
            return name
    return f"? {atom}"


def _known(version: str, atom: Atom) -> bool:
    """Does the release know the plugin, or the option with its words?"""
    if atom.plugin not in releases.plugins(version):
        return False
    words = atom.words if atom.option else tuple(word for word in atom.words if word not in ("stop", "continue"))[:1]
    if not words or atom.plugin == "hosts" or not (atom.option or atom.plugin == "rewrite"):
        return True
    known = releases.options(version, atom.plugin) or frozenset()
    every = frozenset().union(*(releases.options(each.version, atom.plugin) or () for each in releases.releases()))
    spelled = {words[0], *(f"{words[0]} {word}" for word in words[1:])}
    return spelled & every <= known


def _unquotable(word: str) -> bool:
    """What the peer writes without the quotes that it needs: it only quotes what has white space inside."""
    return len(word.split()) < 2 and (not word or word[0] == "#" or '"' in word or word != word.strip())


def _mended(pair: Pair, *codes: str) -> bool:
    """Did one of these steps mend something here?"""
    return any(finding.code in codes for finding in moved(pair.text, pair.source, pair.target, unsafe=True).fixed)


def _ends_elsewhere(atom: Atom, found: list[Atom]) -> bool:
    return atom.words[:1] != (".",) or any(each.plugin == atom.plugin and each.words[:1] != (".",) for each in found if not each.option)


_REASONS: dict[str, Callable[[Pair, Atom], bool]] = {
    "refused-uses": lambda pair, atom: atom.plugin in _USED and _mended(pair, "MIG014"),
    "left-though-newer": lambda pair, atom: atom.plugin in ("rewrite", "loadbalance") and _mended(pair, "MIG002"),
    "forward-twice": lambda pair, atom: (atom.side, atom.plugin) == ("peer", "forward") and _mended(pair, "MIG003", "MIG004"),
    "words-behind-a-block": lambda pair, atom: re.search(r"\}[ \t]*[a-z]", pair.text) is not None,
    "reverse": lambda pair, atom: atom.side == "own" and atom.plugin == "template" and "reverse" in pair.text,
    "transfer-zones": lambda pair, atom: atom.plugin == "transfer",
    "transfer-downward": lambda pair, atom: pair.down and atom.words[:1] == ("transfer",),
    "ignored-words": lambda pair, atom: atom.option and atom.words[0] == "upstream",
    "endpoint": lambda pair, atom: atom.words[:1] == ("endpoint",),
    "grpc-protocol": lambda pair, atom: re.search(r"protocol\s+\"?grpc", pair.text) is not None and atom.plugin in ("grpc", "forward"),
    "proxy-options": lambda pair, atom: atom.plugin == "forward" and atom.option and "proxy" in pair.text,
    "default-ttl": lambda pair, atom: (atom.side, atom.plugin, atom.words) == ("own", "kubernetes", ("ttl", "30")),
    "downward-too-much": lambda pair, atom: pair.down and atom.side == "own" and atom.plugin in ("ready", "loop"),
}
