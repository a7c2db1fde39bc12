"""Wait until every replica answers by a text: each pod is asked by itself, never the Service, which would hide the slowest.

Kubernetes tells when a ConfigMap was written, not when a pod has it, nor when CoreDNS has reloaded it; only the answers tell that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from remedy.answers.questions import Question
from remedy.cluster.door import Door, Replica
from remedy.errors import ClusterError
from remedy.wire import WireError, ask

POLL_SECONDS = 0.5
State = Literal["old", "new", "other", "unreachable"]


class Standing(NamedTuple):
    """Where a replica stands: what it answered to each question, in words in `detail`; no verdicts and the error if it did not answer."""

    replica: str
    state: State
    detail: str
    verdicts: tuple[str, ...] = ()
    error: Exception | None = None


class Timing(NamedTuple):
    """When a replica was first seen to answer by the new text, in seconds after the write; None if it never was."""

    replica: str
    seconds: float | None
    detail: str


def stand(door: Door, namespace: str, replica: Replica, questions: Sequence[Question]) -> Standing:
    """Ask one replica everything, over one connection."""
    try:
        with door.dial(namespace, replica) as stream:
            verdicts = tuple(ask(stream, question.name, question.type_).verdict for question in questions)
    except (OSError, WireError, ClusterError) as error:
        return Standing(replica.name, "unreachable", str(error) or type(error).__name__, error=error)
    pairs = list(zip(questions, verdicts, strict=True))
    wrong = [f"{each.name} {each.type_} is {verdict}, expected {each.new}" for each, verdict in pairs if verdict != each.new]
    if not wrong:
        return Standing(replica.name, "new", "answers as predicted", verdicts)
    old = all(verdict == each.old for each, verdict in pairs)
    return Standing(replica.name, "old" if old else "other", wrong[0], verdicts)


def converge(
    door: Door,
    namespace: str,
    configmap: str,
    questions: Sequence[Question],
    *,
    timeout: float,
    stop: threading.Event,
    seen: Callable[[Standing, float], None],
    waiting: Callable[[int, int, float], None],
) -> tuple[bool, tuple[Timing, ...]]:
    """Poll until every replica answers by the new text (True), or the time is over or `stop` is set (False).

    `seen` is called for each replica whose state changed, `waiting` after every round with how many of how many are done; both with the
    seconds since the start. Pods that appear or vanish meanwhile count as they are found; a cluster that does not answer for a while is
    asked again.
    """
    start = time.monotonic()
    states: dict[str, Standing] = {}
    since: dict[str, float] = {}
    while True:
        standings: list[Standing] = []
        try:
            standings = [stand(door, namespace, replica, questions) for replica in door.replicas(namespace, configmap)]
        except ClusterError as error:
            standings = [Standing(name, "unreachable", str(error)) for name in states]
        elapsed = time.monotonic() - start
        for standing in standings:
            if standing.state != getattr(states.get(standing.replica), "state", None):
                seen(standing, elapsed)
            if standing.state == "new":
                since.setdefault(standing.replica, elapsed)
            else:
                since.pop(standing.replica, None)
        states = {standing.replica: standing for standing in standings}
        ready = sum(standing.state == "new" for standing in standings)
        waiting(ready, len(standings), elapsed)
        done = 0 < ready == len(standings)
        if done or elapsed >= timeout or stop.wait(POLL_SECONDS):
            return done, tuple(Timing(name, since.get(name), standing.detail) for name, standing in sorted(states.items()))
