"""The verbs that write: apply and rollback. One path for both, since a rollback is the plan with its two texts swapped.

The order is the safety: everything that can refuse comes first, then the record, then the write, then the proof on every replica, and
without that proof the old text is put back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from remedy import journal
from remedy.answers.questions import Question, questions
from remedy.cluster.converge import Standing, Timing, converge, stand
from remedy.cluster.source import LiveSource
from remedy.errors import ClusterError, ConflictError, Interrupted, RemedyError, UndoError, UnhealthyError, UnknownOutcomeError
from remedy.journal import Record
from remedy.plan import Change, Plan
from remedy.service import corefiles_in, shown
from remedy.sources.document import Target
from remedy.validate.model import Validation

_RETRY_SECONDS = 1.0
Kind = Literal["recorded", "writing", "written", "replica", "waiting", "verified", "undoing", "undone"]


class Event(NamedTuple):
    """Something that happened on the way; `seconds` since the write. From `writing` on, a signal no longer ends remedy but undoes."""

    kind: Kind
    text: str
    replica: str = ""
    seconds: float | None = None


class Writable(Protocol):
    """A source that can be written."""

    def text(self) -> str: ...
    def write(self, target: Target, before: str, after: str) -> None: ...


class Run(NamedTuple):
    """What one apply works with: how long to wait, whom to tell, and the event that stops it."""

    timeout: float
    on_event: Callable[[Event], None]
    stop: threading.Event


def apply(
    plan: Plan, sources: Mapping[Target, Writable], run: Run, *, validation: Validation | None = None, undoes: str | None = None
) -> Record | None:
    """Write exactly this plan and prove it; None where all of it is live already.

    ConflictError: a target is neither the plan's old nor its new text. UnhealthyError: written, and put back. UndoError: could not
    be put back.
    """
    todo = [change for change in plan.changes if _to_do(change, sources[change.target])]
    if not todo:
        return None
    plan = plan._replace(changes=tuple(todo))
    proofs = {change.target: _proof(change, sources[change.target], plan.fingerprint, undo=undoes is not None) for change in todo}
    if run.stop.is_set():
        raise Interrupted
    run.on_event(Event("writing", ", ".join(change.target.shown for change in todo)))
    record = journal.begin(plan, validation=validation.to_data() if validation else None, undoes=undoes)
    run.on_event(Event("recorded", f"record {record.id}"))
    written: list[Change] = []
    timings: list[Timing] = []
    try:
        if run.stop.is_set():
            raise Interrupted
        for change in todo:
            _write(change, sources[change.target], run)
            written.append(change)
        run.on_event(Event("written", ", ".join(change.target.shown for change in todo), seconds=0.0))
        for change in todo:
            timings += _verify(change, sources[change.target], proofs[change.target], run)
    except _NotProven as failed:
        timings += failed.timings
        _undo(record, written, sources, proofs, run, f"{failed}", timings)
    except UndoError as error:
        raise UndoError(str(error), f"look at what is live; this puts the old text back: {record.undo_command}") from None
    except Exception as error:
        if not written:
            journal.finish(record, "failed")
            raise
        _undo(record, written, sources, proofs, run, f"{error or type(error).__name__}", timings)
    run.on_event(
        Event("verified", f"{len(timings)} of {len(timings)} replicas answer as predicted" if timings else "the new text is in place")
    )
    return journal.finish(record, "applied", _rows(timings))


def swapped(record: Record) -> Plan:
    """The way back, as a plan."""
    changes = (change._replace(before=change.after, after=change.before) for change in record.changes)
    return Plan(tuple(change._replace(diff=shown(change.before, change.after, change.target)) for change in changes))


def rollback(record: Record, sources: Mapping[Target, Writable], run: Run) -> Record | None:
    """Put back what a record says stood there before; proven like an apply. None where it stands there already."""
    undone = apply(swapped(record), sources, run, undoes=record.id)
    journal.finish(record, "rolled-back")
    return undone


class _NotProven(Exception):
    """The replicas did not come to answer by the new text; the message says why."""

    def __init__(self, why: str, timings: tuple[Timing, ...] = ()) -> None:
        super().__init__(why)
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


def _proof(change: Change, source: Writable, fingerprint: str, *, undo: bool) -> tuple[Question, ...]:
    """What to ask the replicas; asked once now, so that a missing right or a silent replica stops the apply before anything is written."""
    before, after = (corefiles_in(text, change.target, around) for text, around in change.sides)
    if not isinstance(source, LiveSource):
        return ()
    asked = questions(before[0], after[0], f"remedy-{fingerprint[:8]}")
    if not any(question.tells for question in asked):
        raise RemedyError(
            "no DNS answer tells the old text from the new one, so remedy could not see which one a replica runs; nothing was written",
            "this change has to be made, and watched, by hand",
        )
    standings = [stand(source.door, source.namespace, replica, asked) for replica in source.door.replicas(source.namespace)]
    if not standings:
        raise ClusterError(
            f"no pod answers DNS in {source.namespace}; nothing was written", "remedy has to see replicas to verify a change"
        )
    for standing in standings:
        if isinstance(standing.error, ClusterError):
            raise standing.error
        if standing.error is not None:
            raise ClusterError(
                f"{standing.replica} does not answer, so a change could not be verified there; nothing was written ({standing.detail})",
                f"look at that pod first: kubectl -n {source.namespace} describe pod {standing.replica}",
            )
    if undo:  # it may well come before every replica has taken what it undoes
        return asked
    # Only a prediction that holds for the live text can tell when the new one is there.
    columns = [(question, {standing.verdicts[place] for standing in standings}) for place, question in enumerate(asked)]
    telling = [question for question, verdicts in columns if question.tells and verdicts == {question.old}]
    others = [question for question, verdicts in columns if not question.tells and verdicts == {question.new}]
    if not telling:
        raise RemedyError(
            "the replicas do not answer as the live text predicts, so the change could not be seen; nothing was written "
            f"({standings[0].detail})",
            "is one still loading an earlier change, or does a plugin before `template` answer? in a minute, look again: remedy validate",
        )
    return (*telling, *others)


def _write(change: Change, source: Writable, run: Run) -> None:
    """One write. Where its answer was lost, what is live now tells whether it was carried out; it is never sent again."""
    try:
        source.write(change.target, change.before, change.after)
    except UnknownOutcomeError as error:
        now = _text_by(source, time.monotonic() + run.timeout)
        if now is None:
            raise UndoError(f"{error}; whether the change was written is not known") from None
        if now != change.after:
            raise ClusterError(f"{error}; the old text is still live, nothing was written", error.hint) from None


def _text_by(source: Writable, deadline: float) -> str | None:
    """What is live, asked for again until the deadline while the cluster does not answer."""
    while True:
        try:
            return source.text()
        except ClusterError:
            if time.monotonic() >= deadline:
                return None
            time.sleep(_RETRY_SECONDS)


def _verify(change: Change, source: Writable, asked: tuple[Question, ...], run: Run) -> tuple[Timing, ...]:
    if not isinstance(source, LiveSource):
        if source.text() != change.after:
            raise _NotProven(f"{change.target.shown} does not hold what was written")
        return ()

    def seen(standing: Standing, seconds: float) -> None:
        words = {"new": "answers as predicted", "old": "answers as before, waiting for its reload"}
        run.on_event(Event("replica", words.get(standing.state, standing.detail), standing.replica, seconds))

    def waiting(done: int, of: int, seconds: float) -> None:
        run.on_event(Event("waiting", f"{done} of {of} replicas answer as predicted", seconds=seconds))

    done, timings = converge(source.door, source.namespace, asked, timeout=run.timeout, stop=run.stop, seen=seen, waiting=waiting)
    if not done:
        late = [timing for timing in timings if timing.seconds is None]
        names = "; ".join(f"{timing.replica}: {timing.detail}" for timing in late) or "no replica is left"
        raise _NotProven("interrupted" if run.stop.is_set() else f"not healthy within {run.timeout:g} s ({names})", timings)
    return timings


def _undo(
    record: Record,
    written: list[Change],
    sources: Mapping[Target, Writable],
    proofs: Mapping[Target, tuple[Question, ...]],
    run: Run,
    why: str,
    timings: list[Timing],
) -> None:
    """Put every old text back, the last one first, and prove it. Always raises: UnhealthyError when that worked, else UndoError."""
    run.on_event(Event("undoing", why))
    calm = run._replace(stop=threading.Event())  # a second signal must not leave the cluster half-way
    try:
        for change in reversed(written):
            _put_back(change, sources[change.target], run)
        for change in reversed(written):
            back = change._replace(before=change.after, after=change.before)
            _verify(back, sources[change.target], _reversed(proofs[change.target]), calm)
    except Exception as error:
        journal.finish(record, "failed", _rows(timings))
        raise UndoError(f"{why}; and the old text could not be put back: {error}", f"put it back by hand: {record.undo_command}") from None
    journal.finish(record, "failed", _rows(timings))
    run.on_event(Event("undone", "the old text is live again, verified"))
    raise UnhealthyError(f"{why}; the old text is live again, verified", f"the record of this attempt: remedy history {record.id}")


def _put_back(change: Change, source: Writable, run: Run) -> None:
    deadline = time.monotonic() + run.timeout
    while True:
        try:
            source.write(change.target, change.after, change.before)
            return
        except ConflictError:
            if source.text() == change.before:
                return
            raise
        except ClusterError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_SECONDS)


def _reversed(asked: tuple[Question, ...]) -> tuple[Question, ...]:
    """The same questions for the way back; what the old text answers is not known of all of them."""
    return tuple(each._replace(old=each.new, new=each.old) for each in asked if each.old != "unknown")


def _rows(timings: list[Timing]) -> tuple[dict[str, Any], ...]:
    return tuple(timing._asdict() for timing in timings)
