"""`federation`, which was there before 1.7.0: it passes every name but those of its zones in which the name of a federation stands.

That is the label before the last one below the zone: `shop` in `web.ns.shop.svc.cluster.local` (plugin/federation/federation.go).
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Outcome, Query
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check, own_zones
from remedy.answers.zones import longest
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    plugin = plugins[-1]
    check(plugin)
    zone = longest(own_zones(plugin, onward), query.name)
    base = query.name[: -len(zone)].rstrip(".") if zone and zone != "." else query.name.rstrip(".")
    if zone and any(option.name.text in base.split(".")[-2:-1] for option in plugin.options):
        raise Unknown("federation")
    return onward(query)
