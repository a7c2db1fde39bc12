"""One write under way: what it works with, and the wait until every replica runs what was written.

A wait ends in three ways: proven, NotProven, or Overtaken by somebody else's text; what follows from the last two is in remedy/ending.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, NamedTuple

from remedy.cluster import restart
from remedy.cluster.converge import REFUSED, Ended, Proof, Standing, Timing, Watch, converge, settle
from remedy.cluster.lease import Lease
from remedy.cluster.poke import Poker
from remedy.cluster.source import LiveSource
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError
from remedy.plan import Change
from remedy.service import corefiles_in
from remedy.write import Writable

_COUNTED_SECONDS = 0.5
Kind = Literal["recorded", "writing", "written", "note", "replica", "waiting", "settling", "verified", "undoing", "undone"]


class Event(NamedTuple):
    """Something that happened on the way; `seconds` since the write. From `writing` on, a signal no longer ends remedy but undoes.

    `command` comes with `recorded`: what a person runs to undo the change without remedy. `state`, of a `replica`, is that of its Standing.
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
    strategy: restart.Strategy = "auto"
    lost: Callable[[], str] = lambda: ""


class Work(NamedTuple):
    """One change, and how it is brought to the replicas; without a proof nobody looks."""

    change: Change
    source: Writable
    proof: Proof | None = None
    workloads: tuple[restart.Workload, ...] = ()
    lease: Lease | None = None

    @property
    def live(self) -> LiveSource | None:
        return self.source if isinstance(self.source, LiveSource) else None


class NotProven(Exception):
    """The replicas did not come to run the new text; the message says why."""

    def __init__(self, why: str, ended: Ended | None = None) -> None:
        super().__init__(why)
        self.timings = ended.timings if ended else ()
        self.silent = frozenset(ended.silent) if ended else frozenset()


class Overtaken(Exception):
    """Somebody wrote another text meanwhile."""

    def __init__(self, work: Work, text: str, timings: tuple[Timing, ...]) -> None:
        super().__init__("somebody wrote another text meanwhile")
        self.work = work
        self.text = text
        self.timings = timings


def sides(change: Change) -> tuple[Corefile, Corefile]:
    """Its first Corefile before and after, each with what it imports. ParseError where CoreDNS would refuse a text."""
    before, after = (corefiles_in(text, change.target, around)[0] for text, around in change.sides)
    return before, after


def restart_all(live: LiveSource, work: Work, run: Run) -> None:
    for workload in work.workloads:
        restart.restart(live.door, workload)
        run.on_event(Event("note", f"restarting the {workload.shown} by its own strategy"))


def verify(work: Work, run: Run, *, steady: float = 0.0) -> tuple[Timing, ...]:
    live, proof, change = work.live, work.proof, work.change
    if live is None:
        if work.source.text() != change.after:
            raise NotProven(f"{change.target.shown} does not hold what was written")
        return ()
    restart_all(live, work, run)
    if proof is None:
        return ()
    # CoreDNS shows the hash of a text a moment before it counts that it could not load it.
    steady = max(steady, 0.0 if proof.tells else _COUNTED_SECONDS)
    return proven(work, live, converge(live, proof, watch(work, run), steady=steady), run)


def proven(work: Work, live: LiveSource, ended: Ended, run: Run) -> tuple[Timing, ...]:
    """When each replica was there. Overtaken or NotProven where the wait ended otherwise."""
    if ended.why == "overtaken":
        raise Overtaken(work, live.text(), ended.timings)
    if ended.why:
        raise NotProven(why_ended(ended, run), ended)
    return ended.timings


def settle_all(works: list[Work], run: Run) -> None:
    """Watch on, for what only shows later: a replica that worsens, a controller that puts its own text back."""
    for work in works:
        if work.live is None or work.proof is None or run.settle <= 0:
            continue
        run.on_event(Event("settling", f"every replica has it; watching for another {run.settle:g} s"))
        calm = run._replace(settle=run.settle / len(works))
        proven(work, work.live, settle(work.live, work.proof, watch(work, calm), calm.settle), run)


def watch(work: Work, run: Run) -> Watch:
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

    def complete() -> bool:
        gone = work.proof.replaced if work.proof and work.workloads else ()
        return all(restart.complete(live.door, each) for each in work.workloads) and not restart.leaving(live.door, live.namespace, gone)

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
        complete,
    )


def _no_poke(_replica: str) -> bool:
    return False


def why_ended(ended: Ended, run: Run) -> str:
    late = "; ".join(f"{timing.replica}: {timing.detail}" for timing in ended.timings if timing.seconds is None) or "no replica is left"
    return {
        "late": f"not healthy within {run.timeout:g} s ({late})",
        "stopped": "interrupted",
        "refused": "; ".join(f"{timing.replica}: {timing.detail}" for timing in ended.timings if timing.detail == REFUSED),
        "worse": f"worse within the settle time ({late})",
        "overtaken": "somebody wrote another text meanwhile",
    }.get(ended.why, ended.why)
