"""From which release to which a text is moved, and what those know of its words.

In a migration a fix is safe where the release to come could not answer a lookup anyway: what it does not know it does not start with, so
every lookup fails there until the words are gone. What would open a door (an access list) or lead questions elsewhere stays unsafe.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

from remedy import releases
from remedy.answers.plugins import version_of
from remedy.corefile.tree import Directive
from remedy.rules import Choices

# Plugins without which questions are let through, or answered by another server block.
GUARDS = {
    "acl": "whoever it keeps out is answered then",
    "tsig": "whoever it keeps out is answered then",
    "view": "its server block answers every client then",
    "bind": "CoreDNS listens on every address then",
}
# How what takes a word's place is written.
_INSTEAD = {
    ("file", "no_reload"): "reload 0",
    ("auto", "no_reload"): "reload 0",
    ("header", "set"): "response set",
    ("header", "clear"): "response clear",
}
_NEVER = "reload 8760h"  # before 1.8.7 auto panics at `reload 0` (time.NewTicker)


class Move(NamedTuple):
    """`source` is the release that the text runs on (None: nobody knows), `reader` the one that has to read it; the same without `--to`."""

    source: str | None
    reader: str

    def at_least(self, version: str) -> bool:
        """Is the reader this release or a newer one?"""
        return version_of(self.reader) >= version_of(version)


class Option(NamedTuple):
    """An option of a plugin as the data calls it, and the words of the directive that it is made of: all of them, or one argument."""

    word: str
    directive: Directive
    argument: int | None = None


def move_of(choices: Choices) -> Move | None:
    """The releases that were named, as far as they are known here; None where nobody said which release reads the text."""
    reader = releases.meant(choices.reader)
    return Move(releases.meant(choices.version), reader) if reader else None


def since(plugin: str, option: str = "") -> str | None:
    """The release that brought it, None where the first known one has it or none does."""
    return next((line.version for line in _lines() if line.kind == "added" and (line.plugin, line.option) == (plugin, option)), None)


def known_anywhere(plugin: str, option: str = "") -> bool:
    """Does any release know it?"""
    return (plugin, option) in _words()


def unknown(move: Move, plugin: str, option: str) -> bool:
    """Is it a word of some release, and none of the reader's?"""
    options = releases.options(move.reader, plugin)
    return options is not None and option not in options and known_anywhere(plugin, option)


def options_of(plugin: Directive) -> list[Option]:
    """The words of a directive that a release may not know."""
    name, options = plugin.name.text, plugin.options
    found = []
    if name == "rewrite":
        holder = options[0] if options and len(plugin.arguments) < 2 else plugin
        found, options = _of_rewrite(plugin, holder), options[1:] if holder is not plugin else options
    elif name == "loadbalance":
        words = [word.text for word in plugin.arguments[:2]]
        found = [Option(" ".join(words[: end + 1]), plugin) for end in range(len(words))]
    for option in options:
        word = option.name.text
        found.append(Option(word, option))
        found += [Option(f"{word} {each.text}", option, place) for place, each in enumerate(option.arguments)]
    return found


def _of_rewrite(plugin: Directive, holder: Directive) -> list[Option]:
    """The words of a rule of rewrite, which stands on its own line or in the first one of its block (the holder)."""
    words = [word.text for word in holder.arguments]
    before = -1 if holder is not plugin else int(words[:1] in (["stop"], ["continue"]))
    rule = words[before:] if before >= 0 else [holder.name.text, *words]
    found = [Option(" ".join(rule[:end]), plugin) for end in (1, 2) if end <= len(rule)]
    if rule[:1] == ["edns0"]:
        found += [Option("edns0 unset", plugin)] if rule[2:3] == ["unset"] else []
        found += [Option("edns0 revert", holder, len(words) - 1)] if rule[3:] and rule[-1] == "revert" else []
    if rule[:1] == ["name"]:
        pairs = enumerate(pairwise(rule))
        found += [Option(f"answer {what}", holder, place + before) for place, (word, what) in pairs if word == "answer"]
    return found


def instead_of(move: Move, plugin: str, option: str) -> str:
    """What is to be written in this word's place; empty if nothing."""
    if (plugin, option) == ("auto", "no_reload") and not move.at_least("1.8.7"):
        return _NEVER
    return _INSTEAD.get((plugin, option), "")


def said(text: str) -> str:
    """A sentence of the data as a part of another one."""
    return (text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text).rstrip(".")


def status(move: Move, plugin: str, option: str = "") -> releases.Changed | None:
    """The line in force for the reader if the plugin or its option is deprecated, ignored or removed there."""
    return releases.status(move.reader, plugin, option)


def when(move: Move, plugin: str, option: str = "") -> str:
    """When the reader's release lost it or will get it: ` (since 1.7.0)`, ` (before 1.9.4)`; empty where the data does not say."""
    line = status(move, plugin, option)
    if line is not None:
        return f" (since {line.version})"
    first = since(plugin, option)
    return f" (before {first})" if first else ""


@cache
def _lines() -> tuple[releases.Changed, ...]:
    every = releases.releases()
    return releases.between(every[0].version, every[-1].version)


@cache
def _words() -> frozenset[tuple[str, str]]:
    """Every plugin, and every plugin with its options, that any release knows."""
    found = {(line.plugin, line.option) for line in _lines() if line.kind in ("added", "removed")}
    first = releases.releases()[0].version
    for plugin in releases.plugins(first):
        found |= {(plugin, ""), *((plugin, option) for option in releases.options(first, plugin) or ())}
    return frozenset(found)
