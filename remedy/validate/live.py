"""The live prover: every replica is asked by itself, now or after an apply; and, if wanted, a real getaddrinfo in a pod.

The replicas are asked through pods/portforward and not through the Service, which would hide the one that differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.cluster.door import Door
from remedy.errors import UnavailableError
from remedy.validate.prover import Case, Heard, Question


def prove(
    case: Case,
    asked: Sequence[Question],
    *,
    door: Door,
    namespace: str,
    before: Heard | None = None,
    image: str = "",
) -> Heard:
    """A row for each replica: what it answered `before` (that of a canary, or of `today`; without it unknown) and what it answers now.

    With `image` a pod of it looks up the names of the case's probes with its own libc, its own search list and the cluster's DNS; the
    transcript tells what each lookup returned. A replica that port-forward cannot reach, because its Corefile binds no loopback address,
    gives unknown answers whose reason tells what its reload hash and counters say. UnavailableError: no replica, a missing right.
    """
    raise UnavailableError(f"not built: {case, asked, door, namespace, before, image}")


def today(door: Door, namespace: str, asked: Sequence[Question]) -> Heard:
    """A row for each replica, with what it answers now on both sides. UnavailableError: no replica, a missing right, no answer."""
    raise UnavailableError(f"not built: {door, namespace, asked}")
