"""What a replica's metrics tell of its reloads (CoreDNS: plugin/reload/metrics.go).

`coredns_reload_version_info` is missing until the first reload, and shows the new hash even of a reload that failed; alone it proves
nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PORT, PATH = 9153, "/metrics"
_VERSION = re.compile(r'^coredns_reload_version_info\{[^}]*\bvalue="([0-9a-f]+)"[^}]*\} 1$', re.MULTILINE)
_FAILED = re.compile(r"^coredns_reload_failed_total(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


class Reloads(NamedTuple):
    """The hash of the text that was tried last, None before the first reload; how many reloads failed, None where nothing counts them."""

    hash: str | None
    failed: int | None


def reloads(metrics: str) -> Reloads:
    """Out of the text that the prometheus plugin serves."""
    version, failed = _VERSION.search(metrics), _FAILED.search(metrics)
    return Reloads(version[1] if version else None, int(float(failed[1])) if failed else None)
