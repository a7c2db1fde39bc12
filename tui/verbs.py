"""What a sitting proves and writes: the verbs that follow a plan, functions over its Session.

They block and raise RemedyError, so screens call them on a thread of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

from remedy import doctor, order, provers, service
from remedy.apply import apply as write
from remedy.apply import confirm, way_back
from remedy.apply import rollback as undo
from remedy.cluster.preflight import Check
from remedy.cluster.restart import Strategy
from remedy.errors import ConflictError, InputError, RemedyError, UnavailableError
from remedy.journal import Record
from remedy.mask import masked
from remedy.plan import Plan
from remedy.report import html, markdown
from remedy.validate.prover import Method
from remedy.validate.verdict import Validation
from remedy.verbs.given import asking_of, comparing, run_of
from remedy.work import Event
from tui.found import Checked
from tui.session import Session
from tui.views.done import Outcome


def validate(session: Session, method: Method) -> Validation | None:
    """By this method; the verdict is kept with the plan. None where it cannot work here, and `judging` knows why."""
    plan, options = session.judged, session.chosen.options()
    live = any(change.target.kind == "cluster" for change in plan.changes)
    asked = provers.provers(method, session.site, live=live, binary=options.coredns)
    return session.judging.ask(method, lambda: service.prove(plan, asking_of(options), asked))


def judge(session: Session, plan: Plan) -> Validation | None:
    """The verdict on which a write of this plan, of what is pending or of a part of it, rests; None for none.

    It is of the prover that was given, by default of the strongest that can tell. UnavailableError where that one cannot work here.
    """
    word, options = session.given.validate, session.chosen.options()
    if word == "none":
        return None
    live = any(change.target.kind == "cluster" for change in plan.changes)
    wanted = ("canary" if live else "sandbox") if word == "auto" else word
    judging, asking = session.judging, asking_of(options)
    whole = plan.fingerprint == session.pending.fingerprint
    known = next((found for method, found in judging.validations.items() if whole and method == wanted), None)
    found = known or provers.proven(plan, asking, session.site, word, binary=options.coredns)
    if found and whole:
        judging.validations = {**judging.validations, found.method: found}
    return found


def endured(session: Session, plan: Plan, validation: Validation) -> Validation:
    """The verdict with that on the release that reads the text until the image changes. ValidationError where that one fails."""
    found = provers.meanwhile(plan, asking_of(session.chosen.options()), session.site, session.given.validate)
    return provers.endured(plan, validation, found) if found else validation


def today(session: Session) -> Validation | None:
    """What every client gets now: of a live Corefile as its replicas answer, else by the model; kept as a verdict is."""
    return session.judging.ask("live" if session.live else "model", lambda: _today(session))


def _today(session: Session) -> Validation:
    asking = asking_of(session.chosen.options())
    documents = [document for document in session.documents if document.target not in session.broken]
    if not session.live:
        return service.today(documents, asking)
    try:
        prover = provers.Replicas(session.site, session.given.probe_image).today
        return service.today(documents, asking, prover=prover, method="live")
    except UnavailableError:
        return service.today(documents, asking)


def check(session: Session) -> Checked:
    """Everything that can be known before a write; what cannot last is left out of the plan, with the reason."""
    kept, found = doctor.lasting(session.site, session.pending, force=session.given.force_owner)
    refused = tuple(each.refused for each in found if each.refused)
    warnings, stopped = _allowed(session, kept)
    owners, advice = "".join(each.owners for each in found), "".join(each.advice for each in found)
    return Checked(kept, owners, advice, refused, warnings, refused[0] if refused and not kept.changes else stopped)


def _allowed(session: Session, plan: Plan, *, undo: bool = False) -> tuple[tuple[Check, ...], RemedyError | None]:
    """What to look out for, and why it may not be written."""
    try:
        order.writes(plan.changes, version=plan.coredns_version, undo=undo)
        return tuple(_require_allowed(session, plan)), None
    except RemedyError as error:
        return (), error


def check_back(session: Session, record: Record) -> Checked:
    """The same for the way back from a record. ConflictError where its text was edited since."""
    sources = session.site.writable(change.target for change in record.changes)
    plan = way_back(record, sources, force=False)
    owners = "".join(doctor.owners(session.site, change.target) for change in plan.changes)
    warnings, stopped = _allowed(session, plan, undo=True)
    return Checked(plan, owners, "", (), warnings, stopped)


def judge_back(session: Session, plan: Plan) -> Validation:
    """What a rollback does to the answers. ValidationError where the text from before does not load."""
    version = session.given.coredns_version or provers.running(session.site, plan)
    found = service.validate(plan._replace(coredns_version=version), undo=True)
    provers.require_loads(found)
    return found


def apply(
    session: Session, plan: Plan, on_event: Callable[[Event], None], stop: threading.Event, validation: Validation | None
) -> Record | None:
    """Write exactly this plan and prove it; the record, or None where all of it was live already."""
    session.site.require_writing()
    for change in plan.changes:
        doctor.require_lasting(session.site, change, force=session.given.force_owner)
    _require_allowed(session, plan)
    sources = session.site.writable(change.target for change in plan.changes)
    run = comparing(session.given.options(), session.site, plan, run_of(session.given.options(), on_event, stop))
    return _wrote(session, write(plan, sources, run, validation=validation))


def export(session: Session) -> tuple[str, ...]:
    """The review as files in the current folder, in Markdown and in HTML: their paths. Files of these names are replaced."""
    plan = session.plan or session.make_plan()
    validation = session.judging.strongest or (validate(session, "model") if session.judged.changes else None)
    pages = {"md": masked(markdown.review(plan, validation)), "html": html.review(plan, validation)}
    paths = {f"remedy-review-{plan.fingerprint[:8]}.{suffix}": page for suffix, page in pages.items()}
    for path, page in paths.items():
        try:
            with open(path, "w", encoding="utf-8", errors="replace") as file:
                file.write(page)
        except OSError as error:
            what = f"{path}: the review cannot be written: {error.strerror}"
            raise InputError(what, "start remedy in a folder that you can write") from None
    return tuple(paths)


def finish(session: Session, record: Record, on_event: Callable[[Event], None], stop: threading.Event) -> None:
    """Prove what an apply that was cut off wrote. ConflictError where that is not live: then it can only be rolled back."""
    sources = session.site.writable(change.target for change in record.changes)
    if any(sources[change.target].text() != change.after for change in record.changes):
        raise ConflictError("what that apply was to write is not live; nothing was written", f"remedy rollback {record.id} closes it")
    confirm(Plan(record.changes), sources, run_of(session.given.options(), on_event, stop))


def _wrote(session: Session, record: Record | None) -> Record | None:
    session.written = (*session.written, record) if record else session.written
    return record


def rollback(session: Session, record: Record, plan: Plan, on_event: Callable[[Event], None], stop: threading.Event) -> Record | None:
    """Put back what a record says stood there before, and prove it; the plan is the way back as it was shown."""
    sources = session.site.writable(change.target for change in record.changes)
    _require_allowed(session, plan)
    return _wrote(session, undo(record, sources, run_of(session.given.options(), on_event, stop), agreed=plan))


def outcome(session: Session, record: Record | None, error: RemedyError | None) -> Outcome:
    """How a change ended, with the way back and who may still have the old answer."""
    held = service.holders(record.changes) if record and not record.undoes else ()
    return Outcome(record, error, session.command(f"rollback {record.id}") if record else "", held)


def _require_allowed(session: Session, plan: Plan) -> list[Check]:
    given = session.given
    return doctor.require_allowed(session.site, plan, cast(Strategy, given.strategy), verify=not given.no_verify)
