"""The rules of remedy, one a file; the file's name is the rule's name. A module with an underscore is no rule, but what several share.

A rule counts only when it stands in RULES, with the words that every text must hold in which it can find anything ("one|other": one of
these): its file is loaded for such a text, since all of them together cost as much as a short run. A step of a migration stands in
`migrate/`, and is loaded only where it is known which release reads the text.
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


def _step(code: str, name: str, severity: Severity, *words: str) -> Rule:
    rule = _rule(code, f"migrate.{name}", severity, *words)

    def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
        if choices.reader is not None:
            yield from rule.check(corefile, choices)

    check.__module__ = rule.check.__module__
    return Rule(code, name, severity, check)


RULES: tuple[Rule, ...] = (
    _rule("AAAA001", "aaaa-nxdomain", "error", "template", "AAAA", "NXDOMAIN"),
    _rule("AAAA002", "aaaa-error", "error", "template", "AAAA", "FAIL|REFUSED|NOT|FORMERR|YX|NXRRSET|BAD|DSO"),
    _rule("AAAA003", "a-template-alone", "error", "template", "answer"),
    _rule("AAAA004", "a-template-before-catch-all", "error", "template", "answer", "ANY"),
    _rule("AAAA005", "acl-denies-aaaa", "error", "acl", "AAAA"),
    _rule("AAAA006", "rewrite-type-aaaa", "error", "rewrite"),
    _rule("AAAA007", "view-denies-aaaa", "error", "view", "AAAA"),
    _rule("AAAA008", "a-nxdomain", "error", "template", "rcode"),
    _rule("CFG001", "no-server-block", "error"),
    _rule("CFG002", "zones-in-one-word", "error"),
    _rule("CFG003", "plugin-as-zone", "error"),
    _rule("CFG004", "glued-comment", "warning", "#"),
    _rule("CFG005", "no-reload", "info", "kubernetes"),
    _rule("CFG006", "hosts-without-fallthrough", "error", "hosts"),
    _rule("CFG007", "forward-except", "error", "except"),
    _rule("CFG008", "nobody-answers", "warning"),
    _rule("CFG009", "erratic", "warning", "erratic"),
    _rule("CFG010", "rewrite-rcode", "warning", "rewrite"),
    _rule("CFG011", "next-on-nodata", "warning", "next_on_nodata"),
    _rule("CFG090", "suppression-without-reason", "warning", "remedy:"),
    _step("MIG001", "plugin-not-known", "error"),
    _step("MIG002", "option-not-known", "error"),
    _step("MIG003", "proxy-to-forward", "error", "proxy"),
    _step("MIG004", "several-forwards", "error", "forward"),
    _step("MIG005", "transfer-option", "error", "transfer"),
    _step("MIG006", "transfer-plugin", "error", "transfer"),
    _step("MIG007", "startup-to-on", "error", "startup|shutdown"),
    _step("MIG008", "outdated-word", "info"),
    _step("MIG009", "template-without-records", "error", "template"),
    _step("MIG010", "reverse-to-template", "error", "reverse"),
    _step("MIG011", "new-default", "info"),
    _step("MIG012", "changed-behaviour", "info"),
    _step("MIG013", "run-order", "info"),
    _step("MIG014", "refused-use", "error"),
    _rule("TPL001", "match-without-fallthrough", "error", "template", "match"),
    _rule("TPL002", "fallthrough-without-match", "warning", "template", "fallthrough"),
    _rule("TPL003", "invalid-record", "error", "template", '"'),
    _rule("TPL004", "empty-record", "error", "template", '"'),
    _rule("TPL005", "unknown-word", "error", "template"),
)
