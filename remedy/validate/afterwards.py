"""What else may still hand out the old answer once every replica answers by the new text, and for how long.

A reload of CoreDNS starts with an empty cache, so nothing of the kind is left in the replicas themselves.
"""

from __future__ import annotations

from typing import NamedTuple

from remedy.answers.template import templates
from remedy.corefile.tree import Corefile

_LOCAL_CAP = 30  # `cache 30` in the stock Corefile of NodeLocal DNSCache
_SHORTEST = 5  # seconds: CoreDNS keeps a denial no shorter (plugin/cache/setup.go), Unbound 1.17.1 one without SOA as long (measured)
_LARGEST_TTL = 2**31 - 1  # RFC 2181 section 8


class Holder(NamedTuple):
    """Who may hold the old answer, for at most how many seconds (None: until somebody acts), and what to do about it."""

    who: str
    seconds: int | None
    advice: str

    @property
    def sentence(self) -> str:
        span = "until it is reloaded" if self.seconds is None else f"for at most {self.seconds} s"
        return f"{self.who}: {span}{f'; {self.advice}' if self.advice else ''}"


def holders(before: Corefile) -> tuple[Holder, ...]:
    """For the text that was live: denials with an SOA may be kept for its TTL, those without hardly anywhere (docs/resolvers.md)."""
    denials = [each for block in before.blocks for each in templates(block) if each.rcode == "NXDOMAIN"]
    records = [word.text for each in denials for option in each.directive.option("authority") for word in option.arguments]
    ttl = max(map(_soa_ttl, records), default=0)
    found = []
    if ttl:
        found.append(
            Holder("a node-local cache (NodeLocal DNSCache)", max(_SHORTEST, min(ttl, _LOCAL_CAP)), "unless its `denial` says more")
        )
        found.append(Holder("BIND, dnsmasq or systemd-resolved in front, for A as well as AAAA", ttl, "or flush it"))
    if denials:
        found.append(Holder("Unbound in front, for AAAA", ttl or _SHORTEST, "or flush it"))
    found += [
        Holder("nginx, HAProxy and others that resolve names when they start", None, "reload those that lost an upstream: nginx -s reload"),
        Holder("Java applications (networkaddress.cache.negative.ttl)", 10, "unless it is set to more"),
    ]
    return tuple(found)


def _soa_ttl(record: str) -> int:
    """The TTL of a record written as in a zone file, `NAME [TTL] [CLASS] SOA …`; 3600 where it has none (RFC 1035 section 5.1), else 0."""
    words = record.upper().split()
    if "SOA" not in words:
        return 0
    return next((min(int(word), _LARGEST_TTL) for word in words[1 : words.index("SOA")] if word.isdecimal()), 3600)
