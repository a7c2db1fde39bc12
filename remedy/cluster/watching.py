"""Waits for somebody else's edit of live ConfigMaps: by a watch where that right is granted, else by letting a few seconds pass.

What ends a wait is only a reason to look: the text is read anew each time, so an event that never came costs half a minute and no truth.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from remedy.cluster.door import Door
from remedy.errors import ClusterError

POLL_SECONDS = 5.0
"""Between two looks where nothing can be watched, and before a watch that broke begins again."""
WINDOW_SECONDS = 30.0
"""How long one watch lasts, and the longest time without a look."""
_BREATH_SECONDS = 0.5
_FORBIDDEN = (401, 403, 405, 501)

Place = tuple[str, str]
"""Namespace and name of a ConfigMap."""


class Watching:
    """A watch for each place, on a thread of its own, until `close`. `pause`: seconds in place of the usual ones, 0 for those."""

    def __init__(self, door: Door, places: Iterable[Place], pause: float = 0.0) -> None:
        self.places = frozenset(places)
        self._door = door
        self._poll, self._breath = pause or POLL_SECONDS, min(pause or _BREATH_SECONDS, _BREATH_SECONDS)
        self._blind = set(self.places)
        self._moved = threading.Event()
        self._over = threading.Event()
        for place in sorted(self.places):
            threading.Thread(target=self._watch, args=place, name="watch of a ConfigMap", daemon=True).start()

    def wait(self) -> None:
        """Until it is time to look."""
        self._moved.wait(self._poll if self._blind or not self.places else WINDOW_SECONDS)
        self._moved.clear()

    def close(self) -> None:
        """Ends the wait now, and each watch at its next answer."""
        self._over.set()
        self._moved.set()

    def _watch(self, namespace: str, name: str) -> None:
        place = (namespace, name)
        while not self._over.is_set():
            try:
                version = self._door.configmap(namespace, name).resource_version
                self._moved.set()  # for what happened since the last look
                self._blind.discard(place)
                self._until_changed(place, version)
            except ClusterError as error:
                self._blind.add(place)
                self._moved.set()  # so that the wait is a short one from now on
                if error.status in _FORBIDDEN:
                    return
                self._over.wait(self._poll)

    def _until_changed(self, place: Place, version: str) -> None:
        while not self._over.is_set() and not self._door.watch(*place, version, WINDOW_SECONDS):
            self._over.wait(self._poll)  # a server that ends every watch at once is not asked without a pause
        self._over.wait(self._breath)  # an object that is written without a pause must not be read without one
