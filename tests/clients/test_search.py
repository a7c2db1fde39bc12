"""A search list: who stops where, as measured with real resolvers behind a pod's resolv.conf (2026-11; C2 and so on: docs/resolvers.md)."""

from __future__ import annotations

import pytest

from remedy.clients import CLIENTS, Family, Reply, Resolv, Result, candidates, lookup

POD = Resolv(search=("ns.svc.cluster.local", "svc.cluster.local", "cluster.local"), ndots=5)
MUSL = ("musl<=1.2.0", "musl-1.2.1-1.2.3", "musl>=1.2.4")
SHORT = {"EAI_NONAME": "-2", "EAI_AGAIN": "-3", "EAI_NODATA": "-5"}


def ask(name: str, situation: str, *, family: Family = "UNSPEC", client: str = "glibc", resolv: Resolv = POD) -> Result:
    """The likely result for replies "A/AAAA; A/AAAA; ..." to the candidates in order; the last pair serves those that follow."""
    pairs = [pair.strip().split("/") for pair in situation.split(";")]
    names = [*(f"{name}.{domain}." for domain in resolv.search), f"{name}."]
    told = {full: pairs[min(place, len(pairs) - 1)] for place, full in enumerate(names)}
    return lookup(client, name, lambda full, type_: [Reply(told[full][type_ == "AAAA"])], resolv, family=family)[0]


def short(result: Result) -> str:
    """46, 4, 6 for the addresses, else the code."""
    return "".join({"A": "4", "AAAA": "6"}[type_] for type_ in result.types) or SHORT.get(result.outcome, result.outcome)


MEASURED = [
    # situation, family, musl <= 1.2.0, 1.2.1-1.2.3, >= 1.2.4, glibc
    ("ok/nxdomain; nxdomain/nxdomain", "UNSPEC", "4 -2 -2 4"),  # C2 before: a short service name
    ("ok/nodata; nxdomain/nxdomain", "UNSPEC", "4 4 4 4"),  # C2 after
    ("nxdomain/nodata; nxdomain/nodata; nxdomain/nodata; ok/nodata", "UNSPEC", "4 4 4 4"),  # C3 after: an external name
    ("nxdomain/nxdomain; nxdomain/nxdomain; nxdomain/nxdomain; ok/nxdomain", "UNSPEC", "4 -2 -2 4"),  # C3 before
    ("nodata/nxdomain; nxdomain/nxdomain; nxdomain/nxdomain; ok/nodata", "UNSPEC", "-2 4 4 4"),  # C6 before
    ("nodata/nodata; nxdomain/nxdomain; nxdomain/nxdomain; ok/nodata", "UNSPEC", "-2 -2 -5 4"),  # C6 after
    ("nxdomain/nodata; nxdomain/nodata; nxdomain/nodata; ok/ok", "INET6", "-2 -2 -5 6"),  # C5 after
    ("nxdomain/nxdomain; nxdomain/nxdomain; nxdomain/nxdomain; ok/ok", "INET6", "6 6 6 6"),  # C5 before
    ("nxdomain/nxdomain", "UNSPEC", "-2 -2 -2 -2"),  # C7 before: a name that does not exist
    ("nxdomain/nodata", "UNSPEC", "-2 -2 -2 -2"),  # C7 after
    ("nxdomain/nxdomain", "INET6", "-2 -2 -2 -2"),  # C7b before
    ("nxdomain/nodata", "INET6", "-2 -2 -5 -5"),  # C7b after
    ("ok/nxdomain; nxdomain/nxdomain", "INET", "4 4 4 4"),  # C12: only A is asked
    ("drop/nodata; nxdomain/nodata; nxdomain/nodata; ok/nodata", "UNSPEC", "-3 -3 -3 4"),  # C14: the first candidate times out
]


@pytest.mark.parametrize(("situation", "family", "expected"), MEASURED)
def test_each_client_ends_where_it_was_measured_to_end(situation: str, family: Family, expected: str) -> None:
    found = [short(ask("name", situation, family=family, client=client)) for client in (*MUSL, "glibc")]
    assert " ".join(found) == expected


def test_a_denied_short_name_costs_musl_eight_queries_and_a_healed_one_two() -> None:
    before = ask("web", "ok/nxdomain; nxdomain/nxdomain", client="musl>=1.2.4")
    after = ask("web", "ok/nodata; nxdomain/nxdomain", client="musl>=1.2.4")
    assert (before.queries, after.queries) == ((4, 4), (1, 1))
    assert after.name == "web.ns.svc.cluster.local."
    assert ask("web", "ok/nxdomain; nxdomain/nxdomain").queries == (1, 1)


def test_refusing_aaaa_is_worse_than_denying_it() -> None:
    """`acl` and a `match` without fallthrough look like repairs; musl then waits for its whole timeout."""
    for rcode in ("servfail", "refused", "notimp", "drop"):
        result = ask("web", f"ok/{rcode}", client="musl>=1.2.4")
        assert (result.outcome, result.seconds, result.text) == ("EAI_AGAIN", 5, "Try again")


def test_an_operator_can_match_the_log_line() -> None:
    texts = {client: ask("web", "ok/nxdomain; nxdomain/nxdomain", client=client).text for client in CLIENTS}
    assert texts["musl>=1.2.4"] == texts["musl-1.2.1-1.2.3"] == "Name does not resolve"
    assert ask("web", "nodata/nodata", client="musl>=1.2.4").text == "Name has no usable address"
    assert ask("web", "nxdomain/nxdomain", client="node").text == "getaddrinfo ENOTFOUND web"


@pytest.mark.parametrize(
    ("client", "name", "names"),
    [
        ("musl>=1.2.4", "a.b", ["a.b.s1.lab.", "a.b."]),
        ("musl>=1.2.4", "a.b.c", ["a.b.c."]),  # enough dots: never searched
        ("musl>=1.2.4", "a.", ["a."]),
        ("musl>=1.2.4", "a..", []),
        ("glibc", "a.b.c", ["a.b.c.", "a.b.c.s1.lab."]),  # enough dots: searched afterwards
        ("go", "a.b.c", ["a.b.c.", "a.b.c.s1.lab."]),
        ("go", "a.b", ["a.b.s1.lab.", "a.b."]),
        ("node", "a.", ["a."]),
        ("nginx", "a", ["a."]),  # reads no resolv.conf
        ("node-resolve", "a", ["a."]),
    ],
)
def test_every_client_makes_its_own_list_of_names(client: str, name: str, names: list[str]) -> None:
    assert list(candidates(client, name, Resolv(search=("s1.lab",), ndots=2))) == names


@pytest.mark.parametrize("client", MUSL[1:])
def test_of_two_servers_with_different_texts_the_faster_one_decides_for_musl(client: str) -> None:
    """A repair that has reached one of two replicas: the lookup works or fails by chance, and both are told."""
    replies = {"A": [Reply("ok"), Reply("ok")], "AAAA": [Reply("nxdomain"), Reply("nodata")]}
    results = lookup(client, "name.", lambda _, type_: replies[type_])
    assert {result.outcome for result in results} == {"ok", "EAI_NONAME"}
    assert len(lookup("glibc", "name.", lambda _, type_: replies[type_])) == 1


def test_an_unknown_reply_counts_only_where_the_client_gets_to_it() -> None:
    for client in ("musl>=1.2.4", "glibc", "go"):
        assert ask("web", "ok/nodata; unknown/unknown", client=client).outcome == "ok"
        assert ask("web", "nxdomain/nxdomain; unknown/unknown", client=client).outcome == "unknown"


def test_a_truncated_reply_is_an_empty_one_for_musl_before_1_2_4() -> None:
    replies = {"A": [Reply("ok", truncated=True)], "AAAA": [Reply("nodata")]}
    ends = {client: lookup(client, "name.", lambda _, type_: replies[type_])[0].outcome for client in CLIENTS}
    assert ends == dict.fromkeys(CLIENTS, "ok") | dict.fromkeys(MUSL[:2], "EAI_NONAME")
