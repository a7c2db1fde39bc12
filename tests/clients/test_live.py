"""Real resolvers, asked for real, make of every combination of replies what remedy computes: outcome, addresses, text, queries, time."""

from __future__ import annotations

import pytest

from tests.clients import programs
from tests.clients.cases import CLIENTS, Situation, situations
from tests.clients.observed import Observed, differences, observe

SITUATIONS = situations()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Observed]]:
    """Every situation's lookups, made once; skipped with the reason where this machine cannot."""
    if reason := programs.unable():
        pytest.skip(f"live resolvers: {reason}")
    folders = {each.name: tmp_path_factory.mktemp("live") for each in SITUATIONS}
    return observe(SITUATIONS, folders, programs.lookups())


@pytest.mark.parametrize(
    ("situation", "client"),
    [(each, client) for each in SITUATIONS for client in CLIENTS if any(case.client == client for case in each.cases)],
    ids=lambda value: value.name if isinstance(value, Situation) else value,
)
def test_a_real_resolver_does_what_remedy_computes(live: dict[str, dict[str, Observed]], situation: Situation, client: str) -> None:
    wrong = differences(situation, client, live[situation.name])
    assert not wrong, f"{len(wrong)} differ:\n" + "".join(wrong)


def test_the_live_lookups_are_the_full_matrix_in_every_family() -> None:
    pairs = {(case.client, case.family, *case.replies[f"{case.typed}."]) for case in SITUATIONS[0].cases}
    assert len(pairs) == 3 * (64 + 8 + 8) + 64 + 8
    assert len(SITUATIONS[1].cases) == len(pairs)
