"""Makes a kubelet bring a changed ConfigMap to a pod now: it syncs a pod's volumes when the pod object changes.

Without it the file in the pod changes at the kubelet's own next sync, a minute or more later. One poke may come before the kubelet has
heard of the new ConfigMap, so it is repeated for as long as the replica has not taken the text.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from remedy.cluster.door import Door
from remedy.errors import ClusterError

ANNOTATION = "remedy/poked"
_FIRST_PAUSE, _PAUSE = 0.5, 2.0


class Poker:
    """Pokes the pods of one wait; `refused` is told once, and in words, that the right to do so is missing."""

    def __init__(self, door: Door, namespace: str, refused: Callable[[str], None]) -> None:
        self._door = door
        self._namespace = namespace
        self._refused = refused
        self._allowed = True
        self._due: dict[str, float] = {}
        self._times: dict[str, int] = {}

    def __call__(self, replica: str) -> bool:
        """Poke it, if it is time to: was it?"""
        now = time.monotonic()
        if not self._allowed or now < self._due.get(replica, 0.0):
            return False
        times = self._times.get(replica, 0)
        self._times[replica] = times + 1
        self._due[replica] = now + (_PAUSE if times else _FIRST_PAUSE)
        try:
            self._door.patch("pods", self._namespace, replica, {"metadata": {"annotations": {ANNOTATION: secrets.token_hex(8)}}})
        except ClusterError as error:
            if error.status == 403:
                self._allowed = False
                self._refused(f"waiting for each kubelet's own sync, a minute or two: {error} ({error.hint})")
            return False
        return True
