"""The verbs that write nothing: scan, plan (diff), validate. The two that write, apply and rollback, are in remedy/apply.py.

Command line and terminal interface call these and nothing below them; nothing here prints, prompts or exits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from remedy import defaults, engine, registry
from remedy.corefile.lexer import line_and_column
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.diff import unified
from remedy.errors import InputError, ParseError, RemedyError, UnavailableError, ValidationError
from remedy.finding import Finding
from remedy.plan import Answer, Change, Plan
from remedy.registry import Selection
from remedy.rules import Choices
from remedy.sources import plain
from remedy.sources.document import ALONE, Around, Document, Part, Target
from remedy.sources.reading import PATH, at_hand, overlaid, read, whole
from remedy.validate import model
from remedy.validate.probes import NOTHING, Asking, Lookups, assumed
from remedy.validate.proven import proven
from remedy.validate.prover import Case, Method, Prover
from remedy.validate.verdict import Terms, Validation, together
from remedy.validate.verdict import refused as refused_by

if TYPE_CHECKING:
    from remedy.shipped import Shipped


_Side = tuple[str, Around]


class Scanned(NamedTuple):
    """The findings of one Document."""

    target: Target
    findings: tuple[Finding, ...]
    version: str | None = None
    to: str | None = None
    shipped: tuple[Shipped, ...] = ()


class Hashed(NamedTuple):
    """The hash of one Corefile; `reloads`: CoreDNS logs it, and looks for changes of the text."""

    target: Target
    hash: str
    reloads: bool


def scan(documents: Iterable[Document], choices: Choices, selection: Selection | None = None) -> tuple[Scanned, ...]:
    """What is wrong, where, by the rules that are selected (None: all). ParseError where CoreDNS would refuse a text."""
    rules, ids = selection or registry.select()
    found = ((document, engine.scan(document, rules, _chosen(choices, document), ids=ids)) for document in documents)
    return tuple(
        Scanned(document.target, tuple(findings), document.version, choices.to, defaults.ships(document)) for document, findings in found
    )


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
    selection: Selection | None = None,
    *,
    unsafe: bool = False,
    asking: Asking = NOTHING,
    refused: Callable[[RemedyError], None] | None = None,
) -> Plan:
    """The change that takes every safe fix (with `unsafe`, every fix), and the answers around it; of Documents with findings only.

    A Document that is refused goes to `refused`, and the others on; without that, its error ends the plan.
    """
    rules, ids = selection or registry.select()
    changes: list[Change] = []
    version, asking = None, asking._replace(to=choices.to)
    for document in documents:
        version = version or document.version
        try:
            repaired = engine.repair(document, rules, _chosen(choices, document), unsafe=unsafe, ids=ids)
        except RemedyError as error:
            if refused is None:
                raise
            refused(error)
            continue
        if not (repaired.fixed or repaired.left or choices.to):
            continue
        shown = unified(document.text, repaired.text, document.target.shown, repaired.edits)
        made = (document.target, document.text, repaired.text, document.resource_version, shown, repaired.fixed, repaired.left)
        changes.append(Change(*made, (document.around, document.around)))
    offered(choices, [finding for change in changes for finding in (*change.fixed, *change.left)])
    changes, asking = _together(changes), _versioned(asking, version)
    planned = Plan(tuple(changes), (), asking.version, choices.to)
    pairs = dict.fromkeys(_read_as(change) for change in changes if change.fixed or planned.moves)
    found = [_computed(*pair, asking) for pair in pairs]
    answers = dict.fromkeys(answer for each in found for _, _, answered in each for answer in answered)
    return planned._replace(answers=tuple(answers))


def _versioned(asking: Asking, version: str | None) -> Asking:
    """The release that a person names counts for more than what a tag says."""
    return asking if asking.version else asking._replace(version=version)


def _chosen(choices: Choices, document: Document) -> Choices:
    """The choices, for the release that reads this Document, as far as rules know releases."""
    version = choices.version or document.version
    if not version:
        return choices
    from remedy.releases import meant  # reads a table that a text without a version does not need

    return choices._replace(version=meant(version))


def offered(choices: Choices, findings: Iterable[Finding]) -> None:
    """InputError where a fix was chosen that no finding offers; where there is no such finding, there is nothing to choose."""
    every = list(findings) if choices.chosen else []
    for word, name in choices.chosen.items():
        code = registry.code_of(word)
        meant = [finding for finding in every if finding.code == code and word in (finding.code, finding.id)]
        names = dict.fromkeys(fix.name for finding in meant for fix in (finding.fix, *finding.alternatives) if fix is not None)
        if meant and name not in names:
            possible = ", ".join(f"--fix {word}={each}" for each in names)
            hint = f"possible here: {possible}" if names else "it has none: a person has to decide"
            raise InputError(f"{word} has no fix called {name!r} here", hint)


def _together(changes: list[Change]) -> list[Change]:
    """The changes, each with what the others make of the texts around it."""
    linked = [change for change in changes if change.around[0] != ALONE]
    after: dict[str, str] = {}
    live: dict[Target, dict[str, str]] = {}  # by the Corefile's place, the new texts by their paths
    for change in linked:
        if change.target.kind == "cluster":
            live.setdefault(change.around[0].home or change.target, {})[change.around[0].own] = change.after
            continue
        before, now = (plain.parts_of(text, change.target.shown, change.around[0]) for text in (change.before, change.after))
        after |= {old.text: new.text for old, new in zip(before, now, strict=False)}

    def renewed(change: Change) -> Around:
        around = change.around[0]
        if change.target.kind == "cluster":
            texts = live.get(around.home or change.target, {})
            corefile, beside = overlaid(around.corefile, around, texts)
            return beside._replace(corefile=corefile if around.own else "")
        files = tuple((path, after.get(text, text)) for path, text in around.files)
        return around._replace(corefile=after.get(around.corefile, around.corefile), files=files)

    return [change._replace(around=(change.around[0], renewed(change))) for change in changes] if linked else changes


def pending(plan: Plan) -> Plan:
    """Only what would be written."""
    return plan._replace(changes=tuple(change for change in plan.changes if change.before != change.after))


def judged(plan: Plan) -> Plan:
    """What may be answered otherwise: only what would be written, or everything where another release is to read it."""
    return plan if plan.moves else pending(plan)


def only(plan: Plan, changes: Iterable[Change]) -> Plan:
    """A plan of these changes alone, with what the texts around them are then."""
    return plan._replace(changes=tuple(_together(list(changes))))


def placed(plan: Plan, arounds: Mapping[Target, Around]) -> Plan:
    """The plan, with what is around its targets now."""
    return only(plan, (change._replace(around=(arounds.get(change.target, change.around[0]),) * 2) for change in plan.changes))


def validate(
    plan: Plan, asking: Asking = NOTHING, *, prover: Prover = model.prove, method: Method = "model", undo: bool = False
) -> Validation:
    """A prover's verdict on a plan: the worst of those on its changes.

    `method` is the prover's name; by "live", before a write and after it, only what is lost counts. `undo`: passes when everything is
    answered as the recorded text predicts; what is lost is shown only. InputError where a text of the plan does not parse;
    UnavailableError where the prover cannot work here.
    """
    plan = plan._replace(to=None) if method == "live" else plan  # replicas run what they run
    found, asking = [], _versioned(asking, plan.coredns_version)._replace(to=plan.to)
    heals: dict[tuple[_Side, _Side, Target], bool] = {}
    for change in judged(plan).changes:
        pair = _read_as(change)
        heals[pair] = heals.get(pair, False) or _heals(change)
    for pair, promised in heals.items():
        terms = Terms(method, asking.strict, heals=method != "live" and promised)
        for case, lookups, answers in _computed(*pair, asking):
            if why := "" if method == "live" else _unloadable(case):
                found.append(refused_by(why, terms))
                continue
            known = (lookups, answers) if prover is model.prove else None
            found.append(proven(case, asking, prover, terms, undo=undo, known=known))
    return together(found)


def _unloadable(case: Case) -> str:
    """Why the release that is to read the new text would not start with it, by words that the text which runs there does not have."""
    if not case.reader:
        return ""
    from remedy.releases import meant  # a table, and below the rules, where there is a release to ask for

    reader = meant(case.reader)
    if reader is None:
        return ""
    from remedy.validate.loads import refused

    there = {message for _, message in (() if case.moves else refused(case.before, reader))}
    return "; ".join(f"{place}: {message}" for place, message in refused(case.after, reader) if message not in there)


def _heals(change: Change) -> bool:
    """Does it promise that a lookup which fails now will succeed? Only what breaks AAAA answers is sure to break one that is asked."""
    return any(finding.code.startswith("AAAA") for finding in change.fixed)


def prove(plan: Plan, asking: Asking, provers: Sequence[tuple[Method, Prover]]) -> Validation:
    """The validation of the first of these provers that can tell, with the reasons why those before it could not.

    UnavailableError where none of them can work here.
    """
    passed_over: list[str] = []
    untold: Validation | None = None
    for method, prover in provers:
        try:
            found = validate(plan, asking, prover=prover, method=method)
        except UnavailableError as error:
            if len(provers) == 1:
                raise
            passed_over.append(f"no {method}: {error}")
            continue
        if found.verdict != "inconclusive":
            return found._replace(transcript=(*found.transcript, *passed_over))
        untold = untold or found
        passed_over.append(f"the {method} could not tell")
    if untold is None:
        raise UnavailableError("; ".join(passed_over), "choose another: --validate model")
    return untold._replace(transcript=(*untold.transcript, *passed_over))


def today(documents: Sequence[Document], asking: Asking = NOTHING, *, prover: Prover = model.prove, method: Method = "model") -> Validation:
    """What every client gets now, with nothing to change."""
    read_as = dict.fromkeys(_read_as(Change(each.target, each.text, each.text, around=(each.around,) * 2)) for each in documents)
    texts = [(target, corefile) for (text, around), _, target in read_as for corefile in corefiles_in(text, target, around)]
    asking = _versioned(asking, next((document.version for document in documents if document.version), None))
    cases = (Case(text, text, (), target, asking.version) for target, text in texts)
    return together([proven(case, asking, prover, Terms(method, asking.strict)) for case in cases])


def holders(changes: Iterable[Change]) -> tuple[str, ...]:
    """Who may still have the old answers of live Corefiles once every replica has the new texts, a sentence each."""
    from remedy.validate import afterwards

    live = [change for change in changes if change.target.kind == "cluster"]
    texts = (corefiles_in(change.before, change.target, change.around[0])[0] for change in live)
    return tuple(dict.fromkeys(holder.sentence for each in texts for holder in afterwards.holders(each)))


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
            {
                "target": each.target._asdict(),
                "coredns_version": each.version,
                "to": each.to,
                "shipped": [{"by": default.by, "release": default.release, "source": default.source} for default in each.shipped],
                "findings": [finding.to_data() for finding in each.findings],
            }
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


def corefiles_in(text: str, target: Target, around: Around = ALONE) -> list[Corefile]:
    """The Corefiles in a Document's text, each with what it imports; what is imported by one of them is none of its own."""
    if target.kind == "cluster":
        return [read(text, around)]
    parts = plain.parts_of(text, target.shown, around)
    corefiles = {part.text for part in parts if not part.around.own}
    return [read(part.text, part.around) for part in parts if part.around.corefile not in corefiles]


def _running(text: Corefile, asking: Asking) -> str | None:
    """The release that reads it now; where nobody says which, and it is to be another, a guess."""
    if asking.version or not asking.to:
        return asking.version
    from remedy.validate.loads import likely  # reads a table of releases

    return likely(text)


def _read_as(change: Change) -> tuple[_Side, _Side, Target]:
    """Both sides as CoreDNS reads them, and where: what a live Corefile imports is read by that, so that changes of both are one."""
    around = change.around[0]
    if change.target.kind != "cluster" or not around.own:
        return *change.sides, change.target
    before, after = (whole(*side) for side in change.sides)
    return before, after, around.home or change.target


@lru_cache(maxsize=16)
def _computed(
    before: tuple[str, Around], after: tuple[str, Around], target: Target, asking: Asking
) -> tuple[tuple[Case, Lookups, tuple[Answer, ...]], ...]:
    """The pairs of Corefiles in a Document's two texts, what is looked up in each, and what the model says of it."""
    old, new = (corefiles_in(text, target, around) for text, around in (before, after))
    if len(old) != len(new):
        raise InputError(f"{target.shown}: the change adds or removes a Corefile", "plan it again: remedy diff")
    cases = (Case(*pair, (), target, _running(pair[0], asking), asking.to) for pair in zip(old, new, strict=True))
    return tuple((case, lookups, model.predict(case, lookups)) for case in cases for lookups in [assumed(case.before, case.after, asking)])
