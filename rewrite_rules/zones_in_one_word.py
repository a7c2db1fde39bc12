"""CFG002 zones-in-one-word: several zones in one pair of quotes, or with commas between them, are one zone that nobody asks for.

What it does
    Finds server block keys and zones of *template*, *kubernetes*, *hosts* and *file* that hold a space or a comma.

Why is this bad?
    CoreDNS takes the word as it stands: `"a.example b.example"` and `a.example,b.example` are zones of those very names. It loads, and the
    server block or the plugin is never asked: the names go elsewhere, or are refused.

Example
    template IN A "a.example b.example" {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }

Use instead
    template IN A a.example b.example {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }

Fix safety
    Unsafe: the zones are then served as it says, which changes what their names answer.

Sources
    CoreDNS plugin/normalize.go; coredns/coredns#2778.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported

_SKIPPED = {"template": 2, "kubernetes": 0, "hosts": 1, "file": 1}  # arguments in front of the zones
_WHY = "the zones are then served as the words say, which changes what their names answer"


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    for block in corefile.blocks:
        for key in filter(_several, block.keys):
            yield Problem(key.span, f"{key.text!r} is one zone of that name, so this server block is never asked", (_fix(corefile, [key]),))
    found: list[tuple[Directive, ServerBlock]] = []
    for block, plugin in corefile.walk():
        if plugin.name.text in _SKIPPED and _words(plugin):
            found.append((plugin, block))
    for plugin, blocks in by_place(found):
        words = _words(plugin)
        message = f"{words[0].text!r} is one zone of that name, so {plugin.name.text} is never asked for the zones that are meant"
        yield Problem(plugin.span, message + imported(plugin, blocks), (_fix(corefile, words),))


def _words(plugin: Directive) -> list[Token]:
    return [word for word in plugin.arguments[_SKIPPED[plugin.name.text] :] if _several(word)]


def _several(word: Token) -> bool:
    meant = not any(mark in word.text for mark in '\n{}"#')  # quotes over lines are quotes left open; no zone has the others
    return meant and len(_zones(word)) > 1


def _zones(word: Token) -> list[str]:
    return word.text.replace(",", " ").split()


def _fix(corefile: Corefile, words: list[Token]) -> Fix:
    edits = []
    for token in words:
        text = corefile.texts[token.file]
        glued = "" if text[token.end : token.end + 1] in ("", " ", "\t", "\n", "\r") else " "  # a quoted word ends without a space
        edits.append(Edit(token.start, token.end, " ".join(_zones(token)) + glued, token.file))
    return Fix("name the zones one by one", "words", tuple(edits), "unsafe", _WHY)
