"""Names and zones as CoreDNS compares them (plugin/normalize.go, core/dnsserver/address.go).

A zone is lower case and ends in a dot. A server block's key holds a zone, and around it perhaps a scheme and a port.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_KEY = re.compile(
    r"(?:(?P<scheme>dns|tls|quic|grpc|https3?|unix)://)?(?P<zone>.*?)(?::(?P<port>\d+|\{\$[^{}]*\}|\{%[^{}]*%\}))?", re.DOTALL
)


def absolute(name: str) -> str:
    """Lower case, with the final dot."""
    return name.lower().rstrip(".") + "."


def zone_of_key(key: str) -> str:
    """The zone of a server block's key: `dns://Example.org:1053` serves `example.org.`."""
    match = _KEY.fullmatch(key)
    return absolute(match["zone"] if match else key)


def scheme_of_key(key: str) -> str:
    """The transport of a server block's key, `dns` if it names none."""
    match = _KEY.fullmatch(key)
    return (match["scheme"] if match else None) or "dns"


def port_of_key(key: str) -> str:
    """The port of a server block's key, 53 if it names none."""
    match = _KEY.fullmatch(key)
    return (match["port"] if match else None) or "53"


def variable(word: str) -> bool:
    """Does CoreDNS put environment variables into this word? remedy does not know them."""
    return "{$" in word or "{%" in word


def covers(zone: str, name: str) -> bool:
    """Is this absolute name the zone itself or below it?"""
    return zone == "." or name == zone or name.endswith("." + zone)


_SCHEME = re.compile(r"(?:dns|tls|quic|grpc|https3?|unix)://")
_NUMBER = re.compile(r"[+-]?\d+")
_PREFIX = re.compile(r"[0-9a-fA-F.:]+/\d{1,3}")


def origins(words: Iterable[str]) -> tuple[str, ...]:
    """The zones that a plugin's arguments name (plugin/normalize.go): scheme and port go, a CIDR is its reverse zones, bad names vanish."""
    return tuple(zone for word in words for zone in _origins(word))


@cache
def _origins(word: str) -> list[str]:
    host = word[scheme.end() :] if (scheme := _SCHEME.match(word)) else word
    before, colon, after = host.rpartition(":")
    if colon and not after:
        return []
    if colon and _NUMBER.fullmatch(after):
        host = before
    if (
        not host
        or len(host) > 255
        or ".." in host
        or (host.startswith(".") and host != ".")
        or any(len(each) > 63 for each in host.split("."))
    ):
        return []
    return _reverse(host) if _PREFIX.fullmatch(host) else [absolute(host)]


def _reverse(host: str) -> list[str]:
    """The reverse zones that cover a CIDR, split at the next octet or nibble (plugin/pkg/cidr)."""
    import ipaddress  # almost no Corefile needs it

    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        return [absolute(host)]
    step = 8 if network.version == 4 else 4
    parts = network.subnets(new_prefix=-(-network.prefixlen // step) * step)
    total = network.max_prefixlen // step
    return [".".join(part.network_address.reverse_pointer.split(".")[total - part.prefixlen // step :]) + "." for part in parts]


def longest(zones: Iterable[str], name: str) -> str:
    """The longest of the zones that hold this name, or nothing."""
    return max((zone for zone in zones if covers(zone, name)), key=len, default="")


def union_covers(zones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Is every one of `others` inside one of `zones`?"""
    return all(any(covers(zone, other) for zone in zones) for other in others)
