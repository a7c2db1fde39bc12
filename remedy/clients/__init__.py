"""What a client makes of the replies to A and AAAA: pure functions, one module for each resolver, held against the real ones by tests.

The names in CLIENTS are a contract. musl is the strict one: since 1.2.1 one bad reply of the pair decides, while glibc takes whatever
records came back. docs/resolvers.md says what was measured with which version.
"""

from __future__ import annotations

from remedy.clients import glibc, go, musl, nginx, node
from remedy.clients.question import Ask, Family, Reply, Resolv, Result

__all__ = ["CLIENTS", "Ask", "Family", "Reply", "Resolv", "Result", "candidates", "lookup", "lookups", "outcome", "text"]

CLIENTS = ("musl<=1.2.0", "musl-1.2.1-1.2.3", "musl>=1.2.4", "glibc", "go", "node", "nginx")
_LOOKUPS = {"glibc": glibc.lookup, "go": go.lookup, "node": node.lookup, "nginx": nginx.lookup}
_CANDIDATES = {"glibc": glibc.candidates, "go": go.candidates, "node": glibc.candidates}


def lookup(client: str, name: str, ask: Ask, resolv: Resolv | None = None, *, family: Family = "UNSPEC") -> tuple[Result, ...]:
    """What the client makes of a name: one result, or every possible one where it depends on which name server is faster.

    `client` is one of CLIENTS or node-resolve (c-ares). An IP address or a name in /etc/hosts is no DNS question and not for here.
    """
    resolv = resolv or Resolv()
    if client.startswith("musl"):
        return musl.lookup(client, name, ask, resolv, family)
    return node.resolve(name, ask, family) if client == "node-resolve" else _LOOKUPS[client](name, ask, resolv, family)


def lookups(name: str, ask: Ask, resolv: Resolv, *, family: Family = "UNSPEC") -> dict[str, Result]:
    """The likely result of each of the CLIENTS, in their order."""
    found = {client: lookup(client, name, ask, resolv, family=family)[0] for client in CLIENTS if client != "node"}
    found["node"] = node.of_glibc(found["glibc"], name)
    return {client: found[client] for client in CLIENTS}


def candidates(client: str, name: str, resolv: Resolv) -> tuple[str, ...]:
    """The absolute names that the client may ask for, in its order."""
    if client.startswith("musl"):
        return musl.candidates(name, resolv)
    return _CANDIDATES[client](name, resolv) if client in _CANDIDATES else (name if name.endswith(".") else f"{name}.",)


def outcome(client: str, a: str, aaaa: str, family: Family = "UNSPEC") -> str:
    """ok, the EAI code, not-found, another rcode or timed-out (nginx), or unknown: one absolute name, one name server."""
    return _of_one(client, "name.", a, aaaa, family).outcome


def text(client: str, name: str, a: str, aaaa: str, family: Family = "UNSPEC") -> str:
    """What the client prints where `outcome` is an error; empty where it is none."""
    return _of_one(client, name, a, aaaa, family).text


def _of_one(client: str, name: str, a: str, aaaa: str, family: Family) -> Result:
    replies = {"A": (Reply(a),), "AAAA": (Reply(aaaa),)}
    return lookup(client, name, lambda _, type_: replies[type_], family=family)[0]
