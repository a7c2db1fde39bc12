"""Real resolvers, asked for real, make of every combination of replies what remedy computes: outcome, addresses, text, queries, time."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.clients import Result, lookup
from tests.clients import programs
from tests.clients.cases import CLIENTS, Case, Situation, situations
from tests.clients.observed import Observed, observe

SITUATIONS = situations()
SLOWER = 2.5
"""Seconds that a busy machine may add; one timeout less than computed is always a mismatch."""


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Observed]]:
    """Every situation's lookups, made once; skipped with the reason where this machine cannot."""
    if reason := programs.unable():
        pytest.skip(f"live resolvers: {reason}")
    folders: dict[str, Path] = {each.name: tmp_path_factory.mktemp("live") for each in SITUATIONS}
    return observe(SITUATIONS, folders)


def computed(case: Case, situation: Situation) -> tuple[Result, ...]:
    return lookup(case.client, case.typed, case.ask(), situation.resolv, family=case.family)


def agrees(result: Result, seen: Observed, *, counts: bool) -> bool:
    """Is what was seen this result? An address's last number is the place of its candidate."""
    same = (result.outcome, result.types, result.text) == (seen.outcome, seen.types, seen.text)
    in_time = result.seconds - 0.1 <= seen.seconds <= result.seconds + SLOWER
    return same and in_time and (result.queries == seen.queries or not counts)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_real_resolver_does_what_remedy_computes(live: dict[str, dict[str, Observed]], situation: Situation, client: str) -> None:
    wrong = []
    for case in (case for case in situation.cases if case.client == client):
        seen, results = live[situation.name][case.typed], computed(case, situation)
        # Where servers disagree musl stops asking at the first good reply, so how often it asked again is chance.
        counts = situation.servers == 1 or not client.startswith("musl")
        place = {name: number for number, name in enumerate(case.replies, 1)}
        right = any(agrees(each, seen, counts=counts) and seen.place in (0, place.get(each.name, 0)) for each in results)
        if not right:
            wrong.append(
                f"{case.typed} {case.replies}\n  seen     {tuple(seen)}\n" + "".join(f"  computed {tuple(each)}\n" for each in results)
            )
    assert not wrong, f"{len(wrong)} differ:\n" + "".join(wrong)
