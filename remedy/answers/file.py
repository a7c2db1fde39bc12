"""`file`: an authoritative zone from a zone file (plugin/file/file.go, lookup.go).

A name with other types, an empty one above existing names, or one under an empty wildcard is NODATA with the SOA; below a delegation
there is a referral without one. An alias out of the zone is looked up by the server itself, and that lookup's rcode counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.masterfile import Zone, read
from remedy.answers.message import Message, Outcome, Query, Record, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check, falls_through, file_text, own_zones
from remedy.answers.zones import longest
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    paths: dict[str, str] = {}
    for plugin in plugins:
        check(plugin)
        path = plugin.arguments[0].text if plugin.arguments else ""
        paths |= dict.fromkeys(own_zones(plugin, onward, skip=1), path)
    origin = longest(paths, query.name)
    if not origin:
        if onward.rest:
            return onward(query)
        if onward.context.version < (1, 15):
            raise Unknown("file-version")
        return Outcome("REFUSED")
    text = file_text(paths[origin], onward)
    if text is None:
        raise Unknown("zone-file", paths[origin])
    if query.type_ == "ANY":
        raise Unknown("type", "ANY")
    zone = read(text, origin, paths[origin])
    if zone is None:
        raise Unknown("zone-file-syntax", paths[origin])
    message = _lookup(zone, query, onward)
    if message is None:
        return Outcome("SERVFAIL")
    absent = not message.answer and not message.delegates and (message.rcode == "NXDOMAIN" or _empty(zone, query.name))
    if absent and falls_through(plugins, query.name):
        return onward(query)
    return sent(message, "file")


def _above(zone: Zone, name: str) -> bool:
    """Is there a name strictly below this one?"""
    return any(each.endswith("." + name) if name != "." else each != "." for each in zone.types)


def _empty(zone: Zone, name: str) -> bool:
    return name not in zone.types and not _wildcard(zone, name) and _above(zone, name)


def _ancestors(name: str, origin: str) -> list[str]:
    """The name and those above it, down from the origin."""
    found = [name]
    while found[-1] != origin:
        found.append(found[-1].partition(".")[2] or ".")
    return found[::-1]


def _wildcard(zone: Zone, name: str) -> str:
    """The wildcard that answers for a name which is not there, or nothing."""
    found = ""
    for each in _ancestors(name, zone.origin):
        wild = "*." + (each.partition(".")[2] if each.partition(".")[2] else "")
        if each != zone.origin and each not in zone.types and (wild in zone.types or _above(zone, wild)):
            found = wild
    if not found:
        return ""
    parent = found[2:] or "."
    between = [each for each in _ancestors(name, zone.origin)[:-1] if each != parent and len(each) > len(parent)]
    return "" if any(_above(zone, each) for each in between) else found


def _lookup(zone: Zone, query: Query, onward: Next) -> Message | None:
    name, type_ = query
    for each in _ancestors(name, zone.origin):
        if each != zone.origin and "NS" in zone.types.get(each, ()):
            return Message("NOERROR", delegates=True)
    nodata = Message("NOERROR", soa=True)
    owner = name if name in zone.types else _wildcard(zone, name)
    if owner not in zone.types:
        if owner:
            return nodata
        return nodata if _above(zone, name) else Message("NXDOMAIN", soa=True)
    old = onward.context.version < (1, 15)
    if old and (owner != name or owner in zone.aliases):
        raise Unknown("file-version")
    served = "NS" in zone.apex
    if owner in zone.aliases and type_ != "CNAME":
        return _follow(zone, zone.aliases[owner], query, onward, served=served)
    return Message("NOERROR", (Record(type_),), delegates=served) if type_ in zone.types[owner] else nodata


def _follow(zone: Zone, target: str, query: Query, onward: Next, *, served: bool) -> Message | None:
    """The reply for an alias: what stands at its target, inside the zone or as the server answers it."""
    answer = [Record("CNAME", target)]
    for _ in range(8):
        if longest([zone.origin], target):
            for each in _ancestors(target, zone.origin):
                if each != zone.origin and "NS" in zone.types.get(each, ()):
                    return Message("NOERROR", tuple(answer), delegates=True)
        if target not in zone.types:
            return _outside(answer, target, query, onward, served=served)
        if target not in zone.aliases:
            found = (*answer, *([Record(query.type_, foreign=True)] if query.type_ in zone.types[target] else []))
            return Message("NOERROR", found, delegates=served)
        answer.append(Record("CNAME", zone.aliases[target], foreign=True))
        target = zone.aliases[target]
    raise Unknown("loop")


def _outside(answer: list[Record], target: str, query: Query, onward: Next, *, served: bool) -> Message | None:
    reply = onward.lookup(Query(target, query.type_))
    if reply is None:
        return Message("NOERROR", tuple(answer), delegates=served)
    denied = reply.rcode == "NXDOMAIN" or (reply.rcode == "NOERROR" and not reply.answer)
    rcode = reply.rcode if reply.rcode in ("NXDOMAIN", "SERVFAIL") else "NOERROR"
    found = (*answer, *(record._replace(foreign=True) for record in reply.answer))
    return Message(rcode, found, denied, served and not denied)
