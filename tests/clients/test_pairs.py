"""What a client makes of two replies is what real resolvers were measured to make of them (fixtures/dns/resolver_matrix.csv)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from remedy.clients import CLIENTS, Family, Reply, Resolv, Result, lookup, outcome

MATRIX = Path(__file__).parents[2] / "fixtures" / "dns" / "resolver_matrix.csv"
CLIENT = {
    "musl1124": "musl<=1.2.0",
    "musl123": "musl-1.2.1-1.2.3",
    "musl124": "musl>=1.2.4",
    "musl125zig": "musl>=1.2.4",
    "musl126": "musl>=1.2.4",
    "glibc": "glibc",
    "go": "go",
    "node-lookup": "node",
    "node-resolve": "node-resolve",
}
EAI = {"ok": "0", "EAI_NONAME": "-2", "EAI_AGAIN": "-3", "EAI_NODATA": "-5"}
FAMILIES: tuple[Family, ...] = ("UNSPEC", "INET", "INET6")


def rows() -> list[dict[str, str]]:
    with MATRIX.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def told(resolver: str, result: Result) -> str:
    """The result in the words of the fixture's column `code`."""
    if resolver == "go" and result.outcome == "EAI_AGAIN":
        return "temporary" if result.temporary else "other"
    if resolver.startswith("node") and result.outcome != "ok":
        return result.text.split()[1]
    return result.outcome if resolver == "go" and result.outcome != "ok" else EAI.get(result.outcome, result.outcome)


def computed(row: dict[str, str], family: Family) -> list[dict[str, str]]:
    """The measured columns of this row, as remedy computes them; more than one where chance decides."""
    replies = {"A": [Reply(row["A"])], "AAAA": [Reply(row["AAAA"])]}
    resolv = Resolv(timeout=1, attempts=2)
    results = lookup(CLIENT[row["resolver"]], "name.", lambda _, type_: replies[type_], resolv, family=family)
    return [
        {
            "code": told(row["resolver"], result),
            "types": "+".join(result.types),
            "text": result.text.removesuffix(" name."),
            "seconds": str(round(result.seconds)),
            "queries_a": str(result.queries[0]),
            "queries_aaaa": str(result.queries[1]),
        }
        for result in results
    ]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("resolver", CLIENT)
def test_every_measured_lookup_is_computed_as_it_was_measured(resolver: str, family: Family) -> None:
    measured = [row for row in rows() if row["resolver"] == resolver and row["family"] == family]
    assert len(measured) == (49 if family == "UNSPEC" else 7)
    for row in measured:
        if resolver == "node-resolve" and int(row["seconds"]) in range(11, 16):  # c-ares' own timeouts, with a random part
            row["seconds"] = "13"
    wrong = [(row, computed(row, family)) for row in measured if not any(mine.items() <= row.items() for mine in computed(row, family))]
    assert wrong == []


def test_chance_decides_nothing_but_which_of_two_errors_go_tells() -> None:
    undecided = [
        (row["resolver"], {mine["code"] for mine in computed(row, "UNSPEC")}) for row in rows() if len(computed(row, "UNSPEC")) > 1
    ]
    assert undecided
    assert all(resolver == "go" and "0" not in codes for resolver, codes in undecided)


@pytest.mark.parametrize(
    ("a", "aaaa", "result"),
    [
        ("ok", "nodata", "ok"),
        ("ok", "ok", "ok"),
        ("ok", "nxdomain", "not-found"),
        ("nodata", "nodata", "not-found"),
        ("ok", "servfail", "servfail"),
        ("ok", "refused", "refused"),
        ("ok", "drop", "timed-out"),
    ],
)
def test_nginx_takes_an_error_in_either_reply_as_the_result(a: str, aaaa: str, result: str) -> None:
    assert outcome("nginx", a, aaaa) == result


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_not_known_of_a_reply_is_not_known_of_the_client(client: str) -> None:
    assert outcome(client, "unknown", "ok") == outcome(client, "ok", "unknown") == "unknown"


@pytest.mark.parametrize("client", CLIENTS)
def test_nodata_for_aaaa_breaks_nobody(client: str) -> None:
    assert outcome(client, "ok", "nodata") == "ok"


def test_nxdomain_for_aaaa_breaks_exactly_the_clients_that_it_is_known_to_break() -> None:
    broken = [client for client in CLIENTS if outcome(client, "ok", "nxdomain") != "ok"]
    assert broken == ["musl-1.2.1-1.2.3", "musl>=1.2.4", "nginx"]
