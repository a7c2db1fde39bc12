"""Real caches, asked for real, keep and hand out what remedy computes, and real clients behind them get what it says they get."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest

from remedy.clients import Reply, outcome
from remedy.clients.caches import BY_SOURCE, CACHES, afterwards, serve
from tests.clients import programs
from tests.clients.cases import reply
from tests.testbed import build

MEASURED = [cache for cache in CACHES if cache not in BY_SOURCE]
WORDS = ("ok", "nxdomain", "nxdomain+soa", "nodata", "nodata+soa")
ORDERS = (("AAAA", "A", "AAAA", "A"), ("A", "AAAA", "A", "AAAA"), ("A", "A", "AAAA", "A"))
CODES = {"0": "ok", "-2": "EAI_NONAME", "-5": "EAI_NODATA", "not-found": "not-found"}
PROGRAMS = ("musl-1.2.1-1.2.3", "glibc", "go")


class Sequence(NamedTuple):
    """What the server behind the caches replies to A and AAAA, and the order in which a cache is asked."""

    a: str
    aaaa: str
    order: tuple[str, ...]

    def name(self) -> str:
        return f"{'-'.join([self.a, self.aaaa, *self.order])}.lab.".replace("+", "").lower()

    def upstream(self) -> dict[str, Reply]:
        return {"A": reply(self.a), "AAAA": reply(self.aaaa)}


SEQUENCES = [Sequence(a + mark, aaaa + mark, order) for a, aaaa, mark, order in product(WORDS, WORDS, ("", "+relayed"), ORDERS)]
BEHIND = [(client, Sequence("ok", word, ())) for client in PROGRAMS for word in WORDS[1:]]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the caches did; skipped with the reason where this machine cannot."""
    if reason := programs.unable():
        pytest.skip(f"live caches: {reason}")
    built = programs.lookups()
    names = dict(_names())
    job = {
        "script": {f"{cache}-{name}": told for cache in MEASURED for name, told in names.items()},
        "sequences": [(each.name(), each.order) for each in SEQUENCES],
        "lookups": [(built[client], f"{client[:2]}-{each.name()}") for client, each in BEHIND],
        "coredns": str(build.coredns()),
    }
    found: dict[str, Any] = programs.run_inside("inside_caches", job, tmp_path_factory.mktemp("caches"), timeout=120)
    return found


def _names() -> Iterator[tuple[str, dict[str, str]]]:
    for each in SEQUENCES:
        yield each.name(), {"A": each.a, "AAAA": each.aaaa}
    for client, each in BEHIND:
        yield f"{client[:2]}-{each.name()}", {"A": each.a, "AAAA": each.aaaa}


@pytest.mark.parametrize("cache", MEASURED)
def test_a_real_cache_hands_out_what_remedy_computes(seen: dict[str, Any], cache: str) -> None:
    wrong = []
    for each, found in zip(SEQUENCES, seen["sequences"][cache], strict=True):
        # On a busy machine the clock may tick between two questions: then each is answered as before the tick, or as after it.
        ways = [serve(cache, each.order, each.upstream(), at_once=at_once) for at_once in ((True,) if found["at_once"] else (True, False))]
        possible = [[list(one) for one in step] for step in zip(*ways, strict=True)]
        if any(one not in allowed for one, allowed in zip(found["served"], possible, strict=True)):
            wrong.append(f"{each}\n  seen     {found['served']}\n  computed {possible}\n")
    assert sum(found["at_once"] for found in seen["sequences"][cache]) > len(SEQUENCES) / 2
    assert not wrong, f"{len(wrong)} of {len(SEQUENCES)} differ:\n" + "".join(wrong)


@pytest.mark.parametrize("cache", MEASURED)
def test_the_third_lookup_of_a_client_gets_what_the_cache_has_made_of_it(seen: dict[str, Any], cache: str) -> None:
    wrong = []
    for (client, each), lines in zip(BEHIND, seen["lookups"][cache], strict=True):
        codes = [CODES[line.split()[0].removeprefix("code=")] for line in lines]
        possible = {outcome(client, *pair) for pair in afterwards(cache, each.upstream())}
        if codes[-1] not in possible:  # the first two may still meet replies that were under way together
            wrong.append((client, each.aaaa, codes, possible))
    assert wrong == []


def test_the_incident_behind_bind_takes_the_name_from_everybody_for_the_rest_of_the_second(seen: dict[str, Any]) -> None:
    """A template's NXDOMAIN carries no SOA, but it is authoritative, and BIND keeps that with a TTL of nought: until its clock ticks."""
    assert seen["incident"] == ["ok", "nxdomain", "nxdomain", "ok"]
    assert set(afterwards("bind", {"A": Reply("ok"), "AAAA": Reply("nxdomain")})) == {("nxdomain", "nxdomain"), ("ok", "nxdomain")}
    assert set(afterwards("bind", {"A": Reply("ok"), "AAAA": Reply("nxdomain", soa=True)})) == {("nxdomain", "nxdomain")}


@pytest.mark.parametrize("cache", CACHES)
def test_nodata_for_aaaa_never_takes_the_address(cache: str) -> None:
    for word in ("nodata", "nodata+soa", "nodata+relayed"):
        assert afterwards(cache, {"A": Reply("ok"), "AAAA": reply(word)}) == (("ok", "nodata"),)


def test_systemd_resolved_by_source_denies_a_only_if_aaaa_was_denied_first_and_with_a_soa() -> None:
    denied = {"A": Reply("ok"), "AAAA": Reply("nxdomain", soa=True)}
    assert afterwards("systemd-resolved", denied) == (("nxdomain", "nxdomain"), ("ok", "nxdomain"))
    assert afterwards("systemd-resolved", {**denied, "AAAA": Reply("nxdomain")}) == (("ok", "nxdomain"),)
