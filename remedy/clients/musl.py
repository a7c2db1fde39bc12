"""musl's getaddrinfo (src/network/lookup_name.c, res_msend.c): of the two replies the first bad one decides, and A is looked at first.

A search candidate answered NXDOMAIN is passed over, one answered NODATA ends the lookup. Every question goes to all name servers at once
and the first good reply wins, so servers that disagree make a lookup that depends on the network's mood: every result is given then.
"""

from __future__ import annotations

from itertools import product

from remedy.clients.question import TYPES, Ask, Reply, Resolv, Result, absolute, add, sendable

TEXTS = {"EAI_NONAME": "Name does not resolve", "EAI_NODATA": "Name has no usable address", "EAI_AGAIN": "Try again"}
_GOOD = ("ok", "nodata", "nxdomain")  # res_msend.c drops every other rcode as if it had not come; SERVFAIL it asks again


def candidates(name: str, resolv: Resolv) -> tuple[str, ...]:
    """The names asked for, in order: the search list only if the name has fewer dots than ndots, the name itself last."""
    bare = name.removesuffix(".")
    if not bare or bare.endswith(".") or len(name) > 254:
        return ()
    searched = not name.endswith(".") and name.count(".") < min(resolv.ndots, 15)
    fitting = [domain.strip(".") for domain in resolv.search if searched and len(domain) < 255 - len(bare)]
    return (*(absolute(f"{bare}.{domain}") for domain in fitting), absolute(bare))


def lookup(version: str, name: str, ask: Ask, resolv: Resolv, family: str) -> tuple[Result, ...]:
    """Every result that is possible, in a stable order; `version` is the client's name in the contract."""
    going, ended = [Result("EAI_NONAME")], []
    for candidate in candidates(name, resolv):
        if not sendable(candidate):
            if version != "musl>=1.2.4":  # up to 1.2.3 what res_mkquery.c refuses ended the lookup
                break
            continue
        found = [step for so_far in going for step in _one_name(version, candidate, ask, resolv, family, so_far)]
        ended += [result for result in found if result.name]
        going = list(dict.fromkeys(result for result in found if not result.name))
        if not going:
            break
    return tuple(dict.fromkeys(_with_text(result) for result in ended + going))


def _one_name(version: str, name: str, ask: Ask, resolv: Resolv, family: str, so_far: Result) -> list[Result]:
    """What this candidate may give; a Result without a name means: try the next one."""
    types = TYPES[family]
    replies = [tuple(ask(name, type_)[:3]) for type_ in types]  # lookup.h: MAXNS
    if any(reply.verdict == "unknown" for each in replies for reply in each):
        return [so_far._replace(outcome="unknown", name=name)]
    seen = [_accepted(version, each) for each in replies]
    late = any("" in each for each in seen)
    queries = so_far.queries
    for type_, sent, each in zip(types, _sent(replies, seen, resolv), replies, strict=True):
        over_tcp = version == "musl>=1.2.4" and any(reply.truncated for reply in each)
        queries = add(queries, type_, sent + over_tcp)
    cost = so_far._replace(queries=queries, seconds=so_far.seconds + (min(resolv.timeout, 60) if late else 0))
    return [_judge(version, name, dict(zip(types, pair, strict=True)), cost) for pair in product(*seen)]


def _accepted(version: str, replies: tuple[Reply, ...]) -> tuple[str, ...]:
    """The verdicts of which any may win, or one empty word: nobody replied acceptably in time."""
    newest = version == "musl>=1.2.4"  # asks again over TCP; before, an empty reply is an empty reply
    verdicts = ["nodata" if reply.truncated and not newest and reply.verdict == "ok" else reply.verdict for reply in replies]
    return tuple(dict.fromkeys(verdict for verdict in verdicts if verdict in _GOOD)) or ("",)


def _sent(replies: list[tuple[Reply, ...]], seen: list[tuple[str, ...]], resolv: Resolv) -> list[int]:
    """How often each question goes out. A reply SERVFAIL is asked again at once, twice per question in each of the `attempts` intervals."""
    late = ["" in each for each in seen]
    attempts = min(resolv.attempts, 10)
    failing = [slow and any(reply.verdict == "servfail" for reply in each) for slow, each in zip(late, replies, strict=True)]
    budget = 2 * len(replies) // max(1, sum(failing))
    return [
        (len(each) + (budget if fails else 0)) * attempts if slow else len(each)
        for slow, fails, each in zip(late, failing, replies, strict=True)
    ]


def _judge(version: str, name: str, pair: dict[str, str], cost: Result) -> Result:
    types = tuple(type_ for type_, verdict in pair.items() if verdict == "ok")
    first, *others = pair.values()
    if version != "musl<=1.2.0":  # commit 5cf1ac24: every reply must be good
        for verdict in (first, *others):
            if verdict == "":
                return cost._replace(outcome="EAI_AGAIN", name=name, temporary=True)
            if verdict == "nxdomain":
                return cost
    if types:
        return cost._replace(outcome="ok", types=types, name=name)
    if first == "":
        return cost._replace(outcome="EAI_AGAIN", name=name, temporary=True)
    if first == "nxdomain":
        return cost
    return cost._replace(outcome="EAI_NODATA" if version == "musl>=1.2.4" else "EAI_NONAME", name=name)


def _with_text(result: Result) -> Result:
    return result._replace(text=TEXTS.get(result.outcome, ""))
