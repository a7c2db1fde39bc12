"""`kubernetes`: the names that are said to exist, as it would answer them (plugin/kubernetes/handler.go, kubernetes.go).

Its zones, `svc` and `pod` below them and every Namespace with a name exist without records; TXT is NXDOMAIN unless a Service has the name.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.held import exists, held
from remedy.answers.message import Message, Outcome, Query, Record, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, falls_through, own_zones
from remedy.answers.zones import longest, variable
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    plugin = plugins[-1]  # one a server block
    if plugin.rest or any(variable(option.name.text) for option in plugin.options):
        raise Unknown("words" if plugin.rest else "variable", "kubernetes")
    zone = longest(own_zones(plugin, onward), query.name)
    if not zone:
        return onward(query)
    reply = _reply(plugin, query, zone, onward)
    if reply.rcode == "NXDOMAIN" and falls_through(plugins, query.name):
        return onward(query)
    return sent(reply, "kubernetes")


def _reply(plugin: Directive, query: Query, zone: str, onward: Next) -> Message:
    name, type_ = query
    world = onward.context.world
    base = name[: -len(zone)].rstrip(".") if zone != "." else name.rstrip(".")
    labels = base.split(".") if base else []
    if base == "ns.dns" or type_ in ("PTR", "SRV", "ANY"):
        raise Unknown("kubernetes")
    if type_ == "TXT" and base == "dns-version":
        return Message("NOERROR", (Record("TXT"),))
    denied = Message("NXDOMAIN", soa=True)
    nodata = Message("NOERROR", soa=True)
    if base in ("", "svc", "pod") or (len(labels) == 2 and labels[1] in ("svc", "pod")):
        pods = [word.text for option in plugin.option("pods") for word in option.arguments]
        if type_ == "TXT" and onward.context.version < (1, 15):
            raise Unknown("kubernetes")
        if type_ == "TXT" or (labels[1:] == ["pod"] and pods[-1:] in ([], ["disabled"])):
            return denied
        return nodata if len(labels) < 2 or exists(world, name) or exists(world, f"{labels[0]}.svc.{zone}") else denied
    if labels[-1] == "pod" and world.get(name) is None and plugin.option("pods") and len(labels) == 3:
        pods = [word.text for option in plugin.option("pods") for word in option.arguments]
        if pods[-1:] == ["insecure"] and _address(labels[0]):
            raise Unknown("kubernetes")
    if labels[-1] not in ("svc", "pod") or world.get(name, "absent") == "absent":
        return denied
    return held(world, query, "kubernetes")


def _address(label: str) -> bool:
    from ipaddress import ip_address  # slow to load, seldom asked

    try:
        ip_address(label.replace("-", "." if label.count("-") == 3 and "--" not in label else ":"))
    except ValueError:
        return False
    return True
