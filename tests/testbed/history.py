"""What a CoreDNS pod did with its Corefile, read from its log.

The log, not the metrics: coredns_reload_version_info is missing until the first reload, is deleted before a reload has
been tried, and then shows the new hash even when the reload failed (CoreDNS plugin/reload/reload.go).
"""

from __future__ import annotations

import time
from datetime import datetime

History = list[tuple[float, str]]
"""(seconds since 1970, event), oldest first; the events are the keys of _EVENTS and "start"."""

_EVENTS = {
    "hash": "plugin/reload: Running configuration SHA512",
    "reloading": "[INFO] Reloading",
    "complete": "[INFO] Reloading complete",
    "refused": "plugin/reload: Corefile changed but reload failed",
    "unparsed": "plugin/reload: Corefile parse failed",
}
# `reload 2s 1s` looks every 2 to 3 s; loading takes a moment.
_RELOAD_SECONDS = 4.0


def parse(log: str) -> History:
    """The history in a log with Kubernetes timestamps; "start" is its first line."""
    found: History = []
    for line in log.splitlines():
        stamp, _, message = line.partition(" ")
        events = [event for event, mark in _EVENTS.items() if mark in message]
        if events or not found:
            found.append((datetime.fromisoformat(stamp).timestamp(), events[-1] if events else "start"))
    return found


def reloads(history: History) -> bool:
    """Whether the running configuration has the reload plugin: only that one logs its hash."""
    running = loading = False
    for _, event in history:
        match event:
            case "hash":
                loading = True
            case "reloading":
                running, loading = running or loading, False
            case "complete":
                running, loading = loading, False
            case "refused":
                loading = False
    return running or loading


def serves(history: History, written: float) -> bool:
    """Whether CoreDNS runs what its file holds since `written`. Raises RuntimeError when it refused to."""
    since = [event for at, event in history if at > written]
    if since and since[-1] in ("refused", "unparsed"):
        raise RuntimeError("CoreDNS does not load this Corefile; its log says why")
    if "reloading" in since and "complete" in since[since.index("reloading") :]:
        return True
    if history and history[0][0] > written:
        return True
    # Nothing happened although there was time: the change does not alter the configuration (a trailing comment).
    return "reloading" not in since and reloads(history) and time.time() - written > _RELOAD_SECONDS
