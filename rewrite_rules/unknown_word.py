"""TPL005 unknown-word: a template's class, type or rcode is no word that CoreDNS knows, so it does not start with this Corefile.

What it does
    Finds `template` directives whose class, type or rcode is none of the words of CoreDNS, which are in upper case.

Why is this bad?
    CoreDNS refuses the whole Corefile. While it runs it keeps the old configuration, and says so only in its log; the next pod that starts
    does not come up. `rcode SUCCESS` was documented for years and never read; `NODATA` is no rcode, but NOERROR without an answer.

Example
    template in aaaa . {
        rcode nodata
    }

Use instead
    template IN AAAA . {
        rcode NOERROR
    }

Fix safety
    Safe where the template then answers NODATA or with its records. Unsafe where it then refuses questions that nobody refuses now. An AAAA
    template that would deny gets NOERROR, which is what AAAA001 asks for.

Sources
    CoreDNS plugin/template/setup.go; miekg/dns StringToClass, StringToType, StringToRcode; coredns/coredns#5327.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from remedy.answers.words import CLASSES, KNOWN_RCODES, QTYPES
from remedy.answers.zones import variable
from remedy.corefile.lexer import Token
from remedy.corefile.lines import word
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._denied import ERRORS
from rewrite_rules._scope import by_place, imported, whole

_TYPES = {"1": "A", "TYPE1": "A", "28": "AAAA", "TYPE28": "AAAA", "*": "ANY"}
_RCODES = {"SUCCESS": "NOERROR", "NODATA": "NOERROR", "OK": "NOERROR", "0": "NOERROR", "2": "SERVFAIL", "3": "NXDOMAIN", "5": "REFUSED"}


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    pairs = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text == "template" and _unknown(plugin)]
    for directive, blocks in by_place(pairs):
        words = _unknown(directive)
        said = ", ".join(f"{kind} {token.text!r}" for kind, token, _ in words)
        message = f"CoreDNS does not start with this Corefile: it knows no {said}" + imported(directive, blocks)
        fix = _fix(corefile, directive, words) if whole(corefile, directive) and all(right for *_, right in words) else None
        yield Problem(directive.span, message, (fix,) if fix else ())


def _fix(corefile: Corefile, directive: Directive, words: list[tuple[str, Token, str]]) -> Fix:
    right = {token: new for _, token, new in words}
    type_ = right.get(directive.arguments[1], directive.arguments[1].text)
    rcodes = [option.arguments[0] for option in directive.option("rcode") if option.arguments]
    if type_ == "AAAA":
        right |= {token: "NOERROR" for token in rcodes if right.get(token, token.text) in ERRORS}
    refuses = any(right.get(token, token.text) != "NOERROR" for token in rcodes[-1:])
    why = "with these words the template refuses questions that nobody refuses now" if refuses else ""
    edits = tuple(word(corefile, token, new) for token, new in right.items())
    return Fix("write " + ", ".join(dict.fromkeys(right.values())), "words", edits, "unsafe" if why else "safe", why)


def _unknown(directive: Directive) -> list[tuple[str, Token, str]]:
    """What kind of word it is, the word, and the one that was meant; empty if nobody can say."""
    if len(directive.arguments) < 2:
        return []
    rcodes = [option.arguments[0] for option in directive.option("rcode") if len(option.arguments) == 1]
    found = [("class", directive.arguments[0], CLASSES, {"*": "ANY"}), ("type", directive.arguments[1], QTYPES, _TYPES)]
    found += [("rcode", token, KNOWN_RCODES, _RCODES) for token in rcodes]
    return [
        (kind, token, _meant(token.text, known, others))
        for kind, token, known, others in found
        if token.text not in known and not variable(token.text)
    ]


def _meant(text: str, known: Collection[str], others: Mapping[str, str]) -> str:
    upper = text.upper()
    return upper if upper in known else others.get(upper, "")
