"""The verbs that write nothing: scan, plan (diff), validate. The two that write, apply and rollback, are in remedy/apply.py.

Command line and terminal interface call these and nothing below them; nothing here prints, prompts or exits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from remedy import engine
from remedy.corefile.lexer import line_and_column
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.diff import unified
from remedy.engine import Finding
from remedy.errors import InputError, ParseError, RemedyError, ValidationError
from remedy.plan import Change, Plan
from remedy.rules import Choices, Rule
from remedy.sources import plain
from remedy.sources.document import ALONE, Around, Document, Part, Target
from remedy.sources.reading import PATH, at_hand, read
from remedy.validate import model
from remedy.validate.model import Validation
from rewrite_rules import RULES


class Scanned(NamedTuple):
    """The findings of one Document."""

    target: Target
    findings: tuple[Finding, ...]


class Hashed(NamedTuple):
    """The hash of one Corefile; `reloads`: CoreDNS logs it, and looks for changes of the text."""

    target: Target
    hash: str
    reloads: bool


def scan(documents: Iterable[Document], choices: Choices, rules: tuple[Rule, ...] = RULES) -> tuple[Scanned, ...]:
    """What is wrong, where. ParseError where CoreDNS would refuse a text."""
    return tuple(Scanned(document.target, tuple(engine.scan(document, rules, choices))) for document in documents)


def unread(documents: Iterable[Document]) -> list[str]:
    """The imports of files that are not at hand, each with its place: what they hold was not looked at."""
    found = []
    for document in documents:
        for part in document.parts:
            if "import" in part.text:
                tokens = [token for token in read(part.text, part.around).unread if not token.file]
                places = [(part.locate(token.start), token.text) for token in tokens]
                why = f" ({part.around.why})" if part.around.why else ""
                found += [f"{document.target.shown}:{line_and_column(document.text, at)[0]}: import {name}{why}" for at, name in places]
    return found


def plan(
    documents: Iterable[Document],
    choices: Choices,
    *,
    unsafe: bool = False,
    rules: tuple[Rule, ...] = RULES,
    refused: Callable[[RemedyError], None] | None = None,
) -> Plan:
    """The change that takes every safe fix (with `unsafe`, every fix), and the answers around it; of Documents with findings only.

    A Document that is refused goes to `refused`, and the others on; without that, its error ends the plan.
    """
    changes: list[Change] = []
    for document in documents:
        try:
            repaired = engine.repair(document, rules, choices, unsafe=unsafe)
        except RemedyError as error:
            if refused is None:
                raise
            refused(error)
            continue
        if not repaired.fixed and not repaired.left:
            continue
        shown = unified(document.text, repaired.text, document.target.shown, repaired.edits)
        made = (document.target, document.text, repaired.text, document.resource_version, shown, repaired.fixed, repaired.left)
        changes.append(Change(*made, (document.around, document.around)))
    changes = _together(changes)
    return Plan(tuple(changes), model.answers(pair for change in changes if change.fixed for pair in _corefiles(change)))


def _together(changes: list[Change]) -> list[Change]:
    """The changes, each with what the others make of the texts around it."""
    linked = [change for change in changes if change.around[0] != ALONE]
    after: dict[str, str] = {}
    for change in linked:
        before, now = (plain.parts_of(text, change.target.shown, change.around[0]) for text in (change.before, change.after))
        after |= {old.text: new.text for old, new in zip(before, now, strict=False)}

    def renewed(around: Around) -> Around:
        files = tuple((path, after.get(text, text)) for path, text in around.files)
        return around._replace(corefile=after.get(around.corefile, around.corefile), files=files)

    return [change._replace(around=(change.around[0], renewed(change.around[0]))) for change in changes] if linked else changes


def pending(plan: Plan) -> Plan:
    """Only what would be written."""
    return plan._replace(changes=tuple(change for change in plan.changes if change.before != change.after))


def validate(plan: Plan) -> Validation:
    """The model's verdict on a plan: the worst of those on its changes. InputError where a text of it does not parse."""
    changes = pending(plan).changes
    if len(changes) == 1 and plan.answers:
        return model.judge(plan.answers, heals=bool(changes[0].fixed))
    return model.together([model.judge(model.answers(_corefiles(change)), heals=bool(change.fixed)) for change in changes])


def today(documents: Iterable[Document]) -> Validation:
    """What every client gets now, with nothing to change."""
    texts = [corefile for document in documents for corefile in corefiles_in(document.text, document.target, document.around)]
    return model.judge(model.answers((text, text) for text in texts), heals=False)


def running(document: Document, part: Part, version: str | None) -> Hashed:
    """What CoreDNS of this version (None: the newest) logs for a Corefile of a Document. InputError where nobody can tell from here."""
    from remedy.corefile.hash import reload_hash

    target = document.target._replace(namespace=part.namespace, name=part.name, key=part.key)
    try:
        value = reload_hash(part.text, version=version, files=at_hand(part.around))
    except ParseError as error:
        raise engine.refused(document, part, error) from None
    except InputError as error:
        raise InputError(f"{target.shown}: {error}", error.hint) from None
    corefile = parse(part.text, path=PATH, files=at_hand(part.around), plugins=None)
    return Hashed(target, value, any(plugin.name.text == "reload" for _, plugin in corefile.walk()))


def require(validation: Validation) -> None:
    """ValidationError unless it passed."""
    if validation.verdict != "passed":
        reasons = "; ".join(validation.transcript[:3]) or "nothing could be judged"
        hint = "remedy validate shows every answer; --validate none applies without it, and still waits for every replica"
        raise ValidationError(f"the validation {'failed' if validation.verdict == 'failed' else 'is inconclusive'}: {reasons}", hint)


def shown(before: str, after: str, target: Target) -> str:
    """The unified diff of two whole texts."""
    return unified(before, after, target.shown)


def scan_data(scanned: tuple[Scanned, ...]) -> dict[str, Any]:
    """The document `remedy.scan/1`."""
    findings = [finding for each in scanned for finding in each.findings]
    return {
        "schema": "remedy.scan/1",
        "targets": [
            {"target": each.target._asdict(), "coredns_version": None, "findings": [finding.to_data() for finding in each.findings]}
            for each in scanned
        ],
        "summary": {"targets": len(scanned), "findings": len(findings), "fixable": sum(each.fix is not None for each in findings)},
    }


def hash_data(hashed: Iterable[Hashed], version: str | None) -> dict[str, Any]:
    """The document `remedy.hash/1`."""
    from remedy.corefile.hash import algorithm

    rows = [{"target": each.target._asdict(), "algorithm": algorithm(version), "hash": each.hash} for each in hashed]
    return {"schema": "remedy.hash/1", "coredns_version": version, "hashes": rows}


def corefiles_in(text: str, target: Target, around: Around = ALONE) -> list[Corefile]:
    """The Corefiles in a Document's text, each with what it imports; what is imported by one of them is none of its own."""
    if target.kind == "cluster":
        return [read(text, around)]
    parts = plain.parts_of(text, target.shown, around)
    corefiles = {part.text for part in parts if not part.around.own}
    return [read(part.text, part.around) for part in parts if part.around.corefile not in corefiles]


def _corefiles(change: Change) -> list[tuple[Corefile, Corefile]]:
    before, after = (corefiles_in(text, change.target, around) for text, around in change.sides)
    if len(before) != len(after):
        raise InputError(f"{change.target.shown}: the change adds or removes a Corefile", "plan it again: remedy diff")
    return list(zip(before, after, strict=True))
