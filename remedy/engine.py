"""Run the rules over the Corefiles of a Document: findings with their places, and fixes taken until none is left to take.

Rules see one Corefile; places and edits are carried over to the Document here, so that no rule ever knows about YAML. A round takes the
fixes of one rule, and every rule then sees their result: two fixes that are right alone need not be right together.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import lex, line_and_column
from remedy.corefile.pieces import Pieces, original
from remedy.corefile.tree import Corefile
from remedy.errors import ParseError, RuleError
from remedy.finding import Finding
from remedy.rules import Choices, Fix, Problem, Rule
from remedy.sources.document import Document, Part
from remedy.sources.reading import read

ROUNDS = 100  # a text needs one for each rule that has something to fix, and one more where fixes overlap
_Places = Callable[[int], tuple[int, int]]


class Repair(NamedTuple):
    """A Document with the fixes taken: its new text, the edits that lead there, what was fixed and what was left.

    `fixed` holds what a fix was taken for, and what is gone because of another's; `left` what still stands in the new text, each at its
    place in the old one.
    """

    text: str
    edits: tuple[Edit, ...]
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]


class _Looked(NamedTuple):
    """How the rules are run over one Part, again and again: `ids` narrow the rules of their codes down to these findings."""

    document: Document
    part: Part
    rules: tuple[Rule, ...]
    choices: Choices
    ids: frozenset[str]
    in_document: _Places
    in_part: _Places


def scan(document: Document, rules: tuple[Rule, ...], choices: Choices, *, ids: frozenset[str] = frozenset()) -> list[Finding]:
    """Every finding in a Document, in the order of its text; of a rule whose code is in one of `ids`, only those that have such an id.

    ParseError, with its place there, where CoreDNS would refuse it.
    """
    found: list[Finding] = []
    in_document = _places(document.text)
    for part in document.parts:
        look = _Looked(document, part, rules, choices, ids, in_document, _places(part.text))
        found += _findings(look, _parsed(document, part), original(part.text))
    return _sorted(found)


def repair(
    document: Document, rules: tuple[Rule, ...], choices: Choices, *, unsafe: bool = False, ids: frozenset[str] = frozenset()
) -> Repair:
    """Take every safe fix (with `unsafe`, every fix) until none is left; findings and errors as in scan, RuleError where a fix is none."""
    edits: list[Edit] = []
    fixed: list[Finding] = []
    left: list[Finding] = []
    in_document = _places(document.text)
    for part in document.parts:
        look = _Looked(document, part, rules, choices, ids, in_document, _places(part.text))
        pieces, gone, stays = _repaired(look, unsafe=unsafe)
        fixed += gone
        left += stays
        edits += part.edits(pieces.edits(part.text)) if pieces.text != part.text else ()
    return Repair(apply(document.text, edits), tuple(edits), tuple(_sorted(fixed)), tuple(_sorted(left)))


def _repaired(look: _Looked, *, unsafe: bool) -> tuple[Pieces, list[Finding], list[Finding]]:
    """The Part's text with the fixes taken, what is fixed, what is left."""
    pieces = original(look.part.text)
    corefile = _parsed(look.document, look.part)
    first = found = _sorted(_findings(look, corefile, pieces))
    taken: list[Finding] = []
    for _ in range(ROUNDS):
        chosen = next((each for rule in look.rules if (each := _chosen(found, rule, unsafe=unsafe))), [])
        if not chosen:
            still = {_spot(finding) for finding in found}
            gone = {_spot(finding): finding for finding in (*first, *taken) if _spot(finding) not in still}
            return pieces, list(gone.values()), found
        taken += chosen
        pieces = pieces.edited(edit for finding in chosen if finding.fix for edit in finding.fix.edits)
        try:
            corefile = read(pieces.text, look.part.around)
        except ParseError as error:
            raise _no_fix(look, chosen[0], f"makes a text that CoreDNS refuses ({error})") from None
        found = _sorted(_findings(look, corefile, pieces))
    raise _no_fix(look, taken[-1], f"does not end: there is more to fix after {ROUNDS} rounds")


def _spot(finding: Finding) -> tuple[str, int, int]:
    return finding.code, finding.corefile_line, finding.corefile_column


def _no_fix(look: _Looked, finding: Finding, what: str) -> RuleError:
    shown, name = look.document.target.shown, finding.fix.name if finding.fix else ""
    message = f"{shown}:{finding.line}:{finding.column}: the fix {name} of {finding.code} {finding.name} {what}; nothing was written"
    return RuleError(message, f"leave it out: --ignore {finding.code}")


def _chosen(found: Sequence[Finding], rule: Rule, *, unsafe: bool) -> list[Finding]:
    """The findings of a rule whose fixes are to be taken, first to last; one that touches another's edits has to wait."""
    chosen: list[Finding] = []
    taken: list[tuple[int, int]] = []
    for finding in found:
        fix = finding.fix
        if finding.code != rule.code or fix is None or finding.suppressed is not None or not (unsafe or fix.safety == "safe"):
            continue
        if not any(_touches(taken, edit) for edit in fix.edits):
            chosen.append(finding)
            for edit in fix.edits:
                insort(taken, (edit.start, edit.end))
    return chosen


def _touches(taken: list[tuple[int, int]], edit: Edit) -> bool:
    """Of edits that do not overlap only the neighbours count."""
    at = bisect_right(taken, (edit.start, edit.end))
    return any(start <= edit.end and edit.start <= end for start, end in taken[max(at - 1, 0) : at + 1])


def _findings(look: _Looked, corefile: Corefile, pieces: Pieces) -> Iterator[Finding]:
    """What the rules find in a Part's text as it is now, at its place in the original."""
    narrowed = {each.rpartition("-")[0] for each in look.ids}
    silenced = any("remedy:" in text for text in corefile.texts.values())
    for rule in look.rules:
        for found in rule.check(corefile, look.choices):
            if found.span.file:
                continue  # it is found in that file, where it can be shown
            problem = _possible(look.part, found, pieces)
            reason = None
            if silenced:
                from remedy import suppress  # few texts hold such a comment

                reason = suppress.reason(corefile, problem.span, rule.code)
            finding = _located(look, rule, problem, pieces)._replace(suppressed=reason)
            if rule.code not in narrowed or finding.id in look.ids:
                yield _with_fixes(finding, problem, corefile, look.choices)


def _located(look: _Looked, rule: Rule, problem: Problem, pieces: Pieces) -> Finding:
    part = look.part
    start, end = pieces.origin(*problem.span[:2])
    return Finding(
        rule.code,
        rule.name,
        problem.severity or rule.severity,
        problem.message,
        *look.in_document(part.locate(start)),
        *look.in_document(part.locate(end)),
        *look.in_part(start),
        place=f"{part.namespace}/{part.name}/{part.key}:{start}:{end}:{part.text[start:end]}",
    )


def _with_fixes(finding: Finding, problem: Problem, corefile: Corefile, choices: Choices) -> Finding:
    """The fix that was chosen by the finding's id or its code, else the first one; the others as alternatives."""
    fixes = [_kept(corefile, fix) for fix in problem.fixes]
    wanted = choices.chosen and (choices.chosen.get(finding.id) or choices.chosen.get(finding.code))
    fixes.sort(key=lambda fix: fix.name != wanted)
    return finding._replace(fix=fixes[0] if fixes else None, alternatives=tuple(fixes[1:]))


def _kept(corefile: Corefile, fix: Fix) -> Fix:
    """The fix; an unsafe one, if it would lose a comment."""
    files = dict.fromkeys(edit.file for edit in fix.edits)
    lost = [comment for file in files if "#" in corefile.texts[file] for comment in _lost(corefile, fix, file)]
    if not lost:
        return fix
    why = f"it would lose the comment {lost[0]}"
    return fix._replace(safety="unsafe", why=f"{fix.why}; {why}" if fix.why else why)


def _lost(corefile: Corefile, fix: Fix, file: str) -> list[str]:
    """The comments of the lines that a fix touches in one file which do not stand there afterwards."""
    text, edits = corefile.texts[file], [edit for edit in fix.edits if edit.file == file]
    start = text.rfind("\n", 0, min(edit.start for edit in edits)) + 1
    end = text.find("\n", max(edit.end for edit in edits))
    region = text[start : end if end >= 0 else len(text)]
    if "#" not in region:
        return []
    after = apply(region, (Edit(edit.start - start, edit.end - start, edit.new) for edit in edits))
    return list((_comments(region) - _comments(after)).elements())


def _comments(text: str) -> Counter[str]:
    return Counter(text[comment.start : comment.end].rstrip("\r") for comment in lex(text).comments)


def _sorted(found: Iterator[Finding] | list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (finding.line, finding.column, finding.code))


def _parsed(document: Document, part: Part) -> Corefile:
    try:
        return read(part.text, part.around)
    except ParseError as error:
        raise refused(document, part, error) from None


def _possible(part: Part, problem: Problem, pieces: Pieces) -> Problem:
    """The problem with those fixes that can be made in this Part; where there are none left, the message says why."""
    obstacles = [_obstacle(part, fix, pieces) for fix in problem.fixes]
    if not any(obstacles):
        return problem
    fixes = tuple(fix for fix, why in zip(problem.fixes, obstacles, strict=True) if not why)
    return problem._replace(fixes=fixes, message=problem.message if fixes else f"{problem.message}; {obstacles[0]}")


def _obstacle(part: Part, fix: Fix, pieces: Pieces) -> str:
    """Why a fix cannot be made in this Part."""
    others = sorted({edit.file for edit in fix.edits if edit.file})
    if others:
        return f"its fix changes {', '.join(others)} too, so it has to be made by hand"
    return part.obstacle(fix.edits if pieces.text == part.text else pieces.edited(fix.edits).edits(part.text))


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
