"""What every rule has to promise, as functions for its tests: `prove(RULE)` in a test of any framework is a good one.

Each raises AssertionError and says which promise is broken. They show that a rule and its fixes keep to the text; that a fix heals is shown
by a real CoreDNS only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import get_args

from remedy import engine
from remedy.corefile.edit import apply
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.engine import Repair
from remedy.finding import Finding
from remedy.page import Page, page, whole
from remedy.rules import Choices, Rule, Safety, Severity
from remedy.sources.document import Document, Target, WholePart

TITLES = ("What it does", "Why is this bad?", "Fix safety")


def prove(rule: Rule) -> None:
    """The rule's documentation is complete and its example true: found by the rule, and fixed as it says what to use instead.

    Where the rule leaves the example to a person, it finds nothing in what is to be used instead. A section `Releases` says what the
    example is read by (`1.15.0`), or from which release it is moved to which (`1.3.1 to 1.15.0`), with `eager` or `defaults` behind it.
    """
    read = documented(rule)
    before, after = whole(read.before), whole(read.after)
    choices = _choices(dict(read.sections).get("Releases", ""))
    repair = kept(rule, before, choices)
    if repair.text != before and read.after:
        fixed(rule, before, after, choices)
    elif read.after:
        clean(rule, after, choices)


def documented(rule: Rule) -> Page:
    """The rule's page, with a sentence that begins with its code and name, the sections of a page, and an example."""
    read = page(rule)
    assert rule.doc.startswith(f"{rule.code} {rule.name}: "), f"{rule.code}: its docstring has to begin with '{rule.code} {rule.name}: '"
    assert rule.severity in get_args(Severity), f"{rule.code}: {rule.severity} is no severity"
    missing = [title for title in TITLES if title not in dict(read.sections)]
    assert not missing, f"{rule.code}: its docstring lacks the section {missing[0]}"
    assert read.before, f"{rule.code}: its docstring lacks the section Example"
    return read


def fixed(rule: Rule, before: str, after: str, choices: Choices | None = None) -> Repair:
    """The rule's fixes, unsafe ones included, make `before` into `after`, and keep all that `kept` asks for."""
    repair = kept(rule, before, choices)
    assert repair.text == after, f"{rule.code}: the fixes make\n{repair.text}\nand not\n{after}"
    return repair


def left(rule: Rule, text: str, choices: Choices | None = None) -> list[Finding]:
    """The rule finds something, and leaves it to a person."""
    found = scanned(rule, text, choices)
    assert found, f"{rule.code} finds nothing in\n{text}"
    assert repaired(rule, text, choices).text == text, f"{rule.code} has a fix for\n{text}"
    return found


def clean(rule: Rule, text: str, choices: Choices | None = None) -> None:
    """The rule finds nothing here that is more than a remark, and changes nothing."""
    wrong = [finding for finding in scanned(rule, text, choices) if finding.wrong]
    assert not wrong, f"{rule.code} finds '{wrong[0].message}' in\n{text}"
    assert repaired(rule, text, choices).text == text, f"{rule.code} has a fix for\n{text}"


def kept(rule: Rule, text: str, choices: Choices | None = None) -> Repair:
    """What holds for every fix of every rule: found, gone afterwards, fixed once and for all, and nothing else touched.

    Each alternative is put to the same test. Returns the repair with the fixes that are proposed first.
    """
    found = scanned(rule, text, choices)
    assert found, f"{rule.code} finds nothing in\n{text}"
    _silenced(rule, text, found, choices)
    chosen = choices or Choices()
    names = dict.fromkeys(fix.name for finding in found for fix in finding.alternatives)
    for name in names:
        _kept(rule, text, chosen._replace(chosen={rule.code: name}))
    return _kept(rule, text, chosen)


def scanned(rule: Rule, text: str, choices: Choices | None = None) -> list[Finding]:
    """The findings of the rule alone, each with a place in the text, a message, and fixes that can be told apart."""
    found = engine.scan(_document(text), (rule,), choices or Choices())
    assert found == engine.scan(_document(text), (rule,), choices or Choices()), f"{rule.code} finds something else the second time"
    last = text.count("\n") + 1
    for finding in found:
        assert 1 <= finding.line <= finding.end_line <= last, f"{rule.code}: a place outside of the text: {finding.line}"
        assert finding.message.strip(), f"{rule.code}: a finding without a message"
        assert finding.severity in get_args(Severity), f"{rule.code}: {finding.severity} is no severity"
        fixes = [fix for fix in (finding.fix, *finding.alternatives) if fix is not None]
        assert len({fix.name for fix in fixes}) == len(fixes), f"{rule.code}: two fixes of one name: {[fix.name for fix in fixes]}"
        for fix in fixes:
            assert fix.title, f"{rule.code}: the fix {fix.name} lacks a title"
            assert fix.safety in get_args(Safety), f"{rule.code}: {fix.safety} is no safety"
            assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", fix.name), f"{rule.code}: {fix.name!r} cannot be chosen; use a-z, 0-9 and dashes"
            assert fix.safety == "safe" or fix.why, f"{rule.code}: the unsafe fix {fix.name} does not say why it is unsafe"
    return found


def repaired(rule: Rule, text: str, choices: Choices | None = None, *, unsafe: bool = True) -> Repair:
    """The text with the fixes of the rule alone."""
    return engine.repair(_document(text), (rule,), choices or Choices(), unsafe=unsafe)


def untouched(text: str, repair: Repair, found: Iterable[Finding]) -> None:
    """Every line that is none of a finding's stands in the new text as it stood, in its order; CoreDNS can read it.

    The braces of a block all of whose options are found may go with them. Every comment is there too, one on a line of its own perhaps
    elsewhere: it goes with the directive below it.
    """
    lines = {line for finding in found for line in range(finding.line - 1, finding.end_line)}
    for _, plugin in parse(text).walk():
        if plugin.options and plugin.closing and all(option.name.line - 1 in lines for option in plugin.options):
            lines |= {plugin.name.line - 1, plugin.closing.line - 1}
    after = iter(repair.text.split("\n"))
    for number, line in enumerate(text.split("\n")):
        stays = line in after if number not in lines and not line.lstrip().startswith("#") else True
        assert stays, f"a fix changes line {number + 1}, which is none of its finding's: {line}"
    assert apply(text, repair.edits) == repair.text, "the edits do not lead to the text"
    assert comments(repair.text) == comments(text), "a comment is lost, or made"
    parse(repair.text)


def comments(text: str) -> list[str]:
    """Every comment, in an order of its own: a fix may move one above its line."""
    return sorted(text[comment.start : comment.end].rstrip("\r") for comment in lex(text).comments)


def _kept(rule: Rule, text: str, choices: Choices) -> Repair:
    repair = repaired(rule, text, choices)
    if all("would lose the comment" not in finding.fix.why for finding in repair.fixed if finding.fix):
        untouched(text, repair, repair.fixed)
    again = repaired(rule, repair.text, choices)
    assert again.text == repair.text, f"{rule.code}: a second run changes the text again:\n{again.text}"
    gone = [finding for finding in scanned(rule, repair.text, choices) if finding.fix is not None]
    assert not gone, f"{rule.code}: still found, and with a fix, after all fixes:\n{repair.text}"
    safe = repaired(rule, text, choices, unsafe=False)
    assert all(finding.fix is None or finding.fix.safety == "safe" for finding in safe.fixed), f"{rule.code}: an unsafe fix was taken"
    return repair


def _silenced(rule: Rule, text: str, found: list[Finding], choices: Choices | None) -> None:
    """A comment above the first finding that begins its line silences it."""
    lines = text.split("\n")
    for finding in found:
        if finding.suppressed is None and not lines[finding.line - 1][: finding.column - 1].strip(" \t"):
            above = [*lines[: finding.line - 1], f"# remedy: ignore {rule.code} for a test", *lines[finding.line - 1 :]]
            silenced = [each for each in scanned(rule, "\n".join(above), choices) if each.suppressed == "for a test"]
            assert silenced, f"{rule.code}: a comment above it does not suppress it"
            return


def _choices(releases: str) -> Choices:
    words = releases.split()
    version, to = words[0] if words else None, words[2] if words[1:2] == ["to"] else None
    return Choices(version=version, to=to, eager="eager" in words, defaults="defaults" in words)


def _document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))
