"""The verbs that write nothing: scan, plan (diff), validate. The two that write, apply and rollback, are in remedy/apply.py.

Command line and terminal interface call these and nothing below them; nothing here prints, prompts or exits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from remedy import engine, registry
from remedy.corefile.lexer import line_and_column
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.diff import unified
from remedy.errors import InputError, ParseError, ValidationError
from remedy.finding import Finding
from remedy.plan import Change, Plan
from remedy.registry import Selection
from remedy.rules import Choices
from remedy.sources import plain
from remedy.sources.document import Document, Part, Target
from remedy.validate import model
from remedy.validate.model import Validation


class Scanned(NamedTuple):
    """The findings of one Document."""

    target: Target
    findings: tuple[Finding, ...]


class Hashed(NamedTuple):
    """The hash of one Corefile; `reloads`: CoreDNS logs it, and looks for changes of the text."""

    target: Target
    hash: str
    reloads: bool


def scan(documents: Iterable[Document], choices: Choices, selection: Selection | None = None) -> tuple[Scanned, ...]:
    """What is wrong, where, by the rules that are selected (None: all). ParseError where CoreDNS would refuse a text."""
    rules, ids = selection or registry.select()
    scanned = tuple(Scanned(document.target, tuple(engine.scan(document, rules, choices, ids=ids))) for document in documents)
    _offered(choices, [finding for each in scanned for finding in each.findings])
    return scanned


def unread(documents: Iterable[Document]) -> list[str]:
    """The imports of files that are not at hand, each with its place: what they hold was not looked at."""
    found = []
    for document in documents:
        for part in document.parts:
            if "import" in part.text:
                places = [(part.locate(token.start), token.text) for token in parse(part.text).unread]
                found += [f"{document.target.shown}:{line_and_column(document.text, at)[0]}: import {name}" for at, name in places]
    return found


def plan(documents: Iterable[Document], choices: Choices, selection: Selection | None = None, *, unsafe: bool = False) -> Plan:
    """The change that takes every safe fix (with `unsafe`, every fix), and the answers around it; of Documents with findings only."""
    rules, ids = selection or registry.select()
    changes: list[Change] = []
    for document in documents:
        repaired = engine.repair(document, rules, choices, unsafe=unsafe, ids=ids)
        if not repaired.fixed and not repaired.left:
            continue
        shown = unified(document.text, repaired.text, document.target.shown, repaired.edits)
        changes.append(
            Change(document.target, document.text, repaired.text, document.resource_version, shown, repaired.fixed, repaired.left)
        )
    _offered(choices, [finding for change in changes for finding in (*change.fixed, *change.left)])
    return Plan(tuple(changes), model.answers(pair for change in changes if change.fixed for pair in _corefiles(change)))


def _offered(choices: Choices, findings: list[Finding]) -> None:
    """InputError where a fix was chosen that no finding offers; where there is no such finding, there is nothing to choose."""
    for word, name in choices.chosen.items():
        code = registry.code_of(word)
        meant = [finding for finding in findings if finding.code == code and word in (finding.code, finding.id)]
        names = dict.fromkeys(fix.name for finding in meant for fix in (finding.fix, *finding.alternatives) if fix is not None)
        if meant and name not in names:
            possible = ", ".join(f"--fix {word}={each}" for each in names)
            hint = f"possible here: {possible}" if names else "it has none: a person has to decide"
            raise InputError(f"{word} has no fix called {name!r} here", hint)


def pending(plan: Plan) -> Plan:
    """Only what would be written."""
    return plan._replace(changes=tuple(change for change in plan.changes if change.before != change.after))


def validate(plan: Plan) -> Validation:
    """The model's verdict on a plan: the worst of those on its changes. InputError where a text of it does not parse."""
    changes = pending(plan).changes
    if len(changes) == 1 and plan.answers:
        return model.judge(plan.answers, heals=_heals(changes[0]))
    return model.together([model.judge(model.answers(_corefiles(change)), heals=_heals(change)) for change in changes])


def _heals(change: Change) -> bool:
    """Does it promise that a lookup which fails now will succeed? Only what breaks AAAA answers is sure to break one that is asked."""
    return any(finding.code.startswith("AAAA") for finding in change.fixed)


def today(documents: Iterable[Document]) -> Validation:
    """What every client gets now, with nothing to change."""
    texts = [parse(part.text) for document in documents for part in document.parts]
    return model.judge(model.answers((text, text) for text in texts), heals=False)


def running(document: Document, part: Part, version: str | None) -> Hashed:
    """What CoreDNS of this version (None: the newest) logs for a Corefile of a Document. InputError where nobody can tell from here."""
    from remedy.corefile.hash import reload_hash

    target = document.target._replace(namespace=part.namespace, name=part.name, key=part.key)
    try:
        value = reload_hash(part.text, version=version)
    except ParseError as error:
        raise engine.refused(document, part, error) from None
    except InputError as error:
        raise InputError(f"{target.shown}: {error}", error.hint) from None
    return Hashed(target, value, any(plugin.name.text == "reload" for _, plugin in parse(part.text, plugins=None).walk()))


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
        "summary": {
            "targets": len(scanned),
            "findings": len(findings),
            "fixable": sum(finding.fixable for finding in findings),
            "suppressed": sum(finding.suppressed is not None for finding in findings),
        },
    }


def hash_data(hashed: Iterable[Hashed], version: str | None) -> dict[str, Any]:
    """The document `remedy.hash/1`."""
    from remedy.corefile.hash import algorithm

    rows = [{"target": each.target._asdict(), "algorithm": algorithm(version), "hash": each.hash} for each in hashed]
    return {"schema": "remedy.hash/1", "coredns_version": version, "hashes": rows}


def corefiles_in(text: str, target: Target) -> list[Corefile]:
    """The Corefiles in a Document's text."""
    if target.kind == "cluster":
        return [parse(text)]
    return [parse(part.text) for part in plain.parts_of(text, target.shown)]


def _corefiles(change: Change) -> list[tuple[Corefile, Corefile]]:
    before, after = corefiles_in(change.before, change.target), corefiles_in(change.after, change.target)
    if len(before) != len(after):
        raise InputError(f"{change.target.shown}: the change adds or removes a Corefile", "plan it again: remedy diff")
    return list(zip(before, after, strict=True))
