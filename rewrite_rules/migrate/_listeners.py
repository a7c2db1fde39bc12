"""Server blocks that get in each other's way: two that serve the same zone on the same listener, two that want one port.

CoreDNS compares transport, zone, port and addresses of all keys, and up to 1.14.6 the zones as they are written: lower and upper case are
two. A block with `view` may stand beside others of its zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy.answers.zones import origins, port_of_key, scheme_of_key, variable
from remedy.corefile.lexer import Span, Token
from remedy.corefile.tree import Corefile, ServerBlock
from rewrite_rules.migrate._move import Move

_SECURED = ("tls", "https", "grpc")
SERVED = {"https3": "1.13.2", "quic": "1.11.0"}  # since when a key with this transport is more than a zone of a strange name
# Which release began to refuse a transport without TLS, and which began to take it again.
_TLS = {"https": ("1.8.0", "1.8.7"), **{scheme: (since, None) for scheme, since in SERVED.items()}}


def listeners(corefile: Corefile, move: Move) -> Iterator[tuple[Span, str]]:
    """What the reader refuses of server blocks side by side (core/dnsserver: register.go and server_*.go; plugin/health)."""
    if corefile.unread:  # `view` and `tls` may stand in what is not at hand
        return
    seen: set[tuple[object, ...]] = set()
    ports: set[str] = set()
    secured: dict[tuple[object, ...], bool] = {}
    encrypted = {_listener(block, key) for block in corefile.blocks if block.plugin("tls") for key in block.keys}
    for block in corefile.blocks:
        if not _known(block):
            continue
        for key in block.keys:
            listener, own = _listener(block, key), bool(block.plugin("tls"))
            since, until = _TLS.get(listener[0], (None, None))
            if since and move.at_least(since) and not (until and move.at_least(until)) and listener not in encrypted:
                when = f"from {since} on, and before {until}," if until else f"since {since}"
                yield key.span, f"{when} {key.text} is served with the plugin tls only"
            if listener[0] in _SECURED and move.at_least("1.15.0") and secured.setdefault(listener, own) != own:
                yield key.span, f"since 1.15.0 the plugin tls stands in every server block of {listener[0]}:// on one port, or in none"
            served = set(_served(block, key, move)) if not block.plugin("view") else set()
            if served & seen:
                yield key.span, f"{key.text} is served by another server block, or by another key, already"
            seen |= served
        for health in block.plugin("health") if not move.at_least("1.6.6") else ():
            address = next((each.text for each in health.arguments), ":8080")
            if address in ports:
                yield health.span, f"before 1.6.6 health does not listen a second time on {address}"
            ports.add(address)


def _known(block: ServerBlock) -> bool:
    """Can a reader of the text tell where it listens?"""
    bound = [word for bind in block.plugin("bind") for word in bind.words()]
    return not any(variable(word.text) for word in (*block.keys, *bound))


def _served(block: ServerBlock, key: Token, move: Move) -> Iterator[tuple[object, ...]]:
    written = "" if move.at_least("1.14.7") else key.text.rpartition("://")[2]
    for zone in origins([key.text]):
        yield scheme_of_key(key.text), _port(key), zone, written if written.lower() != written else "", _addresses(block)


def _listener(block: ServerBlock, key: Token) -> tuple[str, str, tuple[str, ...]]:
    return scheme_of_key(key.text), _port(key), _addresses(block)


def _port(key: Token) -> str:
    """The port as it is written: what none means, a flag of the program decides."""
    return port_of_key(key.text) if re.search(r":\d+$", key.text) else ""


def _addresses(block: ServerBlock) -> tuple[str, ...]:
    return tuple(sorted(word.text for bind in block.plugin("bind") for word in bind.arguments))
