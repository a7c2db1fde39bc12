"""What a client makes of two replies is what real resolvers were measured to make of them (fixtures/dns/resolver_matrix.csv)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from remedy.clients import CLIENTS, outcome

MATRIX = Path(__file__).parents[1] / "fixtures" / "dns" / "resolver_matrix.csv"
CLIENT = {
    "musl1124": "musl<=1.2.0",
    "musl123": "musl-1.2.1-1.2.3",
    "musl124": "musl>=1.2.4",
    "musl125zig": "musl>=1.2.4",
    "musl126": "musl>=1.2.4",
    "glibc": "glibc",
    "go": "go",
    "node-lookup": "node",
}
# Node says ENOTFOUND for two codes of its libc; Go's other errors are temporary or not, which no client model tells apart.
CODES = {
    "0": {"ok"},
    "-2": {"EAI_NONAME"},
    "-3": {"EAI_AGAIN"},
    "-5": {"EAI_NODATA"},
    "ENOTFOUND": {"EAI_NONAME", "EAI_NODATA"},
    "EAI_AGAIN": {"EAI_AGAIN"},
    "not-found": {"not-found"},
    "other": {"EAI_AGAIN"},
}


def rows() -> list[dict[str, str]]:
    with MATRIX.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@pytest.mark.parametrize("resolver", CLIENT)
def test_every_measured_pair_of_replies_has_the_measured_outcome(resolver: str) -> None:
    measured = [row for row in rows() if row["resolver"] == resolver]
    assert len(measured) == 49
    wrong = [
        (row["A"], row["AAAA"], row["code"], outcome(CLIENT[resolver], row["A"], row["AAAA"]))
        for row in measured
        if outcome(CLIENT[resolver], row["A"], row["AAAA"]) not in CODES[row["code"]]
    ]
    assert wrong == []


def test_the_three_newest_musl_releases_were_measured_alike() -> None:
    codes = {name: [row["code"] for row in rows() if row["resolver"] == name] for name in ("musl124", "musl125zig", "musl126")}
    assert codes["musl124"] == codes["musl125zig"] == codes["musl126"]


@pytest.mark.parametrize(
    ("a", "aaaa", "result"),
    [
        ("ok", "nodata", "ok"),
        ("ok", "ok", "ok"),
        ("ok", "nxdomain", "not-found"),
        ("nodata", "nodata", "not-found"),
        ("ok", "servfail", "servfail"),
        ("ok", "refused", "refused"),
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
