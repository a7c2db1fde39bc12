"""From parsed options to nouns: the site, what is read of it, what is chosen, the plan and who judges it."""

from __future__ import annotations

import argparse
import gc
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from remedy import service
from remedy.answers.plugins import NEWEST
from remedy.errors import ConflictError, InputError, RemedyError, UnavailableError
from remedy.plan import SCHEMA, Plan, from_data
from remedy.registry import Selection, code_of, select
from remedy.report import text
from remedy.rules import Choices
from remedy.site import Site, Where, opened
from remedy.sources.document import Document
from remedy.sources.find import Search
from remedy.talk import Counting, report
from remedy.validate.probes import Asking
from remedy.verbs.output import talk

if TYPE_CHECKING:
    import threading

    from remedy.validate.verdict import Validation
    from remedy.work import Event, Run

_SETTLE_SECONDS, _SETTLE_SECONDS_DEMO = 15.0, 3.0
_NAME_IT = "name it: --coredns-version V"
_UNKNOWN = f"which release reads it now is not known; {_NAME_IT}"


def site_of(options: argparse.Namespace, *, patience: float = math.inf) -> AbstractContextManager[Site]:
    """`patience` in seconds for one call, where an answer is good to have and not needed."""
    place = (options.kubeconfig, options.context, options.namespace, options.configmap, min(options.request_timeout, patience))
    if options.user == "":  # an empty variable of a runbook; without a name all would be done as whoever runs it
        raise InputError("--as without a user's name", "name the user, or leave the flag out")
    where = Where(*place, options.user, options.read_only)
    return opened(where, demo=options.demo)


class Reading:
    """The Documents of one command, one at a time. Of several, what cannot be used is said, and makes the exit code 2."""

    def __init__(self, options: argparse.Namespace, site: Site) -> None:
        self.code = 0
        self.live: list[Document] = []
        self.several = len(options.targets) > 1 or any(os.path.isdir(word) for word in options.targets)
        self.counting = Counting(quiet=options.quiet or not self.several)
        self._options = options
        self._site = site

    def __iter__(self) -> Iterator[Document]:
        if not self.several:
            documents = read(self._options, self._site)
            self.live = [document for document in documents if document.target.kind == "cluster"]
            yield from documents
            return
        gc.enable()  # a reader of YAML leaves cycles behind, and a directory has no end
        if getattr(self._options, "to", None) and self._options.coredns_version is None:
            talk(self._options, f"note: {_UNKNOWN}")
        search = Search(self._options.targets, refused=self.refused, seen=self.counting)
        for document in search:
            yield _versioned(self._options, document)
        self.counting.clear()
        for path in search.read_only:
            talk(self._options, f"{path}: a Corefile seems to be in here; remedy does not edit this form")
        passed_over = search.counts.passed_over
        if passed_over:
            talk(self._options, f"{text.count(passed_over, 'file')} passed over: no Corefile in them")

    def refused(self, error: RemedyError) -> None:
        if not self.several:
            raise error
        self.counting.clear()
        report(error)
        self.code = max(self.code, error.exit_code)


def planned(options: argparse.Namespace, documents: Iterable[Document], refused: Callable[[RemedyError], None] | None = None) -> Plan:
    """The change that the options ask for (`service.plan`)."""
    choices, selection, asking = choices_of(options), selection_of(options), asking_of(options)
    return service.plan(documents, choices, selection, unsafe=options.unsafe, asking=asking, refused=refused)


def validated(options: argparse.Namespace, site: Site, plan: Plan) -> Validation | None:
    """The verdict on what may be answered otherwise, by whom the options name; None where nothing is, or nobody is asked."""
    if options.validate == "model" and service.judged(plan).changes:
        return service.validate(plan, asking_of(options))
    if options.validate in ("model", "none"):
        return None
    from remedy.provers import proven  # the model, which most runs ask, needs none of them

    return proven(plan, asking_of(options), site, options.validate, binary=options.coredns)


def asking_of(options: argparse.Namespace) -> Asking:
    return Asking(tuple(options.probe), tuple(options.search), options.strict, options.coredns_version)


def run_of(options: argparse.Namespace, on_event: Callable[[Event], None], stop: threading.Event) -> Run:
    """How the options want a change to be brought; without `--settle`, the embedded cluster is watched for a shorter time."""
    from remedy.work import Run

    usual = _SETTLE_SECONDS_DEMO if options.demo else _SETTLE_SECONDS
    settle = usual if options.settle is None else options.settle
    return Run(options.timeout, on_event, stop, settle, not options.no_poke, not options.no_verify, options.strategy)


def comparing(options: argparse.Namespace, site: Site, plan: Plan, run: Run) -> Run:
    """The run, which ends with what clients lost by the change of a live Corefile; the replicas are asked now, too."""
    if options.no_verify or not any(change.target.kind == "cluster" for change in plan.changes):
        return run
    from remedy.provers import Replicas
    from remedy.work import Event

    try:
        return run._replace(lost=Replicas(site, options.probe_image).lost_by(plan, asking_of(options), run.on_event))
    except UnavailableError as error:
        run.on_event(Event("note", f"not every answer can be compared after the write: {error}"))
        return run


def read(options: argparse.Namespace, site: Site) -> list[Document]:
    documents = [_versioned(options, document) for document in site.documents(options.targets)]
    for note in (*site.notes(), *dict.fromkeys(note for document in documents for note in taken(options, document))):
        talk(options, f"note: {note}")
    return documents


def settle(options: argparse.Namespace) -> None:
    """Make the releases in the options ones that are known here. InputError for what cannot be one, and for a flag without `--to`."""
    alone = next((f"--{word}" for word in ("eager", "defaults") if getattr(options, word, False) and not options.to), None)
    if alone:
        raise InputError(f"{alone} says how to move to another release, and none is named", f"name it: {alone} --to VERSION")
    for name in ("coredns_version", "to"):
        word = getattr(options, name, None)
        if word is None:
            continue
        from remedy.releases import nearest  # reads a table that most runs do not need

        found = nearest(word)
        if found.note or name == "to":
            setattr(options, name, found.version)
        if found.note:
            talk(options, f"note: {found.note}")


def taken(options: argparse.Namespace, document: Document) -> Iterator[str]:
    """For which release a Corefile is taken, where its own is not known here."""
    if document.version is None:
        if getattr(options, "to", None):
            yield f"{document.target.shown}: {_UNKNOWN}"
        elif document.target.kind == "cluster":
            what = "neither a tag nor the pods' metrics tell the release that reads it"
            yield f"{document.target.shown}: {what}, so it is taken for the newest, {NEWEST}; {_NAME_IT}"
    elif options.coredns_version is None:
        from remedy.releases import nearest

        try:
            note = nearest(document.version).note
        except InputError as error:
            note = f"{error}, so it is taken for the newest, {NEWEST}"
        if note:
            yield f"{document.target.shown}: {note}"


def _versioned(options: argparse.Namespace, document: Document) -> Document:
    """The release that a person names counts for more than what a tag says."""
    if options.coredns_version is None:
        return document
    return document._replace(version=options.coredns_version)


def saved_plan(options: argparse.Namespace) -> Plan | None:
    """The plan, if the one target is a file that holds one. InputError where it leads to another release than the options."""
    plan = _saved(options.targets)
    if plan and options.to and options.to != plan.to:
        made_for = f"for CoreDNS {plan.to}" if plan.to else "for the release that runs"
        hint = f"make another: remedy diff --to {options.to} --out PLAN"
        raise InputError(f"{options.targets[0]} is a plan {made_for}, not for {options.to}", hint)
    if plan is None:
        return None
    # The fingerprint covers the two texts; the diff in the file, which anybody may have written, is for other programs.
    return plan._replace(changes=tuple(each._replace(diff=service.shown(each.before, each.after, each.target)) for each in plan.changes))


def pending_of(options: argparse.Namespace, site: Site, saved: Plan) -> bool:
    """Is any of a saved plan still to be written? ConflictError where another text is live than the two that it holds."""
    pending = False
    for change in saved.changes:
        live = site.source(change.target).text()
        pending |= live != change.after
        if live not in (change.before, change.after):
            what = f"{change.target.shown} is neither the text that was planned for nor the planned one; nothing was written"
            raise ConflictError(
                what, f"somebody changed it since; what was planned: remedy diff {options.targets[0]}; what is live: remedy diff"
            )
    return pending


def _saved(targets: list[str]) -> Plan | None:
    if len(targets) != 1 or not os.path.isfile(targets[0]):
        return None
    try:
        with open(targets[0], "rb") as file:
            content = file.read()
        if SCHEMA.encode() not in content[:200]:
            return None
        import json

        return from_data(json.loads(content), targets[0])
    except OSError:
        return None
    except ValueError as error:
        raise InputError(f"{targets[0]}: not a plan that remedy wrote ({error})", "make it again: remedy diff --out PLAN") from None


def choices_of(options: argparse.Namespace) -> Choices:
    for word, _ in options.fix:
        code_of(word)  # a word that is no code is refused before anything is read
    how = Choices(options.style, options.soa, options.coredns_version, tuple(options.search), dict(options.fix))
    return how._replace(to=options.to, eager=options.eager, defaults=options.defaults)


def selection_of(options: argparse.Namespace) -> Selection:
    return select(options.select, options.ignore)
