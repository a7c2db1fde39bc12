"""Wait until every replica runs a text: each pod is asked by itself, never the Service, which would hide the slowest.

Kubernetes tells when a ConfigMap was written, not when a pod has it, nor when CoreDNS has reloaded it; only a replica's answers and its
metrics tell that. What has to come together for that is a Proof (remedy/cluster/proof.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from remedy.answers.questions import Question
from remedy.cluster.door import Door, Replica
from remedy.cluster.metrics import Metrics, metrics
from remedy.cluster.source import LiveSource
from remedy.errors import ClusterError
from remedy.wire import WireError, ask

REFUSED = "CoreDNS refused to load the new text, and runs the old one; its log says why"
_LOOK_SECONDS = 2.0  # between two looks at what is live
_WORSE = 3  # looks in a row; one lost answer is not yet a replica that worsened
State = Literal["old", "new", "other", "failed", "unreachable"]
Step = Literal["poked", "noticed"]
Why = Literal["", "late", "stopped", "refused", "overtaken", "worse"]


class Proof(NamedTuple):
    """What shows that a replica runs a text.

    `questions` with their predicted answers; `hash`, the predicted one (empty: not looked at), beside the `metrics` (on `port`) of each
    replica that shows them, as they were before the write. `unready` were so before, and need not be ready; `replaced` have to be gone.
    `untouched`: a replica without a hash has taken no change since it began, and that is enough (an undo). `excused` are not waited for.
    `unheard`: a port-forward does not reach their answers, so that only metrics tell.
    `moved`: nobody can tell the hash, for the replica makes its Corefile itself of what it reads; but another one than before, without a
    failed reload, is that of the next text, and the one of `earlier` that of the text before (an undo).
    """

    questions: tuple[Question, ...] = ()
    hash: str = ""
    port: int | None = None
    metrics: Mapping[str, Metrics] = {}
    known: frozenset[str] = frozenset()
    unready: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    untouched: bool = False
    excused: frozenset[str] = frozenset()
    unheard: bool = False
    moved: bool = False
    earlier: Mapping[str, str] = {}

    @property
    def tells(self) -> bool:
        """Does an answer tell the new text from the old one?"""
        return any(question.tells for question in self.questions)


class Standing(NamedTuple):
    """Where a replica stands: what it answered to each question, in words in `detail`; no verdicts and the error if it did not answer.

    `noticed`: CoreDNS has seen the new text in its file, whatever came of it. `refuted`: an answer is another than the predicted one.
    """

    replica: str
    state: State
    detail: str
    verdicts: tuple[str, ...] = ()
    error: Exception | None = None
    noticed: bool = False
    refuted: bool = False


class Timing(NamedTuple):
    """When a replica was first seen to run the new text for good, in seconds after the write; None if it never was.

    `poked` is when its kubelet was first made to look, `noticed` when its CoreDNS had seen the new text; `target` is what was written.
    """

    replica: str
    seconds: float | None
    detail: str
    poked: float | None = None
    noticed: float | None = None
    target: str = ""


class Watch(NamedTuple):
    """How a wait is done, and who is told of it; all seconds since its start.

    `seen` is called for each replica whose state changed, `waiting` after every round with how many of how many are done, `poke` for
    each replica that is not done and returns whether its kubelet was made to look; `overtaken` tells, now and then, whether another text
    is live by now, `complete` whether the workload has all its pods.
    `step` is told a replica's first poke and notice (Timing).
    """

    timeout: float
    stop: threading.Event
    seen: Callable[[Standing, float], None]
    waiting: Callable[[int, int, float], None]
    poke: Callable[[str], bool] = lambda _: False
    overtaken: Callable[[], bool] = lambda: False
    complete: Callable[[], bool] = lambda: True
    step: Callable[[str, Step, float], None] = lambda *_: None


class Ended(NamedTuple):
    """How a wait ended; `why` is empty when every replica runs the text. `silent` are those that did not answer at the end."""

    why: Why
    timings: tuple[Timing, ...]
    silent: tuple[str, ...] = ()


def stand(door: Door, namespace: str, replica: Replica, proof: Proof) -> Standing:
    """Ask one replica everything, its answers first."""
    verdicts: tuple[str, ...] = ()
    try:
        if not proof.unheard:
            with door.dial(namespace, replica) as stream:
                verdicts = tuple(ask(stream, question.name, question.type_).verdict for question in proof.questions)
    except (OSError, WireError, ClusterError) as error:
        return Standing(replica.name, "unreachable", str(error) or type(error).__name__, error=error)
    pairs = list(zip(proof.questions, verdicts, strict=True))
    wrong = [f"{each.name} {each.type_} is {verdict}, expected {each.new}" for each, verdict in pairs if verdict != each.new]
    if wrong:
        old = all(verdict == each.old for each, verdict in pairs)
        shown = _by_metrics(door, namespace, replica, proof)
        if shown.state == "failed":
            return shown._replace(verdicts=verdicts)
        return Standing(replica.name, "old" if old else "other", wrong[0], verdicts, noticed=shown.noticed, refuted=True)
    shown = _by_metrics(door, namespace, replica, proof)
    if shown.state == "new" and replica.name in proof.replaced:
        return shown._replace(state="old", detail="is still to be replaced", verdicts=verdicts)
    if shown.state == "new" and not replica.ready and replica.name not in proof.unready:
        return shown._replace(state="other", detail="answers as predicted, but is not ready", verdicts=verdicts)
    return shown._replace(verdicts=verdicts)


def _by_metrics(door: Door, namespace: str, replica: Replica, proof: Proof) -> Standing:
    """The same by the hash; `new` where there is nothing to learn from it."""
    good = Standing(replica.name, "new", "answers as predicted", noticed=False)
    before = proof.metrics.get(replica.name)
    if proof.moved:
        return _by_another_hash(door, namespace, replica, proof)
    if proof.unheard:
        good = good._replace(detail="runs the predicted hash")
    if not proof.hash or proof.port is None or (before is None and replica.name in proof.known):
        return good
    now = metrics(door, namespace, replica, proof.port)
    if now is None:
        return good if before is None else Standing(replica.name, "other", "its metrics cannot be read at the moment")
    if before is None or now.started != before.started:
        before = Metrics("", "", 0.0, now.started)
        fresh = True
    else:
        fresh = False
    noticed = now.hash == proof.hash
    # On the way back the refused text may be what failed, brought to the replica by a kubelet that was behind.
    if noticed and now.failed > before.failed and not proof.untouched:
        return Standing(replica.name, "failed", REFUSED, noticed=True)
    if noticed:
        detail = good.detail if proof.unheard else "answers as predicted, and runs the predicted hash"
        return good._replace(detail=detail, noticed=True)
    # It has taken no change since it began: a new pod, or one that had not seen what is undone. Then its answers have to tell.
    if not now.hash and (proof.untouched or proof.tells or (fresh and replica.name not in proof.known)):
        return good
    if now.hash == before.hash:
        return Standing(replica.name, "old", "has not taken the new text yet")
    return Standing(replica.name, "other", f"runs a text with another hash than the predicted one: {now.hash[:16]}", noticed=False)


def _by_another_hash(door: Door, namespace: str, replica: Replica, proof: Proof) -> Standing:
    """The same where the hash cannot be predicted."""
    now = metrics(door, namespace, replica, proof.port or 0)
    if now is None:
        return Standing(replica.name, "unreachable", "its metrics cannot be read at the moment")
    before = proof.metrics.get(replica.name)
    if before is None or now.started != before.started:
        return Standing(replica.name, "new", "has started since, and has read what was there then")
    if proof.untouched and now.hash == proof.earlier.get(replica.name):
        return Standing(replica.name, "new", "runs the text that it ran before")
    if now.hash == before.hash:
        return Standing(replica.name, "old", "has not taken the new text yet")
    if now.failed > before.failed and not proof.untouched:
        return Standing(replica.name, "failed", REFUSED, noticed=True)
    return Standing(replica.name, "new", "has taken the next text, and no reload has failed", noticed=True)


def converge(live: LiveSource, proof: Proof, watch: Watch, *, steady: float = 0.0) -> Ended:
    """Poll until every replica runs the text, and has for `steady` seconds.

    Pods that appear, restart or vanish meanwhile count as they are found; a cluster that does not answer for a while is asked again. A
    replica whose CoreDNS refused the text ends the wait at once: it does not try the same text again.
    """
    start = time.monotonic()
    states: dict[str, Standing] = {}
    since: dict[str, float] = {}
    poked: dict[str, float] = {}
    noticed: dict[str, float] = {}
    looked = done_since = start
    done_before = False
    while True:
        standings = _round(live, proof, states)
        elapsed = time.monotonic() - start
        for standing in standings:
            name = standing.replica
            if standing.noticed:
                _first(noticed, name, elapsed, "noticed", watch)
            if standing.state != getattr(states.get(name), "state", None):
                watch.seen(standing, elapsed)
            if standing.state == "new":
                since.setdefault(name, elapsed)
            else:
                since.pop(name, None)
                if name not in proof.replaced and watch.poke(name):
                    _first(poked, name, elapsed, "poked", watch)
        states = {standing.replica: standing for standing in standings}
        waited = [standing for standing in standings if standing.replica not in proof.excused]
        ready = sum(standing.state == "new" for standing in waited)
        watch.waiting(ready, len(waited), elapsed)
        done = 0 < ready == len(waited) and watch.complete()
        if done and not done_before:
            done_since = time.monotonic()
        done_before = done
        why: Why = ""
        if done and time.monotonic() - done_since >= steady:
            pass
        elif any(standing.state == "failed" for standing in waited):
            why = "refused"
        elif elapsed >= watch.timeout:
            why = "late"
        elif watch.stop.wait(_pause(elapsed)):
            why = "stopped"
        else:
            if time.monotonic() - looked < _LOOK_SECONDS:
                continue
            looked = time.monotonic()
            if not watch.overtaken():
                continue
            why = "overtaken"
        return Ended(why, tuple(_timing(states[name], since, poked, noticed) for name in sorted(states)), _silent(states.values()))


def settle(live: LiveSource, proof: Proof, watch: Watch, seconds: float) -> Ended:
    """Watch on for a while after every replica runs the text, for one that worsens and for another text that becomes live."""
    start = time.monotonic()
    bad: dict[str, int] = {}
    good: set[str] = set(proof.known)
    last = {name: Standing(name, "old", "") for name in proof.known}
    empty = 0
    while (elapsed := time.monotonic() - start) < seconds:
        if watch.stop.wait(min(1.0, seconds - elapsed)):
            return Ended("stopped", ())
        if watch.overtaken():
            return Ended("overtaken", ())
        # An API server that is away for a while says nothing about the replicas.
        found = _round(live, proof, last)
        empty = 0 if found else empty + 1
        if empty >= _WORSE:
            return Ended("worse", ())
        standings = [each for each in found if not isinstance(each.error, ClusterError)]
        states = {standing.replica: standing for standing in standings}
        good |= {standing.replica for standing in standings if standing.state == "new"}
        # A pod that has just appeared is still starting.
        bad = {each.replica: bad.get(each.replica, 0) + 1 for each in standings if each.state != "new" and each.replica in good}
        worse = [states[name] for name, times in bad.items() if times >= _WORSE]
        if worse:
            return Ended("worse", tuple(Timing(each.replica, None, each.detail) for each in worse), _silent(worse))
    return Ended("", ())


def _round(live: LiveSource, proof: Proof, last: Mapping[str, Standing]) -> list[Standing]:
    try:
        return [stand(live.door, live.namespace, replica, proof) for replica in live.door.replicas(live.namespace, live.name)]
    except ClusterError as error:
        return [Standing(name, "unreachable", str(error), error=error) for name in last]


def _silent(standings: Iterable[Standing]) -> tuple[str, ...]:
    return tuple(sorted(each.replica for each in standings if each.state == "unreachable"))


def _pause(elapsed: float) -> float:
    """Quick at first, for a reload may take a second; later a round costs the API server more than it tells."""
    return 0.2 if elapsed < 10 else 0.5 if elapsed < 60 else 1.0


def _first(times: dict[str, float], name: str, elapsed: float, step: Step, watch: Watch) -> None:
    """Keep when a replica came to this step, and tell it once."""
    if name not in times:
        times[name] = elapsed
        watch.step(name, step, elapsed)


def _timing(standing: Standing, since: Mapping[str, float], poked: Mapping[str, float], noticed: Mapping[str, float]) -> Timing:
    name = standing.replica
    return Timing(name, since.get(name), standing.detail, poked.get(name), noticed.get(name))
