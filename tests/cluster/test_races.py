"""The races of tests/test_races.py before a real API server, whose own test of a patch decides them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.test_races import Ground, edited, race
from tests.testbed.api import Rejected
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import CONFIGMAP

_RACES, _TRIES = 200, 20


def test_on_a_real_cluster_no_edit_is_lost_and_every_loser_is_told(
    incident: Testbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def edit() -> None:
        """As an editor saves: what was read, with its version; once more where somebody was quicker."""
        for _ in range(_TRIES):
            found = incident.api("GET", CONFIGMAP)
            found["data"]["Corefile"] = edited(found["data"]["Corefile"])
            try:
                incident.api("PUT", CONFIGMAP, found)
            except Rejected as error:
                if error.status != 409:
                    raise
            else:
                return
        raise AssertionError("the edit was never saved")

    wins = {"edit": 0, "documented": 0, "minimal": 0}
    for number in range(_RACES):
        incident.put_corefile(INCIDENT)
        race(Ground(incident.kubeconfig, incident.corefile, edit), INCIDENT, random.Random(number), 0.3, wins)
    assert sum(wins.values()) == _RACES
    assert wins["edit"], wins
    assert wins["documented"] + wins["minimal"], wins
