"""How a run ends: its record is closed, and where it did not turn out well every old text is put back and proven.

Somebody else's text is never written over: whoever wrote it is named, and a person decides.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from remedy import journal
from remedy.cluster import proof as proofs
from remedy.cluster import records
from remedy.cluster.converge import Timing
from remedy.errors import RemedyError, StateError, UndoError, UnhealthyError
from remedy.journal import Record
from remedy.sources.reading import read
from remedy.work import Event, NotProven, Overtaken, Run, Work, verify
from remedy.write import held, put_back, swapped

_STEADY_SECONDS = 1.0  # an undo may overtake the change that it undoes on its way to a pod


def overtaken_by(overtaken: Overtaken, record: Record, written: list[Work], run: Run, timings: list[Timing]) -> None:
    """Somebody wrote another text: it is left alone. Always raises."""
    work = overtaken.work
    assert work.live is not None
    writer = work.live.writer() or "somebody"
    rows = [*timings, *overtaken.timings]
    now = held(work.changes, work.source)
    if now != tuple(change.before for change in work.changes):
        for other in reversed(written):
            if other is not work:
                with suppress(RemedyError):
                    put_back(other.changes, other.source, run.timeout)
        finish(record, "failed", rows, written, run)
        if not any(now):
            raise UndoError(
                f"somebody took {work.shown} away after the change; the replicas run on with what they have, and one that restarts "
                "may not come up",
                f"whoever did it has to put it back; the old text is in {journal.path_of(record.id)}, under changes / before",
            )
        raise UndoError(
            f"{writer} wrote another text over the change of {work.shown}, and it was left alone: "
            "what is live is neither the old text nor the new one",
            f"look at it: remedy diff; this puts the old text back: {record.undo_command}",
        )
    run.on_event(Event("undoing", f"put back by a controller ({writer})"))
    undo(record, written, run, f"put back by a controller: {writer}", rows, set())


def undo(record: Record, written: list[Work], run: Run, why: str, timings: list[Timing], silent: set[str]) -> None:
    """Put every old text back, the last one first, and prove it. Always raises: UnhealthyError when that worked, else UndoError.

    On the way each write is waited for as it was on the way there, and only what is live in the end has to be proven. A replica that did
    not answer when the change was given up is not waited for: it takes no text, neither the new one nor the old.
    """
    run.on_event(Event("undoing", why))
    calm = run._replace(stop=threading.Event())  # a second signal must not leave the cluster half-way
    try:
        for place, work in reversed(list(enumerate(written))):
            put_back(work.changes, work.source, run.timeout)
            back = _backwards(work, silent)
            try:
                verify(back, [back], calm, steady=_STEADY_SECONDS if work.live else 0.0)
            except NotProven:
                if not (work.corefile and any(each.corefile == work.corefile for each in written[:place])):
                    raise
    except Exception as error:
        finish(record, "failed", timings, written, run)
        if _is_back(written):
            shown = ", ".join(work.shown for work in written)
            raise UndoError(
                f"{why}; the old text is back in {shown}, but not every replica was seen to run it: {error}",
                f"look at those pods, then have it proven: remedy rollback {record.id}; or by hand, once more: {record.undo_command}",
            ) from None
        raise UndoError(f"{why}; and the old text could not be put back: {error}", f"put it back by hand: {record.undo_command}") from None
    finish(record, "failed", timings, written, run)
    run.on_event(Event("undone", "the old text is live again, verified"))
    rest = f"; {', '.join(sorted(silent))} did not answer, and was not waited for" if silent else ""
    raise UnhealthyError(f"{why}; the old text is live again, verified{rest}", f"the record of this attempt: remedy history {record.id}")


def _is_back(written: list[Work]) -> bool:
    """Does every old text stand in its place? False where that cannot be seen."""
    with suppress(RemedyError):
        return all(held(work.changes, work.source) == tuple(change.before for change in work.changes) for work in written)
    return False


def _backwards(work: Work, silent: set[str]) -> Work:
    """The work of putting its old text back, once that is written."""
    back = work._replace(changes=swapped(work.changes), sides=work.sides and work.sides[::-1])
    if work.corefile is None or work.proof is None or work.sides is None:
        return back
    before, after = work.sides
    with suppress(RemedyError):  # what stands around it may be somebody else's by now
        document = work.corefile.read()
        before = read(document.text, document.around)
    proof = proofs.back(work.proof, work.corefile, before, after)
    if work.workloads:
        proof = proof._replace(replaced=proof.known)
    return back._replace(proof=proof._replace(excused=frozenset(silent)))


def finish(
    record: Record, outcome: journal.Outcome, timings: list[Timing] | tuple[Timing, ...], works: list[Work], run: Run | None = None
) -> Record:
    """The record with its end; where the disk does not take it, it stays begun there, and the next start of any verb says so.

    That is a note and no error: what was written, proven or put back by then decides how the run ends.
    """
    rows = tuple(timing._asdict() for timing in timings)
    try:
        record = journal.finish(record, outcome, rows)
    except StateError as error:
        record = record._replace(outcome=outcome, replicas=rows or record.replicas)
        if run:
            run.on_event(Event("note", f"the record on this machine still says that it was begun: {error}"))
    why = keep(record, [work for work in works if work.copied], new=False)
    if why and run:
        run.on_event(Event("note", f"the record's copy in the cluster still says that it was begun: {why}"))
    return record


def keep(record: Record, works: list[Work], *, new: bool) -> str:
    """The record in the cluster; why it is not there, where that cannot be: then the one on disk has to do."""
    text = journal.to_text(record)
    places = {(work.live.door, work.live.namespace): None for work in works if work.live}
    said = [records.keep(door, namespace, record.id, text, record.outcome, new=new) for door, namespace in places]
    return next(filter(None, said), "")
