"""What the real resolvers are asked: for each lookup the replies to every candidate name, so that remedy can compute the same lookup.

Names are unique for each client, because the server counts by name.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from remedy.clients import Ask, Family, Reply, Resolv

VERDICTS = ("ok", "nodata", "nxdomain", "servfail", "refused", "notimp", "formerr", "drop")
CLIENTS = ("musl-1.2.1-1.2.3", "glibc", "go", "nginx")
SERVERS = ("127.0.0.1", "127.0.0.2")

Pair = tuple[str, str]
"""What each server replies to A and to AAAA, servers separated by a slash: ("ok", "nxdomain/nodata")."""


class Case(NamedTuple):
    client: str
    typed: str
    family: Family
    replies: dict[str, Pair]
    """By candidate; the others do not exist. An address' last number is the candidate's place, from 1."""

    def ask(self) -> Ask:
        return lambda name, type_: [reply(words) for words in self.replies.get(name, ("nxdomain", "nxdomain"))[type_ == "AAAA"].split("/")]


class Situation(NamedTuple):
    """Lookups that run under one resolv.conf."""

    name: str
    resolv: Resolv
    servers: int
    cases: tuple[Case, ...]

    def resolv_conf(self) -> str:
        servers = "".join(f"nameserver {address}\n" for address in SERVERS[: self.servers])
        search = f"search {' '.join(self.resolv.search)}\n" if self.resolv.search else ""
        options = f"options ndots:{self.resolv.ndots} timeout:{self.resolv.timeout} attempts:{self.resolv.attempts}\n"
        return servers + search + options

    def script(self) -> dict[str, dict[str, dict[str, str]]]:
        """What tests/scripted_dns.py is told."""
        told: dict[str, dict[str, dict[str, str]]] = {}
        for place, address in enumerate(SERVERS[: self.servers]):
            told[address] = {
                name: {type_: words.split("/")[place] for type_, words in zip(("A", "AAAA"), pair, strict=True)} | {"host": str(number)}
                for case in self.cases
                for number, (name, pair) in enumerate(case.replies.items(), 1)
            }
        return told


def reply(words: str) -> Reply:
    verdict, *marks = words.split("+")
    return Reply(verdict, soa="soa" in marks, truncated="tc" in marks, referral="referral" in marks, relayed="relayed" in marks)


def situations(clients: Sequence[str] = CLIENTS) -> tuple[Situation, ...]:
    """Everything the live tests ask of these clients. nginx has no resolv.conf: it takes part where a search list is not the point."""
    libcs = [client for client in clients if client != "nginx"]
    plain = Resolv(timeout=1, attempts=2, resolver_timeout=1)
    search = plain._replace(search=("s1.lab", "s2.lab"), ndots=5)
    few = plain._replace(search=("s1.lab",), ndots=2)
    patient = plain._replace(resolver_timeout=6)
    return (
        Situation("one absolute name", plain, 1, tuple(_matrix(clients, absolute=True))),
        Situation("the first of a search list, then a miss, then a hit", search, 1, tuple(_matrix(clients, absolute=False))),
        Situation("replies drawn for every candidate", search, 1, tuple(_drawn(libcs, search.search))),
        Situation("dots against ndots", few, 1, tuple(_dots(libcs))),
        Situation("names that fit into no query", few._replace(ndots=15), 1, tuple(_unsendable(libcs))),
        Situation("two servers that disagree", plain, 2, tuple(_disagreeing(clients))),
        Situation("nginx asks its next server after five seconds", patient, 2, tuple(_disagreeing(set(clients) & {"nginx"}))),
        Situation("truncated replies and referrals", plain, 1, tuple(_marked(clients))),
    )


def _families(client: str) -> tuple[Family, ...]:
    return ("UNSPEC", "INET") if client == "nginx" else ("UNSPEC", "INET", "INET6")  # `ipv4=off` is younger than Debian's nginx


def _pairs(family: Family, verdicts: Sequence[str]) -> list[Pair]:
    if family == "UNSPEC":
        return [(a, aaaa) for a in verdicts for aaaa in verdicts]
    return [(a, "ok") for a in verdicts] if family == "INET" else [("ok", aaaa) for aaaa in verdicts]


def _word(client: str) -> str:
    return client.partition("-")[0].partition(">")[0].partition("<")[0]


def _matrix(clients: Iterable[str], *, absolute: bool) -> Iterator[Case]:
    for client in clients:
        for family in _families(client):
            for pair in _pairs(family, VERDICTS):
                name = f"{_word(client)}-{family.lower()}-{pair[0]}-{pair[1]}"
                if absolute:
                    yield Case(client, f"{name}.lab", family, {f"{name}.lab.": pair})
                else:
                    miss = ("nxdomain", "nxdomain")
                    yield Case(client, name, family, {f"{name}.s1.lab.": pair, f"{name}.s2.lab.": miss, f"{name}.": ("ok", "ok")})


def _drawn(clients: Iterable[str], search: tuple[str, ...]) -> Iterator[Case]:
    for client in clients:
        for number in range(60):
            dice = random.Random(number)
            name = f"{_word(client)}-drawn-{number}"
            names = [*(f"{name}.{domain}." for domain in search), f"{name}."]
            yield Case(client, name, "UNSPEC", {each: (dice.choice(VERDICTS), dice.choice(VERDICTS)) for each in names})


def _dots(clients: Iterable[str]) -> Iterator[Case]:
    """With ndots:2 and one search domain: which names are asked, and whose error is told."""
    for client in clients:
        for alone, searched in [("nxdomain", "ok"), ("nodata", "ok"), ("servfail", "ok"), ("nodata", "nxdomain"), ("nxdomain", "nodata")]:
            for dots in ("a", "b.c", "d.e.f", "g."):
                name = f"{_word(client)}-{alone}-{searched}-{dots}"
                full = name if name.endswith(".") else f"{name}."
                yield Case(client, name, "UNSPEC", {full: (alone, alone), f"{full}s1.lab.": (searched, searched)})


def _unsendable(clients: Iterable[str]) -> Iterator[Case]:
    """A label of 64 bytes; a name that only its search domain makes too long; what a host name must not hold."""
    for client in clients:
        word = _word(client)
        for name in (
            f"{word}-{'x' * 63}",
            f"{word}.{'.'.join(['x' * 60] * 4)}",
            f"{word}-",
            f"-{word}",
            f"{word}_x",
            f"{word}..x",
            f"{word}*x",
            f"{word}.-x",
            f"{word}-.x",
            "1.5.6-" + word,
        ):
            yield Case(client, name, "UNSPEC", {f"{name}.s1.lab.": ("nxdomain", "nxdomain"), f"{name}.": ("ok", "ok")})


def _disagreeing(clients: Iterable[str]) -> Iterator[Case]:
    words = ("ok", "nodata", "nxdomain", "servfail", "drop")
    for client in clients:
        for one in words:
            for two in words:
                if one != two:
                    name = f"{_word(client)}-{one}-{two}.lab"
                    yield Case(client, name, "UNSPEC", {f"{name}.": ("ok/ok", f"{one}/{two}")})
                    yield Case(client, f"both-{name}", "UNSPEC", {f"both-{name}.": (f"{one}/{two}", f"{one}/{two}")})


def _marked(clients: Iterable[str]) -> Iterator[Case]:
    words = ("ok+tc", "ok", "nodata", "nxdomain+soa", "nodata+referral")
    for client in clients:
        for family in _families(client):
            for pair in _pairs(family, words):
                if any("tc" in word or "referral" in word for word in pair):
                    name = f"{_word(client)}-{family.lower()}-{'-'.join(pair).replace('+', '')}.lab"
                    yield Case(client, name, family, {f"{name}.": pair})
