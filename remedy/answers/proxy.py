"""`proxy`, which was there before 1.5.0: an upstream's reply, for names below one of its zones and not below an `except` of that one.

However often it stands in a server block it is asked once, and the longest zone that takes the name wins (plugin/proxy/proxy.go).
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.forward import serves
from remedy.answers.held import held
from remedy.answers.message import Outcome, Query, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    if any(plugin.rest for plugin in plugins):
        raise Unknown("words", "proxy")
    if any(serves(plugin, query.name) for plugin in plugins):
        return sent(held(onward.context.world, query, "forward"), "forward")  # to clients it is one
    return onward(query)
