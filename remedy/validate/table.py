"""From what was answered to what every client makes of it: the table that is judged and shown.

A name without a dot at its end goes through the search list, so that each client asks for several names; all of them are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from remedy import clients
from remedy.answers.model import Reply
from remedy.clients import CLIENTS, Family, Resolv, candidates, outcome
from remedy.clients.question import absolute, sendable
from remedy.plan import Answer, Observed
from remedy.validate.prover import Heard, Probe, Question, Side

_OWN_LISTS = ("musl>=1.2.4", "glibc", "go", "nginx")  # the others ask for the same names as one of these
_UNASKED = (clients.Reply("unknown"),)  # a name that fits into no query
_TELLING = ("musl>=1.2.4", "glibc")  # whose deciding name is shown: the strict client's, or where it found none, glibc's


def questions(probes: Sequence[Probe], resolv: Resolv) -> tuple[Question, ...]:
    """Everything that some client may ask for these probes, once."""
    asked = (name for probe in probes for name in _asked(probe, resolv))
    return tuple((name, type_) for name in dict.fromkeys(asked) for type_ in ("A", "AAAA"))


def table(probes: Sequence[Probe], heard: Heard, resolv: Resolv, families: Sequence[Family] = ("UNSPEC",)) -> tuple[Answer, ...]:
    """One Answer for each probe and family where all rows agree, else one for each row."""
    found: list[Answer] = []
    for probe in probes:
        for family in families:
            sides = {replica: _sides(probe, (before, after), resolv, family) for replica, before, after in heard.rows}
            rows = {"": next(iter(sides.values()))} if len(set(sides.values())) == 1 else sides
            found += [Answer(probe.name, probe.kind, *pair, family, replica) for replica, pair in rows.items()]
    return tuple(found)


def _asked(probe: Probe, resolv: Resolv) -> tuple[str, ...]:
    """The absolute names, in lower case, that clients ask for: first those of the search list, in its order."""
    if probe.name.endswith("."):
        return (probe.name.lower(),)
    every = (name.lower() for client in _OWN_LISTS for name in candidates(client, probe.name, resolv))
    return tuple(name for name in dict.fromkeys(every) if sendable(name))


def _sides(probe: Probe, sides: tuple[Side, Side], resolv: Resolv, family: Family) -> tuple[Observed, Observed]:
    if probe.name.endswith("."):
        return _absolute(probe, sides[0], family), _absolute(probe, sides[1], family)
    return _searched(probe, sides[0], resolv, family), _searched(probe, sides[1], resolv, family)


def _absolute(probe: Probe, side: Side, family: Family) -> Observed:
    name = probe.name.lower()
    a, aaaa = side[name, "A"], side[name, "AAAA"]
    return Observed(a, aaaa, _outcomes(a.verdict, aaaa.verdict, family))


@cache
def _outcomes(a: str, aaaa: str, family: Family) -> tuple[tuple[str, str], ...]:
    return tuple((client, outcome(client, a, aaaa, family)) for client in CLIENTS)


def _searched(probe: Probe, side: Side, resolv: Resolv, family: Family) -> Observed:
    names = _asked(probe, resolv)
    replies = {question: (as_seen(side[question]),) for name in names for question in ((name, "A"), (name, "AAAA"))}

    def ask(name: str, type_: str) -> tuple[clients.Reply, ...]:
        return replies.get((name.lower(), type_), _UNASKED)

    results = clients.lookups(probe.name, ask, resolv, family=family)
    ends = (results[client].name for client in _TELLING)
    decides = next((name.lower() for name in ends if name), absolute(probe.name.lower()))
    a, aaaa = (side.get((decides, type_), Reply("", unknown="such a name cannot be asked for")) for type_ in ("A", "AAAA"))
    return Observed(
        a,
        aaaa,
        tuple((client, result.outcome) for client, result in results.items()),
        decides,
        tuple((name, side[name, "A"], side[name, "AAAA"]) for name in names),
        tuple((client, result.text) for client, result in results.items() if result.text),
    )


def as_seen(reply: Reply) -> clients.Reply:
    """The reply as it reaches a client or a cache: what an upstream said does not count as CoreDNS's own."""
    return clients.Reply(reply.verdict, soa=reply.has_soa, relayed=reply.by == "forward")
