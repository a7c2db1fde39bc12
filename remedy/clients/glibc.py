"""glibc's getaddrinfo (resolv/res_query.c and res_send.c at 2.36): takes whatever addresses came, and goes on at NODATA as at NXDOMAIN.

Its weak spot is a lost reply to A: it is awaited, and asked for again and again, while the reply to AAAA lies there unused.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from typing import NamedTuple

from remedy.clients.question import TYPES, Ask, Reply, Resolv, Result, absolute, add, host_name, sendable

TEXTS = {
    "EAI_NONAME": "Name or service not known",
    "EAI_NODATA": "No address associated with hostname",
    "EAI_AGAIN": "Temporary failure in name resolution",
    "EAI_FAIL": "Non-recoverable failure in name resolution",
}
_REJECTED = ("servfail", "notimp", "refused")


class _Sent(NamedTuple):
    """What sending one name's questions came to: verdicts in the order the replies arrived; none = every server failed."""

    verdicts: tuple[str, ...]
    first: str  # the first reply that came at all, "" for silence: res_query.c looks at its rcode even after a failure
    queries: tuple[int, int]
    seconds: float
    mode: int


def candidates(name: str, resolv: Resolv) -> tuple[str, ...]:
    """The names that may be asked for, in order; the name itself comes first if it has enough dots, else last."""
    if name.endswith("."):
        return (name,)
    searched = tuple(f"{name}.{domain.strip('.')}".rstrip(".") + "." for domain in resolv.search)
    alone = absolute(name)
    if name.count(".") >= min(resolv.ndots, 15):
        return (alone, *searched)
    return searched if alone in searched else (*searched, alone)


def lookup(name: str, ask: Ask, resolv: Resolv, family: str) -> tuple[Result, ...]:
    """The one result: servers are asked one after the other, so where they disagree their order in resolv.conf decides."""
    names = candidates(name, resolv) if host_name(name) else ()
    alone = absolute(name)
    result, errors, stop, mode = Result("EAI_NONAME"), [], False, 0
    for candidate in names:
        if stop and candidate != alone:
            continue
        if not sendable(candidate):
            errors.append("EAI_FAIL")
            stop = True
            continue
        sent = _send(candidate, ask, resolv, TYPES[family], mode)
        mode = sent.mode
        total = (result.queries[0] + sent.queries[0], result.queries[1] + sent.queries[1])
        result = result._replace(queries=total, seconds=result.seconds + sent.seconds)
        outcome, types = _judge(sent, TYPES[family])
        if outcome in ("ok", "unknown"):
            return (result._replace(outcome=outcome, types=types, name=candidate),)
        errors.append(outcome)
        if outcome == "EAI_AGAIN" and sent.first == "servfail":
            errors[-1] = "servfail"
        elif outcome not in ("EAI_NODATA", "EAI_NONAME") and candidate != alone:
            stop = True
    outcome = _final(errors[:1] if names[:1] == (alone,) else errors)
    return (result._replace(outcome=outcome, text=TEXTS[outcome], temporary=outcome == "EAI_AGAIN"),)


def _final(errors: list[str]) -> str:
    """Which error is told: any NODATA, else any SERVFAIL, else the last (and the name's own alone, if it was asked first)."""
    told = errors[-1] if errors else "EAI_NONAME"
    if "EAI_NODATA" in errors:
        told = "EAI_NODATA"
    elif "servfail" in errors[:-1]:
        told = "servfail"
    return "EAI_AGAIN" if told == "servfail" else "EAI_NONAME" if told == "EAI_FAIL" else told


def _judge(sent: _Sent, types: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """res_query.c: NODATA or NXDOMAIN by the first reply that is not NOERROR."""
    if "unknown" in sent.verdicts:
        return "unknown", ()
    if not sent.verdicts:
        return "EAI_AGAIN", ()
    found = tuple(type_ for type_ in types if f"ok {type_}" in sent.verdicts)
    if found:
        return "ok", found
    rcode = next((verdict for verdict in sent.verdicts if verdict != "nodata"), "nodata")
    return {"nodata": "EAI_NODATA", "nxdomain": "EAI_NONAME", "servfail": "EAI_AGAIN"}.get(rcode, "EAI_FAIL"), ()


def _send(name: str, ask: Ask, resolv: Resolv, types: tuple[str, ...], mode: int) -> _Sent:
    """res_send.c: `attempts` rounds over the servers until one gives something."""
    per_type = [tuple(ask(name, type_)[:3]) for type_ in types]
    servers = list(zip(*per_type, strict=True))
    if any(reply.verdict == "unknown" for server in servers for reply in server):
        return _Sent(("unknown",), "", (0, 0), 0, mode)
    queries, seconds, first = (0, 0), 0.0, ""
    for _ in range(min(resolv.attempts, 5)):
        for place, replies in enumerate(servers):
            wait = min(resolv.timeout, 30) << place
            wait = max(1, wait // len(servers) if place else wait)
            tried = _one_server(dict(zip(types, replies, strict=True)), wait, mode)
            queries = (queries[0] + tried.queries[0], queries[1] + tried.queries[1])
            seconds, mode, first = seconds + tried.seconds, tried.mode, tried.first or first
            if tried.verdicts:
                return _Sent(tried.verdicts, first, queries, seconds, mode)
    return _Sent((), first, queries, seconds, mode)


def _one_server(replies: dict[str, Reply], wait: float, mode: int) -> _Sent:
    """send_dg: both questions at once; after one lost reply one by one (mode 1), then with a new socket for the second (mode 2)."""
    queries, seconds, first = (0, 0), 0.0, ""
    while True:
        arrived: list[tuple[str, Reply]] = []
        for type_, reply in replies.items():
            queries = add(queries, type_, 1)
            if reply.verdict != "drop":
                arrived.append((type_, reply))
            if mode and len(replies) > 1 and (reply.verdict == "drop" or _rejected(reply)):
                break  # the second question is sent only after a good first reply
        first = first or (arrived[0][1].verdict if arrived else "")
        if any(reply.truncated for _, reply in arrived):  # both again over TCP
            for type_ in replies:
                queries = add(queries, type_, 1)
            return _Sent(_verdicts(list(replies.items())), first, queries, seconds, mode)
        good = [(type_, reply) for type_, reply in arrived if not _rejected(reply)]
        if len(arrived) == len(replies) or (mode and arrived and not good):
            return _Sent(_verdicts(good), first, queries, seconds, mode)
        seconds += wait
        if not arrived or not good or len(replies) == 1:
            return _Sent((), first, queries, seconds, mode)
        if mode == 2:
            return _Sent(_verdicts(good), first, queries, seconds, mode)
        mode += 1


def _rejected(reply: Reply) -> bool:
    return reply.verdict in _REJECTED or reply.referral


def _verdicts(arrived: list[tuple[str, Reply]]) -> tuple[str, ...]:
    return tuple(f"ok {type_}" if reply.verdict == "ok" else reply.verdict for type_, reply in arrived if reply.verdict != "drop")
