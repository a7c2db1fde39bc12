"""Looks whether somebody else has changed what is shown, each time there is a reason to, on a thread that ends with the application.

A look that fails says nothing: an API server that is away for a minute is no change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from remedy.errors import RemedyError

FILE_SECONDS = 2.0
_LATER_SECONDS = 0.5


def watch(look: Callable[[], bool], wait: Callable[[], None], stop: threading.Event) -> None:
    """Call `wait`, then `look`, until `stop` is set; a look that returns False is made up for as soon as it is possible."""

    def run() -> None:
        while not stop.is_set():
            try:
                wait()
                while not stop.is_set() and not look():
                    stop.wait(_LATER_SECONDS)
            except RemedyError:
                stop.wait(_LATER_SECONDS)

    threading.Thread(target=run, name="watch", daemon=True).start()
