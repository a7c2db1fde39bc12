"""Run the rules over the Corefiles of a Document: findings with their places, and the edits of the fixes that are taken.

Rules see one Corefile; places and edits are carried over to the Document here, so that no rule ever knows about YAML.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import line_and_column
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ParseError
from remedy.rules import Choices, Fix, Problem, Rule
from remedy.sources.document import Document, Part

_Places = Callable[[int], tuple[int, int]]


class Finding(NamedTuple):
    """A problem at its place. Lines and columns count from 1, columns in code points, ends are exclusive; `corefile_*`: in the Corefile."""

    code: str
    name: str
    severity: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    corefile_line: int
    corefile_column: int
    fix: Fix | None
    alternatives: tuple[Fix, ...] = ()
    place: str = ""  # what `id` is made of: the Corefile's identity, the span and its source

    @property
    def id(self) -> str:
        """Stable for the same text: the code and a digest of the span."""
        import hashlib  # opens OpenSSL; most runs never ask for an id

        return f"{self.code}-{hashlib.sha256(self.place.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"

    def to_data(self) -> dict[str, Any]:
        """F (contract)."""
        plain = {name: getattr(self, name) for name in self._fields if name not in _OTHER}
        fix, alternatives = self.fix and _fix_to_data(self.fix), [_fix_to_data(each) for each in self.alternatives]
        return {"id": self.id, **plain, "fix": fix, "alternatives": alternatives, "suppressed": None}

    @staticmethod
    def from_data(data: dict[str, Any]) -> Finding:
        """A finding of a saved plan, to be shown: its fix has no edits."""
        plain = {name: data[name] for name in Finding._fields if name not in _OTHER}
        fix, alternatives = data["fix"] and _fix_from_data(data["fix"]), tuple(map(_fix_from_data, data["alternatives"]))
        return Finding(**plain, fix=fix, alternatives=alternatives)


_OTHER = ("fix", "alternatives", "place")  # what a finding does not hold as F does


def _fix_to_data(fix: Fix) -> dict[str, str]:
    return {"title": fix.title, "name": fix.name, "safety": fix.safety, "why": fix.why}


def _fix_from_data(data: dict[str, Any]) -> Fix:
    return Fix(data["title"], data["name"], (), data["safety"], data.get("why", ""))


class Repair(NamedTuple):
    """A Document with the fixes taken: its new text, the edits that lead there, what was fixed and what was left."""

    text: str
    edits: tuple[Edit, ...]
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]


def scan(document: Document, rules: tuple[Rule, ...], choices: Choices) -> list[Finding]:
    """Every finding in a Document, in the order of its text. ParseError, with its place there, where CoreDNS would refuse it."""
    found = []
    in_document = _places(document.text)
    for part in document.parts:
        corefile, in_part = _parsed(document, part), _places(part.text)
        found += [_located(part, rule, problem, in_document, in_part) for rule in rules for problem in rule.check(corefile, choices)]
    return sorted(found, key=lambda finding: (finding.line, finding.column, finding.code))


def repair(document: Document, rules: tuple[Rule, ...], choices: Choices, *, unsafe: bool = False) -> Repair:
    """Take every safe fix (with `unsafe`, every fix) whose edits do not overlap one that is already taken."""
    edits: list[Edit] = []
    fixed, left = [], []
    in_document = _places(document.text)
    for part in document.parts:
        taken: list[Edit] = []
        corefile, in_part = _parsed(document, part), _places(part.text)
        for rule in rules:
            for problem in rule.check(corefile, choices):
                finding = _located(part, rule, problem, in_document, in_part)
                fix = finding.fix
                if fix and (unsafe or fix.safety == "safe") and not _overlap(taken, fix.edits):
                    taken += fix.edits
                    fixed.append(finding)
                else:
                    left.append(finding)
        edits += part.edits(taken) if taken else ()
    return Repair(apply(document.text, edits), tuple(edits), tuple(fixed), tuple(left))


def _parsed(document: Document, part: Part) -> Corefile:
    try:
        return parse(part.text)
    except ParseError as error:
        raise refused(document, part, error) from None


def refused(document: Document, part: Part, error: ParseError) -> ParseError:
    """The error with its place in the Document."""
    lines = part.text.split("\n")
    offset = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    place = line_and_column(document.text, part.locate(offset))
    return ParseError(str(error), *place, error.hint, document.target.shown, said=error.said, file=error.file, excerpt=error.excerpt)


def _places(text: str) -> _Places:
    """line_and_column for many offsets of one text."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return place


def _located(part: Part, rule: Rule, problem: Problem, in_document: _Places, in_part: _Places) -> Finding:
    start, end, _ = problem.span
    return Finding(
        rule.code,
        rule.name,
        problem.severity or rule.severity,
        problem.message,
        *in_document(part.locate(start)),
        *in_document(part.locate(end)),
        *in_part(start),
        problem.fixes[0] if problem.fixes else None,
        problem.fixes[1:],
        f"{part.namespace}/{part.name}/{part.key}:{start}:{end}:{part.text[start:end]}",
    )


def _overlap(taken: list[Edit], edits: tuple[Edit, ...]) -> bool:
    return any(edit.start < other.end and other.start < edit.end for edit in edits for other in taken)
