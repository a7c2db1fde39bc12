"""Run the rules over the Corefiles of a Document: findings with their places, and the edits of the fixes that are taken.

Rules see one Corefile; places and edits are carried over to the Document here, so that no rule ever knows about YAML.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import line_and_column
from remedy.corefile.tree import Corefile
from remedy.errors import ParseError
from remedy.rules import Choices, Fix, Problem, Rule
from remedy.sources.document import Document, Part
from remedy.sources.reading import read

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
    place: str = ""  # what `id` is made of: the Corefile's identity, the span and its source

    @property
    def id(self) -> str:
        """Stable for the same text: the code and a digest of the span."""
        import hashlib  # opens OpenSSL; most runs never ask for an id

        return f"{self.code}-{hashlib.sha256(self.place.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"

    def to_data(self) -> dict[str, Any]:
        """F (contract)."""
        fix = self.fix and {"title": self.fix.title, "name": self.fix.name, "safety": self.fix.safety, "why": self.fix.why}
        plain = {name: getattr(self, name) for name in self._fields if name not in ("fix", "place")}
        return {"id": self.id, **plain, "fix": fix, "alternatives": [], "suppressed": None}

    @staticmethod
    def from_data(data: dict[str, Any]) -> Finding:
        """A finding of a saved plan, to be shown: its fix has no edits."""
        fix = data["fix"] and Fix(data["fix"]["title"], data["fix"]["name"], (), data["fix"]["safety"], data["fix"].get("why", ""))
        plain = {name: data[name] for name in Finding._fields if name not in ("fix", "place")}
        return Finding(**plain, fix=fix)


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
        problems = ((rule, problem) for rule in rules for problem in _problems(part, corefile, rule, choices))
        found += [_located(part, rule, problem, in_document, in_part) for rule, problem in problems]
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
            for problem in _problems(part, corefile, rule, choices):
                finding = _located(part, rule, problem, in_document, in_part)
                if problem.fix and (unsafe or problem.fix.safety == "safe") and not _overlap(taken, problem.fix.edits):
                    taken += problem.fix.edits
                    fixed.append(finding)
                else:
                    left.append(finding)
        edits += part.edits(taken) if taken else ()
    return Repair(apply(document.text, edits), tuple(edits), tuple(fixed), tuple(left))


def _parsed(document: Document, part: Part) -> Corefile:
    try:
        return read(part.text, part.around)
    except ParseError as error:
        raise refused(document, part, error) from None


def _problems(part: Part, corefile: Corefile, rule: Rule, choices: Choices) -> Iterator[Problem]:
    """Those in the Part itself: what stands in another file is found there. A fix that cannot be made in this Part is none."""
    for problem in rule.check(corefile, choices):
        if problem.span.file:
            continue
        why = _obstacle(part, problem.fix)
        yield problem._replace(message=f"{problem.message}; {why}", fix=None) if why else problem


def _obstacle(part: Part, fix: Fix | None) -> str:
    """Why a fix cannot be made in this Part."""
    others = sorted({edit.file for edit in fix.edits if edit.file}) if fix else []
    if others:
        return f"its fix changes {', '.join(others)} too, so it has to be made by hand"
    return part.obstacle(fix.edits) if fix else ""


def refused(document: Document, part: Part, error: ParseError) -> ParseError:
    """The error with its place in the Document, or in the imported file that it is in."""
    shown, place = document.target.shown, (error.line, error.column)
    there = next((each for each in document.parts if each.around.own == error.file), None) if error.file else part
    if there is None:
        shown = f"{shown}: {error.file}"
    else:
        lines = there.text.split("\n")
        offset = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
        place = line_and_column(document.text, there.locate(offset))
    return ParseError(str(error), *place, error.hint, shown, said=error.said, file=error.file, excerpt=error.excerpt)


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
        rule.severity,
        problem.message,
        *in_document(part.locate(start)),
        *in_document(part.locate(end)),
        *in_part(start),
        problem.fix,
        f"{part.namespace}/{part.name}/{part.key}:{start}:{end}:{part.text[start:end]}",
    )


def _overlap(taken: list[Edit], edits: tuple[Edit, ...]) -> bool:
    return any(edit.start < other.end and other.start < edit.end for edit in edits for other in taken)
