"""Values and forms that came later than the word in front of them: an older release knows every word of them, and does not start.

A second argument, a range in place of a number, a type of record: no word list tells them, only the errors of the setup code do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Span, Token
from remedy.corefile.lines import without_options, word
from remedy.corefile.tree import Corefile, Directive
from rewrite_rules.migrate._move import Move

_RANGE = re.compile(r"([0-9]*)-([0-9]*)", re.ASCII)
_TYPES = {"HTTPS": "1.8.0", "SVCB": "1.8.0", "ZONEMD": "1.8.7"}  # since when miekg/dns names them
_NUMBERED = re.compile(r"tcp://(\[[^\]]*\]|[0-9.]+)(:[0-9]+)?/?", re.ASCII)


class Wrong(NamedTuple):
    """What is refused: the directive, a clause, and the edits that mend it."""

    span: Span
    said: str
    edits: tuple[Edit, ...] = ()
    title: str = ""


def later(corefile: Corefile, move: Move, plugin: Directive) -> Iterator[Wrong]:
    """The values and forms of this plugin that the reader refuses (plugin/NAME/setup.go of the releases that are named)."""
    name, words = plugin.name.text, list(plugin.words())
    for each in _typed(plugin):
        since = _TYPES.get(each.text)
        if since and not move.at_least(since):
            yield Wrong(plugin.span, f"no record has the type {each.text} before {since}")
    if name == "rewrite":
        yield from _rewrite(corefile, move, plugin, words)
    if name == "template" and not move.at_least("1.10.0") and any("parseInt" in each.text for each in words):
        yield Wrong(plugin.span, "template has no function parseInt before 1.10.0")
    if name == "dnstap" and not move.at_least("1.9.3"):
        for each in plugin.arguments[:1]:
            if each.text.startswith("tcp://") and not _NUMBERED.fullmatch(each.text):
                yield Wrong(plugin.span, "dnstap takes no name of a host before 1.9.3")
    if name == "kubernetes" and not move.at_least("1.8.2"):
        for option in plugin.option("kubeconfig"):
            if len(option.arguments) == 1:
                yield Wrong(option.span, "kubeconfig of kubernetes needs a context behind the file before 1.8.2")
    if name == "kubernetes" and not move.at_least("1.6.0"):
        for option in plugin.option("resyncperiod"):
            if not option.arguments:
                edits = without_options(corefile, plugin, [option])
                yield Wrong(option.span, "resyncperiod of kubernetes needs a time before 1.6.0", edits, "delete it")


def _typed(plugin: Directive) -> list[Token]:
    """The words of a plugin that are types of records."""
    match plugin.name.text:
        case "template":
            return list(plugin.arguments[1:2])
        case "rewrite":
            words = [each for each in plugin.arguments if each.text not in ("stop", "continue")]
            return words[1:3] if words and words[0].text == "type" else []
        case "acl":
            return [each for option in plugin.options for each in option.arguments]
    return []


def _rewrite(corefile: Corefile, move: Move, plugin: Directive, words: list[Token]) -> Iterator[Wrong]:
    texts = [each.text for each in words if each.text not in ("stop", "continue", "rewrite", "{", "}")]
    if texts[:1] == ["ttl"] and not move.at_least("1.9.4") and (bounds := _RANGE.fullmatch(words[-1].text)):
        one = bounds[1] or bounds[2] or "0"
        edit = word(corefile, words[-1], one)
        yield Wrong(plugin.span, "rewrite ttl takes one TTL and no range before 1.9.4", (edit,), f"write {one}")
    behind = texts[texts.index("answer") + 1 :][:1] if texts[:1] == ["name"] and "answer" in texts else []
    if behind == ["name"] and texts[1] != "regex" and not move.at_least("1.8.4"):
        yield Wrong(plugin.span, "before 1.8.4 answer stands behind rewrite name regex only")
