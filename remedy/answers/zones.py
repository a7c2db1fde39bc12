"""Names and zones as CoreDNS compares them (plugin/normalize.go, core/dnsserver/address.go).

A zone is lower case and ends in a dot. A server block's key holds a zone, and around it perhaps a scheme and a port.
"""

from __future__ import annotations

import re

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


def union_covers(zones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Is every one of `others` inside one of `zones`?"""
    return all(any(covers(zone, other) for zone in zones) for other in others)
