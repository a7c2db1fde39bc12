"""Where a Corefile listens, as far as pods/portforward can reach it: that dials localhost in the pod, and nothing else.

`bind {$POD_IP}` is how some distributions write it; a copy for a canary then listens on localhost too, with no line moved.
"""

from __future__ import annotations

from collections import Counter

from remedy.corefile.edit import Edit, apply
from remedy.corefile.tree import Corefile, Directive
from remedy.errors import UnavailableError

_REACHED = ("127.0.0.1", "0.0.0.0", "::", "lo")
ADDRESS = "127.0.0.1"


def reachable(corefile: Corefile) -> bool:
    """Does every server block listen on localhost?"""
    return not any(_elsewhere(corefile))


def with_localhost(corefile: Corefile) -> str:
    """The text, listening on localhost too. UnavailableError where two server blocks would then be the same to CoreDNS."""
    keys = Counter(key.text for block in corefile.blocks for key in block.keys)
    binds = _elsewhere(corefile)
    if binds and (twice := [key for key, count in keys.items() if count > 1]):
        raise UnavailableError(
            f"several server blocks serve {twice[0]} on different addresses; only localhost can be asked, for one of them"
        )
    ends = [(bind.arguments[-1] if bind.arguments else bind.name) for bind in binds]
    if any(end.file for end in ends):
        raise UnavailableError("an imported file says where CoreDNS listens, and localhost is not among it")
    return apply(corefile.text, [Edit(end.end, end.end, f" {ADDRESS}") for end in ends])


def _elsewhere(corefile: Corefile) -> list[Directive]:
    """The first `bind` of each server block of which none names localhost."""
    found = []
    for block in corefile.blocks:
        binds = block.plugin("bind")
        if binds and not any(word.text in _REACHED for bind in binds for word in bind.arguments):
            found.append(binds[0])
    return found
