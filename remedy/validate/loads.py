"""Which release of CoreDNS may be the one that loads a text now, where nobody says.

A text that uses a plugin which is gone today does run somewhere, or nobody would move it: it is taken for the newest release that has all
its plugins. Rules are never told this, and documents neither: it only makes answers comparable.
"""

from __future__ import annotations

from remedy import releases
from remedy.answers.plugins import NEWEST
from remedy.corefile.tree import Corefile


def likely(corefile: Corefile) -> str:
    """The newest release that has as many of its plugins as any; those of other makers are in none."""
    words = {plugin.name.text for _, plugin in corefile.walk()}
    if words <= releases.plugins(NEWEST):
        return NEWEST
    newest_first = [release.version for release in reversed(releases.releases())]
    return max(newest_first, key=lambda version: len(words & releases.plugins(version)))
