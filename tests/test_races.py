"""Two remedies and somebody with kubectl edit, all at once: no edit is lost, and every loser is told so (exit code 3)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from remedy import service
from remedy.apply import apply
from remedy.cluster.api import connect
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from remedy.cluster.source import LiveSource
from remedy.errors import ConflictError, RemedyError
from remedy.rules import Choices
from remedy.work import Run
from tests.apiserver.fake import FakeServer
from tests.apiserver.front import serving

EDITED = "cache 60"


class Ground(NamedTuple):
    """Where a race is run: what is live, and an edit that is carried out as a whole."""

    kubeconfig: Path
    live: Callable[[], str]
    edit: Callable[[], object]


def test_of_two_remedies_and_an_edit_nobody_loses_without_being_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    wins = {"edit": 0, "documented": 0, "minimal": 0}
    for number in range(200):
        with EmbeddedCluster(count=1) as cluster, serving(front := FakeServer(cluster)):
            ground = _ground(cluster, front, front.kubeconfig(tmp_path / "kubeconfig"))
            race(ground, INCIDENT, random.Random(number), 0.06, wins)
    assert all(wins.values()), wins


def _ground(cluster: EmbeddedCluster, front: FakeServer, kubeconfig: Path) -> Ground:
    def live() -> str:
        return cluster.configmap("kube-system", "coredns").data["Corefile"]

    def edit() -> None:
        with front.lock:
            cluster.patch_configmap("kube-system", "coredns", [{"op": "replace", "path": "/data/Corefile", "value": edited(live())}])

    return Ground(kubeconfig, live, edit)


def edited(text: str) -> str:
    return text.replace("cache 30", EDITED)


def race(ground: Ground, original: str, chance: random.Random, longest: float, wins: dict[str, int]) -> None:
    """One race from this text; the edit comes within `longest` seconds after the start. Who won is counted in `wins`."""
    start = threading.Barrier(3)
    ends: dict[str, str] = {}

    def remedy(style: str) -> None:
        source = LiveSource(connect(kubeconfig=str(ground.kubeconfig)), "kube-system", "coredns")
        plan = service.plan([source.read()], Choices(style))  # type: ignore[arg-type]
        start.wait(30)
        try:
            apply(plan, {change.target: source for change in plan.changes}, Run(5, lambda _: None, threading.Event(), verify=False))
            ends[style] = "won"
        except ConflictError as error:
            ends[style] = str(error.exit_code)
        except RemedyError as error:
            ends[style] = repr(error)

    def edit() -> None:
        start.wait(30)
        threading.Event().wait(pause)
        ground.edit()

    pause = chance.uniform(0, longest)
    threads = [threading.Thread(target=remedy, args=(style,)) for style in ("documented", "minimal")] + [threading.Thread(target=edit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(ends.values()) <= {"won", "3"}, ends
    winners = [style for style, end in ends.items() if end == "won"]
    assert len(winners) <= 1
    assert EDITED in ground.live(), "the edit was lost"
    for style in winners:
        wins[style] += 1
        assert ("template IN AAAA ." if style == "documented" else "rcode NOERROR") in ground.live(), "a write that was told done was lost"
    if not winners:
        wins["edit"] += 1
        assert ground.live() == edited(original)
