"""The verbs that write: apply and rollback. One path for both, since a rollback is the plan with its two texts swapped.

The order is the safety: everything that can refuse comes first, then the record, then the write, then the proof on every replica, and
without that proof the old text is put back. What a killed remedy leaves is a record that says "started", and the old text or the new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack

from remedy import journal, order
from remedy.cluster import preflight, records, restart
from remedy.cluster import proof as proofs
from remedy.cluster.converge import Ended, Proof, Timing, converge
from remedy.cluster.lease import Lease
from remedy.cluster.source import LiveSource
from remedy.corefile.tree import Corefile
from remedy.ending import finish, keep, overtaken_by, undo
from remedy.errors import ConflictError, Interrupted, RemedyError, UndoError, UnhealthyError
from remedy.journal import Record
from remedy.plan import Change, Plan
from remedy.service import corefiles_in, placed, shown
from remedy.sources.document import ALONE, Around, Target
from remedy.sources.plain import FileSource
from remedy.sources.reading import read, whole
from remedy.validate.verdict import Validation
from remedy.work import Event, NotProven, Overtaken, Run, Work, restart_all, settle_all, shown_by, verify, watch, why_ended
from remedy.write import Writable, noted, swapped, write

_BY_RESTART = "--strategy restart, or auto, brings the change by a rolling restart"


def apply(
    plan: Plan, sources: Mapping[Target, Writable], run: Run, *, validation: Validation | None = None, undoes: str | None = None
) -> Record | None:
    """Write exactly this plan and prove it; None where all of it is live already, which is proven too.

    ConflictError: a target is neither the plan's old nor its new text. ValidationError: there is no order of its writes in which no lookup
    is lost. UnhealthyError: written, and put back. UndoError: could not be put back.
    """
    todo = [change for change in plan.changes if _to_do(change, sources[change.target])]
    if not todo:
        confirm(plan, sources, run)
        return None
    arounds = _arounds(plan, sources)
    _require_surroundings(plan, sources, arounds)
    recorded = plan._replace(changes=(*_written_before(todo), *todo))
    plan = placed(plan._replace(changes=tuple(todo)), arounds)
    with ExitStack() as leases:
        works: list[Work] = []
        for each in order.writes(plan.changes, version=plan.coredns_version, undo=undoes is not None):
            works.append(_prepared(each, sources[each.changes[0].target], works, plan, run, leases, undo=undoes is not None))
        if run.stop.is_set():
            raise Interrupted
        run.on_event(Event("writing", _names(works)))
        record = journal.begin(recorded, validation=validation.to_data() if validation else None, undoes=undoes, who=_who(works))
        run.on_event(Event("recorded", f"record {record.id}", command=record.undo_command))
        works = [work._replace(source=noted(work.source, record)) for work in works]
        if why := keep(record, works, new=True):
            run.on_event(Event("note", f"the record is on this machine alone: {why}"))
            works = [work._replace(copied=False) for work in works]
        return _carry_out(record, works, plan, run)


def confirm(plan: Plan, sources: Mapping[Target, Writable], run: Run) -> None:
    """Prove that every replica runs what is live; then the records of this change that were cut off have come to their end.

    UnhealthyError where one does not.
    """
    plan = placed(plan, _arounds(plan, sources))
    for each in order.at_once(plan.changes):
        source = sources[each.changes[0].target]
        if not (isinstance(source, LiveSource) and run.verify):
            continue
        sides = read(*each.before), read(*each.after)
        work = Work(each.changes, source, sides, proofs.again(source.corefile, *sides, _label(plan)))
        written = [Work((change,), sources[change.target]) for change in each.changes]
        ended = converge(source.corefile, work.proof or Proof(), watch(work, written, run._replace(timeout=0.0)))
        if ended.why == "late":
            ended = _bring(work, written, run)
        if ended.why:
            raise UnhealthyError(
                f"{work.shown} holds that text, but {why_ended(ended, run)}; nothing was written",
                "undo the change that wrote it: remedy rollback",
            )
    _close_cut_off(plan, sources)


def _bring(work: Work, written: list[Work], run: Run) -> Ended:
    """Wait for the replicas that do not run what is live yet; those that do not look for changes are restarted."""
    live, proof = work.corefile, work.proof or Proof()
    assert live is not None
    assert work.sides is not None
    if _restarts(live, work.sides, run):
        work = work._replace(workloads=_safe_workloads(live))
        proof = proof._replace(replaced=proof.known)
        restart_all(work, run)
    return converge(live, proof, watch(work, written, run))


def _require_surroundings(plan: Plan, sources: Mapping[Target, Writable], arounds: Mapping[Target, Around]) -> None:
    """ConflictError where a live text is read together with others than those that the plan was made and judged with."""
    for change in plan.changes:
        source, planned = sources[change.target], change.around[0]
        if not isinstance(source, LiveSource) or planned == ALONE:
            continue
        own = {each.around[0].own for each in plan.changes if order.home(each) == order.home(change)}
        then, now = (read(*whole(change.before, around)).texts for around in (planned, arounds[change.target]))
        others = sorted(path or source.corefile.key for path in {*then, *now} - own if then.get(path) != now.get(path))
        if others:
            raise ConflictError(
                f"{change.target.shown} is read together with {', '.join(others)}, and that is not the text that was planned with; "
                "nothing was written",
                "somebody changed it since: look at it again with remedy diff",
            )


def _arounds(plan: Plan, sources: Mapping[Target, Writable]) -> dict[Target, Around]:
    """What stands around a plan's live targets now."""
    live = {change.target: source for change in plan.changes if isinstance(source := sources[change.target], LiveSource)}
    return {target: source.read().around for target, source in live.items()}


def _written_before(todo: list[Change]) -> tuple[Change, ...]:
    """What a run that was cut off wrote, where this is all that was left of it: then both are one change, and one rollback undoes both."""
    mine = {_place(change.target): (change.before, change.after) for change in todo}
    for record in journal.unfinished():
        theirs = {_place(change.target): (change.before, change.after) for change in record.changes}
        if mine.items() < theirs.items():
            return tuple(change for change in record.changes if _place(change.target) not in mine)
    return ()


def _close_cut_off(plan: Plan, sources: Mapping[Target, Writable]) -> None:
    """The records of these targets that a killed remedy left: what they describe is live and proven by now, or it is not live."""
    live = {_place(change.target): change for change in plan.changes}
    for record in journal.unfinished():
        mine = [live[place] for change in record.changes if (place := _place(change.target)) in live]
        if mine:
            there = all(_is_live(change, live, sources) for change in record.changes)
            finish(record, "applied" if there else "failed", (), [Work((change,), sources[change.target]) for change in mine])


def _is_live(change: Change, proven: Mapping[tuple[str | None, ...], Change], sources: Mapping[Target, Writable]) -> bool:
    """Does this stand where it was to be written, by what was proven just now or by a look at it?"""
    if (place := _place(change.target)) in proven:
        return proven[place].after == change.after
    target = change.target
    try:
        if target.kind != "cluster":
            return FileSource(target.path or "").text() == change.after
        door = next(source.door for source in sources.values() if isinstance(source, LiveSource))
        found = door.configmap(target.namespace or "", target.name or "")
        return found.uid == target.uid and found.data.get(target.key or "") == change.after
    except (RemedyError, StopIteration):
        return False


def way_back(record: Record, sources: Mapping[Target, Writable], *, force: bool) -> Plan:
    """The way back from what is live. ConflictError where somebody has edited it since, unless forced; its three diffs say how."""
    changes = []
    for change in swapped(record.changes):
        live = sources[change.target].text()
        edited = live not in (change.before, change.after)
        if edited and not force:
            what = f"{change.target.shown} was edited after the change of record {record.id}; nothing was written"
            raise ConflictError(what, _three_parts(change, live))
        changes.append(change._replace(before=live if edited else change.before, diff=shown(live, change.after, change.target)))
    plan = Plan(tuple(changes))
    return placed(plan, _arounds(plan, sources))


def rollback(
    record: Record, sources: Mapping[Target, Writable], run: Run, *, force: bool = False, agreed: Plan | None = None
) -> Record | None:
    """Put back what a record says stood there before; proven like an apply. None where it stands there already.

    `agreed` is the way back as a person has seen it. ConflictError where it is another one by now: `force` is for the edit that was shown.
    """
    plan = way_back(record, sources, force=force)
    if agreed is not None:
        if plan.fingerprint != agreed.fingerprint:
            shown = ", ".join(change.target.shown for change in plan.changes)
            raise ConflictError(
                f"{shown} was edited after the way back was shown; nothing was written", "look at it again: remedy rollback"
            )
        plan = plan._replace(coredns_version=agreed.coredns_version)
    undone = apply(plan, sources, run, undoes=record.id)
    finish(record, "rolled-back", (), [Work((change,), sources[change.target]) for change in plan.changes], run)
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


def _prepared(each: order.Write, source: Writable, earlier: list[Work], plan: Plan, run: Run, leases: ExitStack, *, undo: bool) -> Work:
    """Everything that can refuse this write, `earlier` ones having been made."""
    if not isinstance(source, LiveSource):
        for change in each.changes:
            for side, around in change.sides:
                corefiles_in(side, change.target, around)
        return Work(each.changes, source)
    work = Work(each.changes, source, (read(*each.before), read(*each.after)))
    live = source.corefile
    reloads = proofs.reloads(*_sides(work), live.version)
    if run.strategy == "reload" and (why := restart.why(reloads=reloads, updates=live.updates)):
        raise RemedyError(f"CoreDNS takes no change of {work.shown} by a reload: {why}; nothing was written", _BY_RESTART)
    if any(before.corefile == work.corefile for before in earlier):
        if run.verify:
            proofs.require_seen(live, *_sides(work), _label(plan), restarts=_restarts(live, _sides(work), run))
    else:
        work = _watched(work, plan, run, undo=undo)

    def without(why: str) -> None:
        run.on_event(Event("note", why))

    lease = Lease(source.door, source.namespace, source.name, f"{journal.local_user()} process {os.getpid()}", without)
    lease.take()
    leases.callback(lease.release)
    return work._replace(lease=lease)


def _watched(work: Work, plan: Plan, run: Run, *, undo: bool) -> Work:
    """The work with what will show that it has arrived; the replicas are asked now, before it is written."""
    live, sides = work.corefile, _sides(work)
    assert live is not None
    restarts = _restarts(live, sides, run)
    if run.verify:
        found = proofs.before_write(live, *sides, _label(plan), undo=undo, restarts=restarts)
        work = work._replace(proof=found._replace(replaced=found.known if restarts else frozenset()))
    return work._replace(workloads=_safe_workloads(live) if restarts else ())


def _sides(work: Work) -> tuple[Corefile, Corefile]:
    assert work.sides is not None
    return work.sides


def _restarts(live: LiveSource, sides: tuple[Corefile, Corefile], run: Run) -> bool:
    """Is the change brought by a restart? A reload loses no query, so it is taken wherever CoreDNS looks for changes."""
    return restart.needed(run.strategy, reloads=proofs.reloads(*sides, live.version), updates=live.updates)


def _safe_workloads(source: LiveSource) -> tuple[restart.Workload, ...]:
    found = restart.workloads(source.door, source.namespace, proofs.replicas_of(source))
    for workload in found:
        restart.require_safe(source.door, workload)
        right = preflight.Right("patch", workload.resource, workload.name)
        preflight.require([preflight.rights(source.door, workload.namespace, [right], "to restart")])
    return found


def _carry_out(record: Record, works: list[Work], plan: Plan, run: Run) -> Record:
    """One write after the other, each of them proven before the next: between two of them every replica answers alike."""
    written: list[Work] = []
    timings: list[Timing] = []
    silent: set[str] = set()
    try:
        for planned in works:
            if run.stop.is_set():
                raise Interrupted
            follows = planned.corefile and any(before.corefile == planned.corefile for before in written)
            work = _watched(planned, plan, run, undo=record.undoes is not None) if follows else planned
            write(work.changes, work.source, run.timeout)
            written.append(work)
            run.on_event(Event("written", work.shown, seconds=0.0))
            timings += verify(work, written, run)
        if run.verify and (why := run.lost()):
            raise NotProven(why)
        settle_all(written, run)
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
            finish(record, "failed", (), works, run)
            raise
        undo(record, written, run, f"{error or type(error).__name__}", timings, silent)
    count = len({timing.replica for timing in timings})
    proven = f"{count} of {count} replicas {shown_by(written)}" if timings else "the new text is in place"
    run.on_event(Event("verified" if run.verify else "note", proven if run.verify else "written, and not verified: --no-verify"))
    record = finish(record, "applied", timings, works, run)
    _close_cut_off(plan, {change.target: work.source for work in works for change in work.changes})
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
    return ", ".join(work.shown for work in works)


def _label(plan: Plan) -> str:
    return f"remedy-{plan.fingerprint[:8]}"
