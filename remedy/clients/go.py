"""Go's own resolver (net/dnsclient_unix.go, CGO_ENABLED=0 or netgo): an address of either type is enough; NODATA and NXDOMAIN are the same.

With cgo on Alpine a Go program asks musl instead, and is as strict. Its replies are judged in the order in which they arrive.
"""

from __future__ import annotations

from remedy.clients.question import TYPES, Ask, Resolv, Result, absolute, add, host_name

NOT_FOUND, MISBEHAVING, LAME, TIMEOUT = "no such host", "server misbehaving", "lame referral", "i/o timeout"


def candidates(name: str, resolv: Resolv) -> tuple[str, ...]:
    """The names asked for, in order: the name itself first if it has enough dots, else last; a trailing dot switches the list off."""
    alone = absolute(name)
    if len(alone) > 254 or not _domain_name(name):
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
    first = _lookup(name, ask, resolv, types, 1)
    if first.outcome in ("ok", "unknown"):
        return (first,)
    orders = ((types[::-1], 1), (types, -1))  # what asks the server twice usually arrives later, but nothing makes it
    return tuple(dict.fromkeys((first, *(_lookup(name, ask, resolv, *order) for order in orders))))


def _lookup(name: str, ask: Ask, resolv: Resolv, types: tuple[str, ...], later: int) -> Result:
    result, told = Result("not-found", text=NOT_FOUND), Result("not-found", text=NOT_FOUND)
    for candidate in candidates(name, resolv):
        asked = [_try(candidate, type_, ask, resolv) for type_ in types]
        a, aaaa = result.queries
        result = result._replace(
            queries=(a + sum(each.queries[0] for each in asked), aaaa + sum(each.queries[1] for each in asked)),
            seconds=result.seconds + max(each.seconds for each in asked),
        )
        if any(each.outcome == "unknown" for each in asked):
            return result._replace(outcome="unknown", text="", name=candidate)
        found = tuple(sorted(type_ for each in asked for type_ in each.types))
        if found:
            return result._replace(outcome="ok", text="", types=found, name=candidate)
        for each in sorted(asked, key=lambda each: (each.seconds, sum(each.queries) * later)):  # in the order of their arrival
            if not told.name or candidate == f"{name}.":
                told = each
    return result._replace(outcome=told.outcome, text=told.text, temporary=told.temporary)


def _domain_name(name: str) -> bool:
    """net/dnsclient.go isDomainName: what is none is not asked for."""
    labels = name.removesuffix(".").split(".")
    plain = all(0 < len(label) < 64 and label[0] != "-" and label[-1] != "-" for label in labels)
    return plain and host_name(name) and not name.replace(".", "").isdigit()


def _try(name: str, type_: str, ask: Ask, resolv: Resolv) -> Result:
    """tryOneName: `attempts` rounds over the servers; a negative answer ends them, any other failure does not."""
    result = Result("EAI_AGAIN", name=name)
    for _ in range(max(1, resolv.attempts)):
        for reply in ask(name, type_)[:3]:
            result = result._replace(queries=add(result.queries, type_, 1 + reply.truncated))
            if reply.verdict == "unknown":
                return result._replace(outcome="unknown")
            if reply.verdict in ("nodata", "nxdomain") and not reply.referral:
                return result._replace(outcome="not-found", text=NOT_FOUND, temporary=False)
            if reply.verdict == "ok":
                return result._replace(outcome="ok", types=(type_,))
            lost = max(1, resolv.timeout) if reply.verdict == "drop" else 0
            text = TIMEOUT if reply.verdict == "drop" else LAME if reply.referral else MISBEHAVING
            result = result._replace(text=text, seconds=result.seconds + lost, temporary=reply.verdict in ("drop", "servfail"))
    return result
