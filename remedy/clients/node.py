"""Node: `dns.lookup`, and with it http and net, is the libc's getaddrinfo; only `dns.resolve4` and `dns.resolve6` are c-ares.

On Alpine the libc is musl, so the client to look at there is a musl one; "node" is Node on glibc.
"""

from __future__ import annotations

from remedy.clients import glibc
from remedy.clients.question import TYPES, Ask, Resolv, Result, absolute, add

_CODES = {
    "nodata": "ENODATA",
    "nxdomain": "ENOTFOUND",
    "servfail": "ESERVFAIL",
    "refused": "EREFUSED",
    "notimp": "ENOTIMP",
    "formerr": "EFORMERR",
    "drop": "ETIMEOUT",
}
_TRIES = 4
_SECONDS = 13  # measured 11 to 15: c-ares' own timeouts with a random part; resolv.conf's `timeout` does not count


def lookup(name: str, ask: Ask, resolv: Resolv, family: str) -> tuple[Result, ...]:
    """dns.lookup: glibc's result; Node prints ENOTFOUND for both EAI_NONAME and EAI_NODATA."""
    (result,) = glibc.lookup(name, ask, resolv, family)
    return (of_glibc(result, name),)


def of_glibc(result: Result, name: str) -> Result:
    """The same lookup in Node's words."""
    return result._replace(text=told(result.outcome, name))


def told(outcome: str, name: str) -> str:
    """The message of the Error for an EAI code of whichever libc."""
    if outcome in ("ok", "unknown"):
        return ""
    return f"getaddrinfo {'ENOTFOUND' if outcome in ('EAI_NONAME', 'EAI_NODATA') else outcome} {name}"


def resolve(name: str, ask: Ask, family: str) -> tuple[Result, ...]:
    """dns.resolve4 and resolve6 together: each its own question for the name as it stands, no search list; A's error is told."""
    result, first = Result("ok", name=absolute(name)), ""
    for type_ in TYPES[family]:
        replies = ask(absolute(name), type_)
        if any(reply.verdict == "unknown" for reply in replies):
            return (result._replace(outcome="unknown"),)
        reply = next((each for each in replies if each.verdict in ("ok", "nodata", "nxdomain")), replies[-1])
        lost = all(each.verdict == "drop" for each in replies)
        tries = _TRIES * len(replies) if lost else replies.index(reply) + 1 + reply.truncated
        result = result._replace(queries=add(result.queries, type_, tries), seconds=max(result.seconds, _SECONDS if lost else 0))
        if reply.verdict == "ok":
            result = result._replace(types=(*result.types, type_))
        else:
            first = first or f"query{type_.capitalize()} {_CODES.get(reply.verdict, 'EBADRESP')}"
    if result.types:
        return (result,)
    code = first.split()[1]
    return (result._replace(outcome=code, text=f"{first} {name}", temporary=code == "ETIMEOUT"),)
