"""The rules of remedy, one a file; the file's name is the rule's name. A module with an underscore is no rule, but what several share.

A rule counts only when it stands in RULES, with the words that every text must hold in which it can find anything ("one|other": one of
these): its file is loaded for such a text, since all of them together cost as much as a short run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem, Rule, Severity


def _rule(code: str, name: str, severity: Severity, *words: str) -> Rule:
    module = f"{__name__}.{name.replace('-', '_')}"

    def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
        texts = [text.replace("\r", "") for text in corefile.texts.values()]  # CoreDNS drops it inside a word, too
        if all(any(each in text for each in word.split("|") for text in texts) for word in words):
            __import__(module)
            yield from sys.modules[module].check(corefile, choices)

    check.__module__ = module
    return Rule(code, name, severity, check)


RULES: tuple[Rule, ...] = (
    _rule("AAAA001", "aaaa-nxdomain", "error", "template", "AAAA", "NXDOMAIN"),
    _rule("CFG090", "suppression-without-reason", "warning", "remedy:"),
)
