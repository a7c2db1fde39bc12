"""What can go wrong between remedy and an API server, and how an apply has to end then: the table that both servers are run with."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from .front import Answer, Call, Cut, Front, Hook, refusal

WRITE = "PATCH configmaps coredns"
TRIAL = "PATCH configmaps coredns dry-run"


class Fault(NamedTuple):
    """`break_` is put before or after (`late`) the calls of a kind, `times` times; then the apply ends with this code and these words.

    `written`: the new text is live at the end. `sent`: how often the write itself may come in.
    """

    name: str
    kinds: tuple[str, ...]
    break_: Callable[[Call], Answer | None]
    code: int
    words: tuple[str, ...] = ()
    written: bool = False
    late: bool = False
    times: int = 99
    sent: int = 1

    def put(self, front: Front) -> None:
        left = self.times

        def hook(call: Call) -> Answer | None:
            nonlocal left
            if call.kind in self.kinds and left:
                left -= 1
                return self.break_(call)
            return None

        nothing: Hook = lambda _: None  # noqa: E731
        front.before, front.after = (nothing, hook) if self.late else (hook, nothing)
        front.calls.clear()


def says(status: int, message: str = "as the test wants it", **headers: str) -> Callable[[Call], Answer]:
    return lambda _call: refusal(status, message, **headers)


def cut(_call: Call) -> Answer | None:
    raise Cut


def slow(_call: Call) -> Answer | None:
    time.sleep(3)
    raise Cut


def drop_by_drop(_call: Call) -> Answer:
    """Never idle for so long as a client waits for the next byte, and never done."""
    return Answer(200, b" " * 60, pause=0.2)


_READ = ("GET configmaps coredns",)
_RULE = "a Role in that namespace must grant it"
_IMMUTABLE = 'ConfigMap "coredns" is invalid: data: Forbidden: field is immutable when `immutable` is set'
FAULTS = [
    Fault("401", _READ, says(401), 2, ("does not accept these credentials", "log in again"), sent=0),
    Fault("403 on get", _READ, says(403), 2, ("not allowed: get configmaps/coredns", _RULE), sent=0),
    Fault("403 on services", ("GET services", "GET services list"), says(403), 0, written=True),
    Fault("403 on pods", ("GET pods list",), says(403), 2, ("not allowed: list pods", _RULE), sent=0),
    Fault("403 on port-forward", ("GET pods/portforward",), says(403), 2, ("pods/portforward", _RULE), sent=0),
    Fault("403 on patch", (TRIAL, WRITE), says(403), 2, ("not allowed: patch configmaps/coredns", _RULE), sent=0),
    Fault("403 on poke", ("PATCH pods",), says(403), 0, written=True),
    Fault("403 on lease", ("POST leases.coordination.k8s.io",), says(403), 0, written=True),
    Fault("403 on records", ("POST configmaps", "PATCH configmaps record", "GET configmaps list"), says(403), 0, written=True),
    Fault("403 on who", ("POST selfsubjectreviews.authentication.k8s.io",), says(403), 0, written=True),
    Fault("404", _READ, says(404), 2, ("not found: get configmaps/coredns", "--configmap NAME"), sent=0),
    Fault("409", (WRITE,), says(409), 3, ("no longer the text that the plan was made from", "nothing was written")),
    Fault("410", _READ, says(410, "too old"), 2, ("410 too old",), sent=0),
    Fault("422 of an immutable object", (TRIAL, WRITE), says(422, _IMMUTABLE), 2, ("field is immutable", "another of a new name"), sent=0),
    Fault("429, twice, on reads", _READ, says(429, Retry_After="0.1"), 0, times=2, written=True),
    Fault("429, twice, on the write", (WRITE,), says(429, Retry_After="0.1"), 0, times=2, written=True, sent=3),
    Fault("429 for an hour", (TRIAL, WRITE), says(429, Retry_After="3600"), 2, ("too busy",), sent=0),
    Fault("500 on reads, twice", _READ, says(500, Retry_After="0.1"), 0, times=2, written=True),
    Fault("500 on the write", (WRITE,), says(500, "etcd is away"), 2, ("etcd is away", "the old text is still live")),
    Fault("500 after the write", (WRITE,), says(500, "etcd is away"), 0, late=True, written=True),
    Fault("503 on the trial", (TRIAL,), says(503, "starting", Retry_After="0.1"), 2, ("starting",), sent=0),
    Fault("503 after the write", (WRITE,), says(503), 0, late=True, written=True),
    Fault("a reset before the write", (WRITE,), cut, 2, ("the old text is still live, nothing was written",)),
    Fault("a reset after the write", (WRITE,), cut, 0, late=True, written=True),
    Fault("a reset on reads", _READ, cut, 2, ("does not answer",), sent=0),
    Fault("no answer in time after the write", (WRITE,), slow, 0, late=True, written=True),
    Fault("a body that comes drop by drop", _READ, drop_by_drop, 2, ("does not answer", "timed out"), sent=0),
    Fault("a list that comes drop by drop", ("GET pods list",), drop_by_drop, 2, ("does not answer", "timed out"), sent=0),
    Fault("a body that comes drop by drop after the write", (WRITE,), drop_by_drop, 0, late=True, written=True),
]
