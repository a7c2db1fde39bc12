"""What a server block's key means: transport, zones, port (CoreDNS: core/dnsserver/register.go, plugin/normalize.go, plugin/pkg/cidr).

A key that looks wrong is often a zone of an odd name: `http://a.org` and `a.org:dns` are. A network stands for all the reverse zones that
cover it; a plain address is only a name.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PORTS = {"dns": "53", "tls": "853", "quic": "853", "grpc": "443", "https": "443", "https3": "443", "unix": ""}
_TRANSPORT = re.compile(r"(tls|dns|quic|grpc|https3|https|unix)://")
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DDD = re.compile(rb"[0-9]{3}")
_LONGEST = 256


class Address(NamedTuple):
    """What a key says; several zones where it is a network. A port is as it was written, without leading zeros."""

    transport: str
    zones: tuple[str, ...]
    port: str

    def __str__(self) -> str:
        return f"{self.transport}://{self.zones[0]}:{self.port}"


def address(key: str, *, port: str = "53") -> Address:
    """The meaning of a key; `port` is CoreDNS's own default (its flag -dns.port). ValueError in CoreDNS's words if it refuses it."""
    match = _TRANSPORT.match(key)
    transport = match[1] if match else "dns"
    hosts, given = split(key[match.end() :] if match else key)
    for host in hosts:
        split(_qualified(host))
    return Address(transport, tuple(absolute(host) for host in hosts), given or (port if transport == "dns" else PORTS[transport]))


def split(key: str) -> tuple[list[str], str]:
    """plugin/normalize.go SplitHostPort: the zones as written, or the reverse zones of a network, and the port, "" if there is none."""
    before, colon, after = key.rpartition(":")
    if not key or (colon and not after):  # Go looks for a last colon at -1 in a key of no length
        raise ValueError(f'expecting data after last colon: "{key}"')
    port = ""
    if colon and _NUMBER.fullmatch(after) and -(1 << 63) <= int(after) < 1 << 63:
        key, port = before, str(int(after))
    size = len(key.encode("utf-8", "surrogateescape"))
    if size > 255:
        raise ValueError(f"specified zone is too long: {size} > 255")
    if not is_domain_name(key):
        raise ValueError(f"zone is not a valid domain name: {key}")
    return (_reverse_zones(key) if "/" in key else None) or [key], port


def absolute(zone: str) -> str:
    """plugin/normalize.go Name.Normalize: lower case, with the final dot."""
    return _qualified(zone).lower()


def _qualified(zone: str) -> str:
    """miekg/dns Fqdn: a last dot behind an odd number of backslashes is part of the last label."""
    stem = zone[:-1]
    ends = zone.endswith(".") and (len(stem) - len(stem.rstrip("\\"))) % 2 == 0
    return zone if ends else zone + "."


def is_domain_name(name: str) -> bool:
    """miekg/dns IsDomainName, step by step: labels up to 63 bytes, `\\DDD` and `\\X` being one, none of them empty."""
    if not name:
        return False
    raw = _qualified(name).encode("utf-8", "surrogateescape")
    size = begin = place = 0
    was_dot = False
    while place < len(raw):
        if raw[place : place + 1] == b"\\":
            skipped = 3 if _DDD.match(raw, place + 1) else 1
            if size > _LONGEST - 1:
                return False
            place += skipped
            begin += skipped
            was_dot = False
        elif raw[place : place + 1] == b".":
            size += 1 + place - begin
            if (place == 0 and len(raw) > 1) or was_dot or place - begin > 63 or size > _LONGEST:
                return False
            was_dot = True
            begin = place + 1
        else:
            was_dot = False
        place += 1
    return True


def _reverse_zones(network: str) -> list[str] | None:
    """The zones on label boundaries that cover a network; None if this is none."""
    import ipaddress  # only a key with a slash needs it

    host, _, bits = network.rpartition("/")
    if "%" in host or not re.fullmatch("[0-9]{1,6}", bits, re.ASCII):
        return None
    try:
        parsed = ipaddress.ip_network(f"{host}/{int(bits)}", strict=False)
    except ValueError:
        return None
    if network[0] == ":" or (network[0] == "0" and ":" in network):
        raise ValueError(f"invalid CIDR {network}")
    width = 8 if parsed.version == 4 else 4
    prefix = -(-parsed.prefixlen // width) * width
    zones = []
    for each in parsed.subnets(new_prefix=prefix):
        labels = each.network_address.reverse_pointer.split(".")
        zones.append(".".join(labels[(parsed.max_prefixlen - prefix) // width :]) + ".")
    return zones
