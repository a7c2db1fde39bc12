"""The verbs that write: apply and rollback. One path for both, since a rollback is the plan with its two texts swapped.

The order is the safety: everything that can refuse comes first, then the record, then the write, then the proof on every replica, and
without that proof the old text is put back. What a killed remedy leaves is a record that says "started", and the old text or the new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack

from remedy import journal
from remedy.cluster import proof as proofs
from remedy.cluster import records, restart
from remedy.cluster.converge import Ended, Proof, Timing, converge
from remedy.cluster.lease import Lease
from remedy.cluster.source import LiveSource
from remedy.ending import finish, keep, overtaken_by, undo
from remedy.errors import ConflictError, Interrupted, RemedyError, UndoError, UnhealthyError
from remedy.journal import Record
from remedy.plan import Change, Plan
from remedy.service import shown
from remedy.sources.document import Target
from remedy.validate.verdict import Validation
from remedy.work import Event as Event
from remedy.work import NotProven, Overtaken, Work, restart_all, settle_all, sides, verify, watch, why_ended
from remedy.work import Run as Run
from remedy.write import Writable, noted, write

_BY_RESTART = "--strategy restart, or auto, brings the change by a rolling restart"


def apply(
    plan: Plan, sources: Mapping[Target, Writable], run: Run, *, validation: Validation | None = None, undoes: str | None = None
) -> Record | None:
    """Write exactly this plan and prove it; None where all of it is live already, which is proven too.

    ConflictError: a target is neither the plan's old nor its new text. UnhealthyError: written, and put back. UndoError: could not
    be put back.
    """
    todo = [change for change in plan.changes if _to_do(change, sources[change.target])]
    if not todo:
        confirm(plan, sources, run)
        return None
    plan = plan._replace(changes=tuple(todo))
    with ExitStack() as leases:
        works = [_prepared(change, sources[change.target], plan, run, leases, undo=undoes is not None) for change in todo]
        if run.stop.is_set():
            raise Interrupted
        run.on_event(Event("writing", _names(works)))
        record = journal.begin(plan, validation=validation.to_data() if validation else None, undoes=undoes, who=_who(works))
        run.on_event(Event("recorded", f"record {record.id}", command=record.undo_command))
        works = [work._replace(source=noted(work.source, record)) for work in works]
        keep(record, works, run, new=True)
        return _carry_out(record, works, run)


def confirm(plan: Plan, sources: Mapping[Target, Writable], run: Run) -> None:
    """Prove that every replica runs what is live; then the records of this change that were cut off have come to their end.

    UnhealthyError where one does not.
    """
    for change in plan.changes:
        source = sources[change.target]
        if not (isinstance(source, LiveSource) and run.verify):
            continue
        work = Work(change, source, proofs.again(source, *sides(change), _label(plan)))
        ended = converge(source, work.proof or Proof(), watch(work, run._replace(timeout=0.0)))
        if ended.why == "late":
            ended = _bring(work, run)
        if ended.why:
            raise UnhealthyError(
                f"{change.target.shown} holds that text, but {why_ended(ended, run)}; nothing was written",
                "undo the change that wrote it: remedy rollback",
            )
    _close_cut_off(plan, sources)


def _bring(work: Work, run: Run) -> Ended:
    """Wait for the replicas that do not run what is live yet; those that do not look for changes are restarted."""
    live, proof = work.live, work.proof or Proof()
    assert live is not None
    if restart.needed(work.change.before, run.strategy, updates=live.updates):
        work = work._replace(workloads=_safe_workloads(live))
        proof = proof._replace(replaced=proof.known)
        restart_all(live, work, run)
    return converge(live, proof, watch(work, run))


def _close_cut_off(plan: Plan, sources: Mapping[Target, Writable]) -> None:
    """The records of these targets that a killed remedy left: what they describe is live and proven by now, or it is not live."""
    live = {_place(change.target): change for change in plan.changes}
    for record in journal.unfinished():
        places = [_place(change.target) for change in record.changes]
        if places and all(place in live for place in places):
            there = all(live[place].after == change.after for place, change in zip(places, record.changes, strict=True))
            works = [Work(live[place], sources[live[place].target]) for place in places]
            finish(record, "applied" if there else "failed", (), works)


def swapped(record: Record) -> Plan:
    """The way back, as a plan."""
    changes = (change._replace(before=change.after, after=change.before) for change in record.changes)
    return Plan(tuple(change._replace(diff=shown(change.before, change.after, change.target)) for change in changes))


def way_back(record: Record, sources: Mapping[Target, Writable], *, force: bool) -> Plan:
    """The way back from what is live. ConflictError where somebody has edited it since, unless forced; its three diffs say how."""
    changes = []
    for change in swapped(record).changes:
        live = sources[change.target].text()
        edited = live not in (change.before, change.after)
        if edited and not force:
            what = f"{change.target.shown} was edited after the change of record {record.id}; nothing was written"
            raise ConflictError(what, _three_parts(change, live))
        changes.append(change._replace(before=live, diff=shown(live, change.after, change.target)) if edited else change)
    return Plan(tuple(changes))


def rollback(record: Record, sources: Mapping[Target, Writable], run: Run, *, force: bool = False) -> Record | None:
    """Put back what a record says stood there before; proven like an apply. None where it stands there already."""
    plan = way_back(record, sources, force=force)
    undone = apply(plan, sources, run, undoes=record.id)
    finish(record, "rolled-back", (), [Work(change, sources[change.target]) for change in plan.changes])
    return undone


def _to_do(change: Change, source: Writable) -> bool:
    now = source.text()
    if now == change.after:
        return False
    if now != change.before:
        raise ConflictError(
            f"{change.target.shown} is neither the text that was planned for nor the planned one; nothing was written",
            "somebody changed it since: look at it again with remedy diff",
        )
    return True


def _prepared(change: Change, source: Writable, plan: Plan, run: Run, leases: ExitStack, *, undo: bool) -> Work:
    """Everything that can refuse this change."""
    before, after = sides(change)
    if not isinstance(source, LiveSource):
        return Work(change, source)
    door, namespace = source.door, source.namespace
    restarts = restart.needed(change.before, run.strategy, updates=source.updates)
    if run.strategy == "reload" and (why := restart.why(change.before, updates=source.updates)):
        raise RemedyError(f"CoreDNS takes no change of {change.target.shown} by a reload: {why}; nothing was written", _BY_RESTART)
    proof: Proof | None = None
    workloads: tuple[restart.Workload, ...] = ()
    if run.verify:
        found = proofs.before_write(source, before, after, _label(plan), undo=undo, restarts=restarts)
        proof = found._replace(replaced=found.known if restarts else frozenset())
    if restarts:
        workloads = _safe_workloads(source)
    lease = Lease(door, namespace, source.name, f"{journal.local_user()} process {os.getpid()}")
    lease.take()
    leases.callback(lease.release)
    return Work(change, source, proof, workloads, lease)


def _safe_workloads(source: LiveSource) -> tuple[restart.Workload, ...]:
    found = restart.workloads(source.door, source.namespace, proofs.replicas_of(source))
    for workload in found:
        restart.require_safe(source.door, workload)
    return found


def _carry_out(record: Record, works: list[Work], run: Run) -> Record:
    written: list[Work] = []
    timings: list[Timing] = []
    silent: set[str] = set()
    try:
        if run.stop.is_set():
            raise Interrupted
        for work in works:
            write(work.change, work.source, run.timeout)
            written.append(work)
        run.on_event(Event("written", _names(works), seconds=0.0))
        for work in works:
            timings += verify(work, run)
        if run.verify and (why := run.lost()):
            raise NotProven(why)
        settle_all(works, run)
    except Overtaken as overtaken:
        overtaken_by(overtaken, record, written, run, timings)
    except NotProven as failed:
        timings += failed.timings
        silent |= failed.silent
        undo(record, written, run, f"{failed}", timings, silent)
    except UndoError as error:
        raise UndoError(str(error), f"look at what is live; this puts the old text back: {record.undo_command}") from None
    except Exception as error:
        if not written:
            finish(record, "failed", (), works)
            raise
        undo(record, written, run, f"{error or type(error).__name__}", timings, silent)
    proven = f"{len(timings)} of {len(timings)} replicas answer as predicted" if timings else "the new text is in place"
    run.on_event(Event("verified" if run.verify else "note", proven if run.verify else "written, and not verified: --no-verify"))
    record = finish(record, "applied", timings, works)
    _close_cut_off(Plan(tuple(work.change for work in works)), {work.change.target: work.source for work in works})
    journal.prune()
    for live in {work.live for work in works if work.live}:
        records.prune(live.door, live.namespace)
    return record


def _who(works: list[Work]) -> str:
    """The user's name in the first of the clusters."""
    return next((work.live.door.user() for work in works if work.live), "")


def _place(target: Target) -> tuple[str | None, ...]:
    """What is written, whatever the folder that it is named from."""
    return (os.path.abspath(target.path),) if target.path else (target.uid, target.key)


def _three_parts(change: Change, live: str) -> str:
    """`change` is the way back: its `before` is what the record wrote."""
    parts = (
        ("what the record wrote", shown(change.after, change.before, change.target)),
        ("what was edited since", shown(change.before, live, change.target)),
        ("what a rollback would do: it takes that edit back too", shown(live, change.after, change.target)),
    )
    return "\n".join(f"{title}:\n{diff}" for title, diff in parts) + "--force does it all the same"


def _names(works: list[Work]) -> str:
    return ", ".join(work.change.target.shown for work in works)


def _label(plan: Plan) -> str:
    return f"remedy-{plan.fingerprint[:8]}"
