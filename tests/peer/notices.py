"""What remedy and the peer tell of a migration: which words are deprecated, ignored or gone in the release to come, and which are new.

The peer tells it for every release on the way, and on the way up only; remedy for the release to come, so the peer's last word on each is
taken. A reason is the name of a fixture in fixtures/migration/notices. What no reason explains is returned as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from remedy.corefile.parse import parse
from remedy.rules import Choices, Problem
from tests.migration.moved import steps
from tests.peer.ask import Answer
from tests.peer.compare import Pair

_COMPARED = ("MIG001", "MIG002", "MIG003", "MIG005", "MIG008", "MIG010", "MIG011", "MIG014")
_NEW = "newer releases: "


class Note(NamedTuple):
    """`kind` is deprecated, ignored, removed or newdefault; `option` is its first word, "" for the plugin itself."""

    kind: str
    plugin: str
    option: str = ""


def differences(pair: Pair, peer: Answer) -> set[str]:
    """The reasons why the two do not tell the same; empty where they do. An unexplained one begins with `?`."""
    ours, theirs = set(own(pair)), peers(peer)
    only = [("own", note) for note in ours - theirs] + [("peer", note) for note in theirs - ours]
    return {next((name for name, fits in _REASONS.items() if fits(pair, *each)), f"? {each}") for each in only}


def own(pair: Pair) -> Iterator[Note]:
    """What remedy's findings tell."""
    corefile = parse(pair.text)
    places = {option.span: (plugin.name.text, option.name.text) for _, plugin in corefile.walk() for option in plugin.options}
    places |= {plugin.span: (plugin.name.text, "") for _, plugin in corefile.walk()}
    for rule in (rule for rule in steps() if rule.code in _COMPARED):
        for problem in rule.check(corefile, Choices(version=pair.source, to=pair.target)):
            yield from _told(problem, *places[problem.span])


def _told(problem: Problem, plugin: str, option: str) -> Iterator[Note]:
    said = problem.message
    if _NEW in said:
        for words in said.partition("; it stands")[0].partition(_NEW)[2].split(", "):
            word, _, of = words.partition(" (since")[0].partition(" of ")
            yield Note("newdefault", of or word, word.split()[0] if of else "")
    elif "does not start" in said:
        yield Note("removed", plugin, option)
    elif " is deprecated since" in said:
        yield Note("deprecated", plugin, option)
    elif " is ignored since" in said or "takes only" in said:
        yield Note("ignored", plugin, option)


def peers(answer: Answer) -> set[Note]:
    """The peer's last word on each plugin and option."""
    last = {(each.plugin, each.option): Note(each.severity, each.plugin, each.option) for each in answer.notices}
    return set(last.values())


def _asked_for_nowhere(pair: Pair, side: str, note: Note) -> bool:
    """Is it new, and no server block has the plugin beside which it belongs, without it?"""
    beside = {"ready": ("kubernetes",), "loop": ("forward", "proxy")}.get(note.plugin)
    if side != "peer" or note.kind != "newdefault" or beside is None:
        return False
    blocks = [block for block in parse(pair.text).blocks if any(block.plugin(name) for name in beside)]
    return all(block.plugin(note.plugin) for block in blocks)


def _single_endpoint(pair: Pair, side: str, note: Note) -> bool:
    options = [option for _, plugin in parse(pair.text).walk() if plugin.name.text == "kubernetes" for option in plugin.option("endpoint")]
    return side == "peer" and note[1:] == ("kubernetes", "endpoint") and all(len(option.arguments) == 1 for option in options)


_REASONS: dict[str, Callable[[Pair, str, Note], bool]] = {
    "defaults-for-every-block": _asked_for_nowhere,
    "default-ttl": lambda pair, side, note: (side, *note) == ("own", "newdefault", "kubernetes", "ttl"),
    "single-endpoint": _single_endpoint,
    "protocol-of-proxy": lambda pair, side, note: side == "peer" and note[1:] == ("proxy", "protocol"),
    "upstream-at-1-4": lambda pair, side, note: pair.target == "1.4.0" and note[1:] == ("kubernetes", "upstream"),
    "resyncperiod-refused": lambda pair, side, note: note[1:] == ("kubernetes", "resyncperiod") and "1.6.0" <= pair.target <= "1.6.9",
    "in-none-of-its-tables": lambda pair, side, note: (
        side == "own" and note.plugin in ("federation", "template", "file", "secondary", "reverse")
    ),
}
