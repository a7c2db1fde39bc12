"""nginx's `resolver` (src/core/ngx_resolver.c): asks A and AAAA unless `ipv6=off`, and an error in either is the result.

It reads no resolv.conf and knows no search list. Names in the configuration that need no variable are looked up by the libc at start.
"""

from __future__ import annotations

from remedy.clients.question import TYPES, Ask, Reply, Resolv, Result, absolute, add

_TEXTS = {
    "servfail": "2: Server failure",
    "not-found": "3: Host not found",
    "notimp": "4: Unimplemented",
    "refused": "5: Operation refused",
    "timed-out": "110: Operation timed out",
}
_READ = ("ok", "nodata", "servfail", "nxdomain", "notimp", "refused")  # every other rcode is logged and dropped
_RESEND = 5  # seconds, ngx_resolver_create


def lookup(name: str, ask: Ask, resolv: Resolv, family: str) -> tuple[Result, ...]:
    """Every result that is possible: nginx starts with another of its name servers each time. INET is `ipv6=off`, INET6 `ipv4=off`."""
    full = absolute(name)
    replies = {type_: tuple(ask(full, type_)) for type_ in TYPES[family]}
    if any(reply.verdict == "unknown" for each in replies.values() for reply in each):
        return (Result("unknown", name=full),)
    servers = len(next(iter(replies.values())))
    return tuple(dict.fromkeys(_from(start, servers, full, replies, resolv.resolver_timeout) for start in range(servers)))


def _from(start: int, servers: int, name: str, replies: dict[str, tuple[Reply, ...]], timeout: int) -> Result:
    """One lookup that begins with this server; an unanswered question goes to the next one after five seconds."""
    queries, seconds, heard = (0, 0), 0.0, {}
    sends = max(1, -(-timeout // _RESEND))
    for type_, each in replies.items():
        turn = [each[(start + place) % servers] for place in range(sends)]
        place = next((place for place, reply in enumerate(turn) if reply.verdict in _READ), None)
        queries = add(queries, type_, sends if place is None else place + 1 + turn[place].truncated)
        if place is None:
            seconds = timeout
        else:
            seconds = max(seconds, float(place * _RESEND))
            heard[type_] = turn[place].verdict, place
    if len(heard) < len(replies):
        return _failed("timed-out", name, queries, timeout)
    return _judge(name, heard, queries, seconds)


def _judge(name: str, heard: dict[str, tuple[str, int]], queries: tuple[int, int], seconds: float) -> Result:
    """The error that arrives last is told; NODATA is none as long as the other type has addresses."""
    arrived = [verdict for verdict, _ in sorted(heard.values(), key=lambda each: each[1])]
    errors = [verdict for verdict in arrived if verdict not in ("ok", "nodata")]
    if errors:
        return _failed("not-found" if errors[-1] == "nxdomain" else errors[-1], name, queries, seconds)
    types = tuple(type_ for type_, (verdict, _) in heard.items() if verdict == "ok")
    if types:
        return Result("ok", types, name, "", queries, seconds)
    return _failed("not-found", name, queries, seconds)


def _failed(outcome: str, name: str, queries: tuple[int, int], seconds: float) -> Result:
    text = f"{name.rstrip('.')} could not be resolved ({_TEXTS[outcome]})"
    return Result(outcome, (), name, text, queries, seconds, outcome == "timed-out")
