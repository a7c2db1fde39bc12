"""`forward`: the upstream's reply, for names below its zone and not below an `except` (plugin/forward/forward.go).

Several in a server block are tried in file order. `next` and `next_on_nodata` hand on only to another `forward`.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.held import held
from remedy.answers.message import Outcome, Query, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next
from remedy.answers.zones import covers, origins, variable
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    for place, plugin in enumerate(plugins):
        if plugin.rest:
            raise Unknown("words", "forward")
        if not serves(plugin, query.name):
            continue
        reply = held(onward.context.world, query, "forward")
        nexts = {word.text.upper() for option in plugin.option("next") for word in option.arguments}
        empty = reply.rcode == "NOERROR" and not reply.answer
        if plugins[place + 1 :] and (reply.rcode in nexts or (empty and plugin.option("next_on_nodata"))):
            continue
        return sent(reply, "forward")
    return onward(query)


def serves(forward: Directive, name: str) -> bool:
    """Is the name below its zone, and not below an `except`?"""
    if any(variable(option.name.text) for option in forward.options):
        raise Unknown("variable", forward.name.text)
    words = [*forward.arguments[:1], *(word for option in forward.option("except") for word in option.arguments)]
    if any(variable(word.text) for word in words):
        raise Unknown("zones-variable", forward.name.text)
    zones = origins([words[0].text]) if words else ()
    if not zones or not covers(zones[0], name):
        return False
    return name == zones[0] or not any(covers(zone, name) for zone in origins(word.text for word in words[1:]))
