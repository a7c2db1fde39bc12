"""The canary prover: the cluster's own CoreDNS loads the candidate in a pod of its own, before anything is written.

A copy of the pods that answer DNS, which no Service leads to and which the cluster ends by itself should remedy die. Asked over
pods/portforward, which dials localhost in the pod: a rule on the client's address (acl, view) sees 127.0.0.1.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.cluster.door import Door
from remedy.errors import UnavailableError
from remedy.validate.prover import Case, Heard, Question

TIMEOUT = 30.0


def prove(
    case: Case,
    asked: Sequence[Question],
    *,
    door: Door,
    namespace: str,
    configmap: str,
    key: str = "Corefile",
    timeout: float = TIMEOUT,
) -> Heard:
    """A row for each replica: what it answers now, and what the canary answers.

    `namespace`, `configmap` and `key` name the Corefile that the replicas read; `timeout`, in seconds, is how long the canary may take to
    answer its first question. `refused` holds the pod's last log lines where CoreDNS ends over the candidate. UnavailableError, with the
    reason: a right that is missing, a quota, a pod security level, no room, pods on the node's network, a replica that does not answer.
    """
    raise UnavailableError(f"not built: {case, asked, door, namespace, configmap, key, timeout}")
