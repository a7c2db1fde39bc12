"""Go's own resolver (net/dnsclient_unix.go, CGO_ENABLED=0 or netgo): an address of either type is enough; NODATA and NXDOMAIN are the same.

With cgo on Alpine a Go program asks musl instead, and is as strict. Its replies are judged in the order in which they arrive.
"""

from __future__ import annotations

from typing import NamedTuple

from remedy.clients.question import TYPES, Ask, Resolv, Result, absolute, add

NOT_FOUND, MISBEHAVING, LAME, TIMEOUT = "no such host", "server misbehaving", "lame referral", "i/o timeout"


class _One(NamedTuple):
    """What one question came to. `text` is empty for records; `exchanges` and `seconds` say when."""

    type_: str
    text: str
    exchanges: int
    seconds: float
    queries: int
    temporary: bool = False


def candidates(name: str, resolv: Resolv) -> tuple[str, ...]:
    """The names asked for, in order: the name itself first if it has enough dots, else last; a trailing dot switches the list off."""
    alone = absolute(name)
    if len(alone) > 254:
        return ()
    if alone == name:
        return (name,)
    searched = [alone + absolute(domain) for domain in resolv.search if domain.strip(".")]
    searched = [full for full in searched if len(full) <= 254]
    return (alone, *searched) if name.count(".") >= min(resolv.ndots, 15) else (*searched, alone)


def lookup(name: str, ask: Ask, resolv: Resolv, family: str) -> tuple[Result, ...]:
    """The likely result first, and a second one where chance says which of two errors is told.

    EAI_AGAIN is the contract's word for every error that is not "no such host".
    """
    types = TYPES[family]
    orders = ((types, 1), (types[::-1], 1), (types, -1))  # what asks the server twice usually arrives later, but nothing makes it
    return tuple(dict.fromkeys(_lookup(name, ask, resolv, *order) for order in orders))


def _lookup(name: str, ask: Ask, resolv: Resolv, types: tuple[str, ...], later: int) -> Result:
    result, told = Result("not-found", text=NOT_FOUND), None
    for candidate in candidates(name, resolv):
        asked = [_try(candidate, type_, ask, resolv) for type_ in types]
        if any(each.text == "unknown" for each in asked):
            return result._replace(outcome="unknown", text="", name=candidate)
        queries = result.queries
        for each in asked:
            queries = add(queries, each.type_, each.queries)
        result = result._replace(queries=queries, seconds=result.seconds + max(each.seconds for each in asked))
        found = tuple(sorted(each.type_ for each in asked if not each.text))
        if found:
            return result._replace(outcome="ok", text="", types=found, name=candidate)
        for each in sorted(asked, key=lambda each: (each.seconds, each.exchanges * later)):  # in the order of their arrival
            if told is None or candidate == f"{name}.":
                told = each
    if told is None or told.text == NOT_FOUND:
        return result
    return result._replace(outcome="EAI_AGAIN", text=told.text, temporary=told.temporary)


def _try(name: str, type_: str, ask: Ask, resolv: Resolv) -> _One:
    """tryOneName: `attempts` rounds over the servers; a negative answer ends them, any other failure does not."""
    text, temporary, exchanges, seconds, queries = "", False, 0, 0.0, 0
    for _ in range(max(1, resolv.attempts)):
        for reply in ask(name, type_)[:3]:
            exchanges, queries = exchanges + 1, queries + 1 + reply.truncated
            if reply.verdict in ("ok", "nodata", "nxdomain") and not reply.referral:
                return _One(type_, "" if reply.verdict == "ok" else NOT_FOUND, exchanges, seconds, queries)
            if reply.verdict == "unknown":
                return _One(type_, "unknown", exchanges, seconds, queries)
            if reply.verdict == "drop":
                seconds += max(1, resolv.timeout)
            text = TIMEOUT if reply.verdict == "drop" else LAME if reply.referral else MISBEHAVING
            temporary = reply.verdict in ("drop", "servfail")
    return _One(type_, text, exchanges, seconds, queries, temporary)
