"""What a cache between CoreDNS and its clients hands out: some keep an NXDOMAIN for the whole name and deny A because AAAA was denied.

RFC 2308 section 5 wants that: NXDOMAIN says that the name does not exist, of whatever type. So a template that says it of AAAA alone can
take the name from every client, glibc included. NODATA is kept by type everywhere. Only what holds within every TTL is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from remedy.clients.question import Reply

CACHES = ("bind", "dnsmasq", "unbound", "coredns", "systemd-resolved")
BY_SOURCE = ("systemd-resolved",)
"""Read in its source (src/resolve/resolved-dns-cache.c at v252) and never measured: say so wherever it is shown."""
_BY_NAME = ("bind", "dnsmasq", "systemd-resolved")


class Served(NamedTuple):
    """What the cache replied, and whether it had to ask upstream."""

    verdict: str
    asked_upstream: bool


def serve(cache: str, types: Iterable[str], upstream: Mapping[str, Reply], *, at_once: bool = True) -> tuple[Served, ...]:
    """One name, asked for these types one after the other through an empty cache; `upstream` replies by type.

    `at_once`: all within one second. So long BIND keeps even a negative reply without SOA, if it is authoritative, and a template's is.
    Of questions that are under way together the later reply counts: BIND may keep the address for one more lookup then.
    """
    kept: dict[str, str] = {}
    served = []
    for type_ in types:
        if hit := kept.get(type_) or kept.get("ANY"):
            served.append(Served(hit, asked_upstream=False))
            continue
        verdict = upstream[type_].verdict
        if cache == "dnsmasq" and verdict == "nxdomain" and kept:
            verdict = "nodata"  # it knows better: the name has been there for another type
        served.append(Served(verdict, asked_upstream=True))
        if verdict == "nxdomain" and cache == "bind":
            kept.clear()
        if _keeps(cache, upstream[type_], at_once=at_once):
            kept["ANY" if verdict == "nxdomain" and cache in _BY_NAME else type_] = verdict
    return tuple(served)


def afterwards(cache: str, upstream: Mapping[str, Reply]) -> tuple[tuple[str, str], ...]:
    """The verdicts for A and AAAA that later clients may get, once both were asked for: AAAA first or A first, at once or not."""
    ways = ((("AAAA", "A"), True), (("A", "AAAA"), True), (("AAAA", "A"), False), (("A", "AAAA"), False))
    later = [serve(cache, (*order, "A", "AAAA"), upstream, at_once=at_once)[2:] for order, at_once in ways]
    return tuple(dict.fromkeys((a.verdict, aaaa.verdict) for a, aaaa in later))


def _keeps(cache: str, reply: Reply, *, at_once: bool) -> bool:
    """Does this cache keep the reply at all? Failures of servers are not modelled: kept for seconds, if at all."""
    if reply.verdict not in ("nodata", "nxdomain"):
        return reply.verdict == "ok"
    if cache == "bind":
        return reply.soa or (at_once and not reply.relayed)
    if cache == "coredns":
        return reply.soa or reply.verdict == "nodata"
    return reply.soa or cache == "unbound"
