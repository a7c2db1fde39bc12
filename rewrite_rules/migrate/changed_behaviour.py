"""MIG012 changed-behaviour: a plugin of this Corefile does something else in the other release, though it is written alike.

What it does
    Names plugins, options and keys of server blocks whose meaning changes between the release that runs and the one to come, in either
    direction.

Why is this bad?
    The text stays, and nothing refuses it: only the release notes say so.

Example
    template IN A . {
        match ^db[.]
        answer "{{ .Name }} 60 IN A 192.0.2.1"
    }
    forward . 192.0.2.53

Releases
    1.8.0 to 1.15.0

Fix safety
    No fix: whether the change is welcome, a person has to say.

Sources
    CoreDNS notes and sources of each release, as they are named in the data of the releases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy import releases
from remedy.answers.zones import scheme_of_key
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.releases import Changed
from remedy.rules import Choices, Problem
from rewrite_rules._scope import by_place, imported
from rewrite_rules.migrate._move import move_of, said

# What a text that was loaded does not use; and on the way down what the older release refuses is told by another step.
_WIDER, _REFUSED = re.compile(r"before, .*\brefused\b|^Takes? "), re.compile(r"\brefused\b|^Takes? ")
_CORE = "core"  # what keys mean
_LONG = 10_000  # characters of a regular expression


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or move.source is None or move.source == move.reader:
        return
    up = move.at_least(move.source)
    passed = _WIDER if up else _REFUSED
    lines = [line for line in releases.between(move.source, move.reader) if line.kind == "behaviour" and not passed.search(line.text)]
    known = releases.plugins(move.reader)
    every = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text in known and _concerned(plugin, lines)]
    for plugin, blocks in by_place(every):
        meaning = "; ".join(_told(line, up=up) for line in _concerned(plugin, lines))
        yield Problem(plugin.span, f"{plugin.name.text}: {meaning}" + imported(plugin, blocks))
    for block in corefile.blocks:
        for key in block.keys:
            meant = [line for line in lines if line.plugin == _CORE and _meant(line, key, block)]
            if meant:
                yield Problem(key.span, f"{key.text}: {'; '.join(_told(line, up=up) for line in meant)}")


def _meant(line: Changed, key: Token, block: ServerBlock) -> bool:
    """Is a change of what keys mean about this one?"""
    if "refused" in line.text:
        return False  # another step tells what is refused there
    scheme = re.search(r"\b([a-z0-9]+)://", line.text)
    if scheme:
        return scheme_of_key(key.text) == scheme[1]
    if "network" in line.text:
        return "/" in key.text.rpartition("://")[2]
    return "share" in line.text and len(block.keys) > 1 and key is block.keys[0]


def _told(line: Changed, *, up: bool) -> str:
    """The change in a sentence; how it was before, those who come from there know."""
    now, _, before = said(line.text).partition("; before, ")
    if up:
        return f"since {line.version} {now}"
    return f"only since {line.version} {now}" + (f" (before, {before})" if before else "")


def _concerned(plugin: Directive, lines: list[Changed]) -> list[Changed]:
    return [line for line in lines if line.plugin == plugin.name.text and _uses(plugin, line)]


def _uses(plugin: Directive, line: Changed) -> bool:
    if (line.plugin, line.option) == ("template", "match") and plugin.option("fallthrough"):
        return False  # what does not match goes on
    if "://" in line.text and not any("://" in word.text for word in plugin.arguments[1:]):
        return False  # it is about servers of another kind
    if f"more than {_LONG:,} characters" in line.text and all(len(word.text) <= _LONG for word in plugin.words()):
        return False
    words = {word.text for word in plugin.arguments} | {option.name.text for option in plugin.options}
    return not line.option or line.option.partition(" ")[0] in words
