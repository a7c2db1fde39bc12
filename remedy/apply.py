"""The verbs that write: apply and rollback. One path for both, since a rollback is the plan with its two texts swapped.

The order is the safety: everything that can refuse comes first, then the record, then the write, then the proof on every replica, and
without that proof the old text is put back. What a killed remedy leaves is a record that says "started", and the old text or the new one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Literal, NamedTuple

from remedy import journal
from remedy.cluster import proof as proofs
from remedy.cluster import records, restart
from remedy.cluster.converge import REFUSED, Ended, Proof, Standing, Timing, Watch, converge, settle
from remedy.cluster.lease import Lease
from remedy.cluster.poke import Poker
from remedy.cluster.source import LiveSource
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, ConflictError, Interrupted, RemedyError, UndoError, UnhealthyError
from remedy.journal import Record
from remedy.plan import Change, Plan
from remedy.service import corefiles_in, shown
from remedy.sources.document import Target
from remedy.validate.verdict import Validation
from remedy.write import Writable, noted, put_back, write

_COUNTED_SECONDS = 0.5
_STEADY_SECONDS = 1.0  # an undo may overtake the change that it undoes on its way to a pod
Kind = Literal["recorded", "writing", "written", "note", "replica", "waiting", "settling", "verified", "undoing", "undone"]
Strategy = Literal["auto", "reload", "restart"]


class Event(NamedTuple):
    """Something that happened on the way; `seconds` since the write. From `writing` on, a signal no longer ends remedy but undoes.

    `command` comes with `recorded`: what a person runs to undo the change without remedy. `state` comes with `replica`: where it stands.
    """

    kind: Kind
    text: str
    replica: str = ""
    seconds: float | None = None
    command: str = ""
    state: str = ""


class Run(NamedTuple):
    """What one apply works with: how long to wait, whom to tell, and the event that stops it.

    `settle` seconds are watched after the proof; `poke`: make kubelets bring the change at once; `verify` is false where nobody is to
    look whether the replicas take it. `lost` is asked once all of them have: what clients lost by the change, "" for nothing.
    """

    timeout: float
    on_event: Callable[[Event], None]
    stop: threading.Event
    settle: float = 0.0
    poke: bool = True
    verify: bool = True
    strategy: Strategy = "auto"
    lost: Callable[[], str] = lambda: ""


class _Work(NamedTuple):
    """One change, and how it is brought to the replicas; without a proof nobody looks."""

    change: Change
    source: Writable
    proof: Proof | None = None
    workloads: tuple[restart.Workload, ...] = ()
    lease: Lease | None = None

    @property
    def live(self) -> LiveSource | None:
        return self.source if isinstance(self.source, LiveSource) else None


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
        _keep(record, works, run, new=True)
        return _carry_out(record, works, run)


def confirm(plan: Plan, sources: Mapping[Target, Writable], run: Run) -> None:
    """Prove that every replica runs what is live; then the records of this change that were cut off have come to their end.

    UnhealthyError where one does not.
    """
    for change in plan.changes:
        source = sources[change.target]
        if not (isinstance(source, LiveSource) and run.verify):
            continue
        work = _Work(change, source, proofs.again(source, *_sides(change), _label(plan)))
        ended = converge(source, work.proof or Proof(), _watch(work, run._replace(timeout=0.0)))
        if ended.why == "late":
            ended = _bring(work, run)
        if ended.why:
            raise UnhealthyError(
                f"{change.target.shown} holds that text, but {_why(ended, run)}; nothing was written",
                "undo the change that wrote it: remedy rollback",
            )
    _close_cut_off(plan, sources)


def _bring(work: _Work, run: Run) -> Ended:
    """Wait for the replicas that do not run what is live yet; those that do not look for changes are restarted."""
    live, proof = work.live, work.proof or Proof()
    assert live is not None
    if _restarts(work.change, run):
        work = work._replace(workloads=_safe_workloads(live))
        proof = proof._replace(replaced=proof.known)
        _restart(live, work, run)
    return converge(live, proof, _watch(work, run))


def _restart(live: LiveSource, work: _Work, run: Run) -> None:
    for workload in work.workloads:
        restart.restart(live.door, workload)
        run.on_event(Event("note", f"restarting the {workload.shown} by its own strategy"))


def _close_cut_off(plan: Plan, sources: Mapping[Target, Writable]) -> None:
    """The records of these targets that a killed remedy left: what they describe is live and proven by now, or it is not live."""
    live = {_place(change.target): change for change in plan.changes}
    for record in journal.unfinished():
        places = [_place(change.target) for change in record.changes]
        if places and all(place in live for place in places):
            there = all(live[place].after == change.after for place, change in zip(places, record.changes, strict=True))
            works = [_Work(live[place], sources[live[place].target]) for place in places]
            _finish(record, "applied" if there else "failed", (), works)


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
    _finish(record, "rolled-back", (), [_Work(change, sources[change.target]) for change in plan.changes])
    return undone


class _NotProven(Exception):
    """The replicas did not come to run the new text; the message says why."""

    def __init__(self, why: str, ended: Ended | None = None) -> None:
        super().__init__(why)
        self.timings = ended.timings if ended else ()
        self.silent = frozenset(ended.silent) if ended else frozenset()


class _Overtaken(Exception):
    """Somebody wrote another text meanwhile."""

    def __init__(self, work: _Work, text: str, timings: tuple[Timing, ...]) -> None:
        super().__init__("somebody wrote another text meanwhile")
        self.work = work
        self.text = text
        self.timings = timings


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


def _prepared(change: Change, source: Writable, plan: Plan, run: Run, leases: ExitStack, *, undo: bool) -> _Work:
    """Everything that can refuse this change."""
    before, after = _sides(change)
    if not isinstance(source, LiveSource):
        return _Work(change, source)
    door, namespace = source.door, source.namespace
    restarts = _restarts(change, run)
    if run.strategy == "reload" and not proofs.reloads(change.before):
        raise RemedyError(
            f"CoreDNS does not look for changes of {change.target.shown}: its Corefile has no plugin reload; nothing was written",
            "--strategy restart brings the change by a rolling restart",
        )
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
    return _Work(change, source, proof, workloads, lease)


def _sides(change: Change) -> tuple[Corefile, Corefile]:
    """Its first Corefile before and after, each with what it imports. ParseError where CoreDNS would refuse a text."""
    before, after = (corefiles_in(text, change.target, around)[0] for text, around in change.sides)
    return before, after


def _restarts(change: Change, run: Run) -> bool:
    """Is the change brought by a restart? A reload loses no query, so it is taken wherever CoreDNS looks for changes."""
    return run.strategy == "restart" or (run.strategy == "auto" and not proofs.reloads(change.before))


def _safe_workloads(source: LiveSource) -> tuple[restart.Workload, ...]:
    found = restart.workloads(source.door, source.namespace, proofs.replicas_of(source))
    for workload in found:
        restart.require_safe(source.door, workload)
    return found


def _carry_out(record: Record, works: list[_Work], run: Run) -> Record:
    written: list[_Work] = []
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
            timings += _verify(work, run)
        if run.verify and (why := run.lost()):
            raise _NotProven(why)
        _settle(works, run)
    except _Overtaken as overtaken:
        _overtaken(overtaken, record, written, run, timings)
    except _NotProven as failed:
        timings += failed.timings
        silent |= failed.silent
        _undo(record, written, run, f"{failed}", timings, silent)
    except UndoError as error:
        raise UndoError(str(error), f"look at what is live; this puts the old text back: {record.undo_command}") from None
    except Exception as error:
        if not written:
            _finish(record, "failed", (), works)
            raise
        _undo(record, written, run, f"{error or type(error).__name__}", timings, silent)
    proven = f"{len(timings)} of {len(timings)} replicas answer as predicted" if timings else "the new text is in place"
    run.on_event(Event("verified" if run.verify else "note", proven if run.verify else "written, and not verified: --no-verify"))
    record = _finish(record, "applied", timings, works)
    _close_cut_off(Plan(tuple(work.change for work in works)), {work.change.target: work.source for work in works})
    journal.prune()
    for live in {work.live for work in works if work.live}:
        records.prune(live.door, live.namespace)
    return record


def _verify(work: _Work, run: Run, *, steady: float = 0.0) -> tuple[Timing, ...]:
    live, proof, change = work.live, work.proof, work.change
    if live is None:
        if work.source.text() != change.after:
            raise _NotProven(f"{change.target.shown} does not hold what was written")
        return ()
    _restart(live, work, run)
    if proof is None:
        return ()
    # CoreDNS shows the hash of a text a moment before it counts that it could not load it.
    steady = max(steady, 0.0 if proof.tells else _COUNTED_SECONDS)
    return _proven(work, live, converge(live, proof, _watch(work, run), steady=steady), run)


def _proven(work: _Work, live: LiveSource, ended: Ended, run: Run) -> tuple[Timing, ...]:
    """When each replica was there. _Overtaken or _NotProven where the wait ended otherwise."""
    if ended.why == "overtaken":
        raise _Overtaken(work, live.text(), ended.timings)
    if ended.why:
        raise _NotProven(_why(ended, run), ended)
    return ended.timings


def _settle(works: list[_Work], run: Run) -> None:
    """Watch on, for what only shows later: a replica that worsens, a controller that puts its own text back."""
    for work in works:
        if work.live is None or work.proof is None or run.settle <= 0:
            continue
        run.on_event(Event("settling", f"every replica has it; watching for another {run.settle:g} s"))
        calm = run._replace(settle=run.settle / len(works))
        _proven(work, work.live, settle(work.live, work.proof, _watch(work, calm), calm.settle), run)


def _watch(work: _Work, run: Run) -> Watch:
    live = work.live
    assert live is not None

    def seen(standing: Standing, seconds: float) -> None:
        text = "answers as before, waiting for its reload" if standing.state == "old" and standing.refuted else standing.detail
        run.on_event(Event("replica", text, standing.replica, seconds, state=standing.state))

    def waiting(done: int, of: int, seconds: float) -> None:
        run.on_event(Event("waiting", f"{done} of {of} replicas answer as predicted", seconds=seconds))

    def overtaken() -> bool:
        if work.lease:
            work.lease.renew()
        try:
            return live.text() != work.change.after
        except ClusterError:
            return False

    def refused(why: str) -> None:
        run.on_event(Event("note", why))

    poke = Poker(live.door, live.namespace, refused) if run.poke and not work.workloads else _no_poke
    return Watch(
        run.timeout,
        run.stop,
        seen,
        waiting,
        poke,
        overtaken,
        lambda: all(restart.complete(live.door, each) for each in work.workloads),
    )


def _no_poke(_replica: str) -> bool:
    return False


def _why(ended: Ended, run: Run) -> str:
    late = "; ".join(f"{timing.replica}: {timing.detail}" for timing in ended.timings if timing.seconds is None) or "no replica is left"
    return {
        "late": f"not healthy within {run.timeout:g} s ({late})",
        "stopped": "interrupted",
        "refused": "; ".join(f"{timing.replica}: {timing.detail}" for timing in ended.timings if timing.detail == REFUSED),
        "worse": f"worse within the settle time ({late})",
        "overtaken": "somebody wrote another text meanwhile",
    }.get(ended.why, ended.why)


def _overtaken(overtaken: _Overtaken, record: Record, written: list[_Work], run: Run, timings: list[Timing]) -> None:
    """Somebody wrote another text: it is left alone. Always raises."""
    work = overtaken.work
    assert work.live is not None
    writer = work.live.writer() or "somebody"
    rows = [*timings, *overtaken.timings]
    if overtaken.text != work.change.before:
        for other in reversed(written):
            if other.change.target != work.change.target:
                with suppress(RemedyError):
                    put_back(other.change, other.source, run.timeout)
        _finish(record, "failed", rows, written)
        raise UndoError(
            f"{writer} wrote another text over the change of {work.change.target.shown}, and it was left alone: "
            "what is live is neither the old text nor the new one",
            f"look at it: remedy diff; this puts the old text back: {record.undo_command}",
        )
    run.on_event(Event("undoing", f"put back by a controller ({writer})"))
    _undo(record, written, run, f"put back by a controller: {writer}", rows, set())


def _undo(record: Record, written: list[_Work], run: Run, why: str, timings: list[Timing], silent: set[str]) -> None:
    """Put every old text back, the last one first, and prove it. Always raises: UnhealthyError when that worked, else UndoError.

    A replica that did not answer when the change was given up is not waited for: it takes no text, neither the new one nor the old.
    """
    run.on_event(Event("undoing", why))
    calm = run._replace(stop=threading.Event())  # a second signal must not leave the cluster half-way
    try:
        for work in reversed(written):
            put_back(work.change, work.source, run.timeout)
        for work in reversed(written):
            _verify(_backwards(work, silent), calm, steady=_STEADY_SECONDS if work.live else 0.0)
    except Exception as error:
        _finish(record, "failed", timings, written)
        raise UndoError(f"{why}; and the old text could not be put back: {error}", f"put it back by hand: {record.undo_command}") from None
    _finish(record, "failed", timings, written)
    run.on_event(Event("undone", "the old text is live again, verified"))
    rest = f"; {', '.join(sorted(silent))} did not answer, and was not waited for" if silent else ""
    raise UnhealthyError(f"{why}; the old text is live again, verified{rest}", f"the record of this attempt: remedy history {record.id}")


def _backwards(work: _Work, silent: set[str]) -> _Work:
    """The work of putting its old text back."""
    change = work.change._replace(before=work.change.after, after=work.change.before)
    if work.live is None or work.proof is None:
        return work._replace(change=change)
    proof = proofs.back(work.proof, work.live, *_sides(work.change))
    if work.workloads:
        proof = proof._replace(replaced=proof.known)
    return work._replace(change=change, proof=proof._replace(excused=frozenset(silent)))


def _finish(record: Record, outcome: journal.Outcome, timings: list[Timing] | tuple[Timing, ...], works: list[_Work]) -> Record:
    record = journal.finish(record, outcome, tuple(timing._asdict() for timing in timings))
    _keep(record, works, None, new=False)
    return record


def _keep(record: Record, works: list[_Work], run: Run | None, *, new: bool) -> None:
    """The record in the cluster; where that cannot be, the one on disk has to do."""
    text = journal.to_text(record)
    for door, namespace in {(work.live.door, work.live.namespace): None for work in works if work.live}:
        why = records.keep(door, namespace, record.id, text, record.outcome, new=new)
        if why and run:
            run.on_event(Event("note", f"the record is on this machine alone: {why}"))


def _who(works: list[_Work]) -> str:
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


def _names(works: list[_Work]) -> str:
    return ", ".join(work.change.target.shown for work in works)


def _label(plan: Plan) -> str:
    return f"remedy-{plan.fingerprint[:8]}"
