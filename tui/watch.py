"""Looks now and then whether somebody else has changed what is shown, on a thread that ends with the application.

A look that fails says nothing: an API server that is away for a minute is no change. The pause grows until it answers again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from remedy.errors import RemedyError

LIVE_SECONDS = 5.0
FILE_SECONDS = 2.0
_LONGEST_SECONDS = 60.0


def watch(look: Callable[[], None], pause: Callable[[], float], stop: threading.Event) -> None:
    """Call `look` after every `pause` (seconds), until `stop` is set."""
    failed = 0

    def run() -> None:
        nonlocal failed
        while not stop.wait(min(pause() * 2 ** min(failed, 6), _LONGEST_SECONDS)):
            try:
                look()
                failed = 0
            except RemedyError:
                failed += 1

    threading.Thread(target=run, name="watch", daemon=True).start()
