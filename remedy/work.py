"""One write under way: what it works with, and the wait until every replica runs what was written.

A wait ends in three ways: proven, NotProven, or Overtaken by somebody else's text; what follows from the last two is in remedy/ending.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from remedy.cluster import restart
from remedy.cluster.converge import REFUSED, Ended, Proof, Standing, Timing, Watch, converge, settle
from remedy.cluster.lease import Lease
from remedy.cluster.poke import Poker
from remedy.cluster.source import LiveSource
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError
from remedy.plan import Change
from remedy.write import Writable, held

_COUNTED_SECONDS = 0.5
Kind = Literal["recorded", "writing", "written", "note", "replica", "step", "waiting", "settling", "verified", "undoing", "undone"]
_STEPS = {"poked": "its kubelet was told to look", "noticed": "its CoreDNS has seen the new text"}


class Event(NamedTuple):
    """Something that happened on the way; `seconds` since the write. From `writing` on, a signal no longer ends remedy but undoes.

    `command` comes with `recorded`: what a person runs to undo the change without remedy. `state`, of a `replica`, is that of its Standing,
    and of a `step`, which is between two states, its name: poked, noticed.
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
    """One write, and how it is brought to the replicas; without a proof nobody looks.

    `sides` are the Corefile that the replicas read, before this write and after it, with all that it imports. `copied`: its record is in
    the cluster, too.
    """

    changes: tuple[Change, ...]
    source: Writable
    sides: tuple[Corefile, Corefile] | None = None
    proof: Proof | None = None
    workloads: tuple[restart.Workload, ...] = ()
    lease: Lease | None = None
    copied: bool = True

    @property
    def live(self) -> LiveSource | None:
        return self.source if isinstance(self.source, LiveSource) else None

    @property
    def corefile(self) -> LiveSource | None:
        """The live Corefile whose replicas take the change."""
        return self.live.corefile._replace(note="") if self.live else None

    @property
    def shown(self) -> str:
        return ", ".join(change.target.shown for change in self.changes)

    def stands(self) -> bool:
        """Is what it wrote still live?"""
        return held(self.changes, self.source) == tuple(change.after for change in self.changes)


class NotProven(Exception):
    """The replicas did not come to run the new text; the message says why."""

    def __init__(self, why: str, ended: Ended | None = None) -> None:
        super().__init__(why)
        self.timings = ended.timings if ended else ()
        self.silent = frozenset(ended.silent) if ended else frozenset()


class Overtaken(Exception):
    """Somebody wrote another text meanwhile."""

    def __init__(self, work: Work, timings: tuple[Timing, ...]) -> None:
        super().__init__("somebody wrote another text meanwhile")
        self.work = work
        self.timings = timings


def restart_all(work: Work, run: Run) -> None:
    for workload in work.workloads:
        assert work.live is not None
        restart.restart(work.live.door, workload)
        run.on_event(Event("note", f"restarting the {workload.shown} by its own strategy"))


def verify(work: Work, written: Sequence[Work], run: Run, *, steady: float = 0.0) -> tuple[Timing, ...]:
    """Wait until every replica has this one of the writes that were made. NotProven or Overtaken where it does not come to that."""
    if work.corefile is None:
        if not work.stands():
            raise NotProven(f"{work.shown} does not hold what was written")
        return ()
    restart_all(work, run)
    if work.proof is None:
        return ()
    # CoreDNS shows the hash of a text a moment before it counts that it could not load it.
    steady = max(steady, 0.0 if work.proof.tells else _COUNTED_SECONDS)
    ended = converge(work.corefile, work.proof, watch(work, written, run), steady=steady)
    ended = ended._replace(timings=tuple(timing._replace(target=work.shown) for timing in ended.timings))
    return _proven(written, ended, run)


def _proven(written: Sequence[Work], ended: Ended, run: Run) -> tuple[Timing, ...]:
    """When each replica was there. Overtaken or NotProven where the wait ended otherwise."""
    if ended.why == "overtaken":
        raise Overtaken(next((work for work in written if not work.stands()), written[-1]), ended.timings)
    if ended.why:
        raise NotProven(why_ended(ended, run), ended)
    return ended.timings


def settle_all(written: Sequence[Work], run: Run) -> None:
    """Watch on, for what only shows later: a replica that worsens, a controller that puts its own text back."""
    last = {work.corefile: work for work in written if work.corefile and work.proof}
    for corefile, work in last.items():
        if corefile is None or work.proof is None or run.settle <= 0:
            continue
        run.on_event(Event("settling", f"every replica has it; watching for another {run.settle:g} s"))
        seconds = run.settle / len(last)
        _proven(written, settle(corefile, work.proof, watch(work, written, run), seconds), run._replace(settle=seconds))


def watch(work: Work, written: Sequence[Work], run: Run) -> Watch:
    """How to wait for a write, while all that were `written` are looked at."""
    live = work.corefile
    assert live is not None

    def seen(standing: Standing, seconds: float) -> None:
        text = "answers as before, waiting for its reload" if standing.state == "old" and standing.refuted else standing.detail
        run.on_event(Event("replica", text, standing.replica, seconds, state=standing.state))

    def step(replica: str, name: str, seconds: float) -> None:
        run.on_event(Event("step", _STEPS[name], replica, seconds, state=name))

    def waiting(done: int, of: int, seconds: float) -> None:
        run.on_event(Event("waiting", f"{done} of {of} replicas {shown_by([work])}", seconds=seconds))

    def overtaken() -> bool:
        for each in written:
            if each.lease:
                each.lease.renew()
        try:
            return not all(each.stands() for each in written)
        except ClusterError:
            return False

    def complete() -> bool:
        gone = work.proof.replaced if work.proof and work.workloads else ()
        return all(restart.complete(live.door, each) for each in work.workloads) and not restart.leaving(live.door, live.namespace, gone)

    def refused(why: str) -> None:
        run.on_event(Event("note", why))

    poke = Poker(live.door, live.namespace, refused) if run.poke and not work.workloads else _no_poke
    return Watch(run.timeout, run.stop, seen, waiting, poke, overtaken, complete, step)


def shown_by(works: Sequence[Work]) -> str:
    """What was seen of replicas that have it, in words."""
    unheard = {work.proof.unheard for work in works if work.proof}
    return {
        frozenset((True,)): "run the new text, as their metrics show",
        frozenset((True, False)): "answer as predicted, or show in their metrics that they run the new text",
    }.get(frozenset(unheard), "answer as predicted")


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
