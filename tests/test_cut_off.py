"""After a run that was killed, every verb says what was cut off and how to bring it to rest."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from remedy.cluster import embedded
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.forked import Runner
from tests.apiserver.front import Answer, Call, Cut, serving
from tests.command import Done
from tests.test_killed import FIXED, NOW


class Desk:
    """Two machines that work on one cluster."""

    def __init__(self, runner: Runner, folder: Path, front: FakeServer) -> None:
        self.runner, self.folder, self.front = runner, folder, front

    def __call__(self, *words: str, machine: str = "one", kill: int = 0) -> Done:
        state = self.folder / machine
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "XDG_STATE_HOME": str(state)}
        config = str(self.front.kubeconfig(self.folder / "kubeconfig"))
        return self.runner.run([*words, "--kubeconfig", config], environment, watched=state / "remedy", kill=kill)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(embedded, "_FIRST_RELOAD", 0.03)
    monkeypatch.setattr(embedded, "_NEXT_RELOAD", 0.03)
    with Runner(tmp_path) as runner, EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        yield Desk(runner, tmp_path, front)


def killed_before_its_end(desk: Desk) -> None:
    """An apply that dies when it comes to save its record for the second time: the new text is live."""
    written = [place for place, point in enumerate(_points(desk), 1) if point.startswith("os.rename")]
    desk("apply", *NOW, machine="two", kill=written[-1])


def _points(desk: Desk) -> list[str]:
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        Desk(desk.runner, desk.folder, front)("apply", *NOW, machine="trial")
    return desk.runner.points()


def test_every_verb_says_what_was_cut_off_and_a_repeated_apply_finishes_it(desk: Desk) -> None:
    killed_before_its_end(desk)
    assert desk.front.cluster.configmap("kube-system", "coredns").data["Corefile"] == FIXED
    for verb in ("scan", "diff", "history", "doctor"):
        told = desk(verb, machine="two").err
        if "invalid choice" not in told:
            assert "was cut off: kube-system/coredns/Corefile holds the old text or the new one" in told
            assert "undo it: remedy rollback " in told
    again = desk("apply", "--yes", "--settle", "0", machine="two")
    assert again.code == 0, again.err
    assert "was cut off; looking whether every replica runs what it wrote" in again.err
    assert "done and verified" in again.err
    assert "was cut off" not in desk("scan", machine="two").err


def test_a_rollback_that_was_cut_off_is_finished_by_a_rollback_and_not_by_an_apply(desk: Desk) -> None:
    assert desk("apply", *NOW).code == 0
    assert desk("rollback", *NOW).code == 0
    renamed = [place for place, point in enumerate(desk.runner.points(), 1) if point.startswith("os.rename")]
    assert desk("apply", *NOW).code == 0
    first = json.loads(desk("history", "--format", "json").out)["records"][0]
    desk("rollback", *NOW, kill=renamed[-2])
    told = desk("history")
    assert f"finish it: remedy rollback {first['id']} " in told.err
    assert desk("rollback", first["id"], *NOW).code == 0
    assert "was cut off" not in desk("history").err
    assert desk.front.cluster.configmap("kube-system", "coredns").data["Corefile"] == INCIDENT


def test_the_history_of_the_cluster_and_of_this_machine_are_one(desk: Desk) -> None:
    assert desk("apply", *NOW, machine="one").code == 0
    assert desk("rollback", *NOW, machine="one").code == 0
    here, there = (json.loads(desk("history", "--format", "json", machine=machine).out)["records"] for machine in ("one", "two"))
    assert [record["id"] for record in here] == [record["id"] for record in there]
    assert [record["outcome"] for record in there] == ["applied", "rolled-back"]
    shown = desk("history", there[0]["id"], machine="two")
    assert shown.code == 0, shown.err
    assert "\nwithout remedy, where fake-user (" in shown.out
    assert "its file is not on this machine): kubectl " in shown.out
    assert "\nwithout remedy: kubectl " in desk("history", here[0]["id"], machine="one").out


def test_a_rollback_without_a_name_undoes_the_newest_change_whoever_made_it(desk: Desk) -> None:
    assert desk("apply", *NOW, machine="one").code == 0
    done = desk("rollback", *NOW, machine="two")
    assert done.code == 0, done.err
    assert desk.front.cluster.configmap("kube-system", "coredns").data["Corefile"] == INCIDENT
    here = json.loads(desk("history", "--format", "json", machine="one").out)["records"]
    assert [record["outcome"] for record in here] == ["applied", "rolled-back"]


def test_a_rollback_where_nobody_has_changed_anything_says_where_it_looked(desk: Desk) -> None:
    done = desk("rollback", "--yes")
    assert done.code == 2
    assert "no record of a change of kube-system/coredns/Corefile, on this machine or in the cluster" in done.err


def test_an_unreachable_cluster_does_not_hide_the_history_of_this_machine(desk: Desk) -> None:
    assert desk("apply", *NOW).code == 0
    desk.front.before = lambda _: (_ for _ in ()).throw(OSError())
    told = desk("history")
    assert told.code == 0
    assert "applied" in told.out
    assert "without the records that other machines left in the cluster" in told.err


def test_a_history_without_its_cluster_ends_within_seconds_and_says_what_is_missing(desk: Desk) -> None:
    """The default for a call is 10 s. Nothing here is timed: the server holds every call until the command has ended."""
    assert desk("apply", *NOW).code == 0
    over = threading.Event()

    def hold(_call: Call) -> Answer | None:
        over.wait(9)
        raise Cut

    desk.front.before = hold
    try:
        listed = desk("history")
        unknown = desk("history", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    finally:
        over.set()
    assert (listed.code, "applied" in listed.out) == (0, True)
    assert "without the records that other machines left in the cluster" in listed.err
    assert "timed out" in listed.err
    assert unknown.code == 2
    assert "no record 01ARZ3NDEKTSV4RRFFQ69G5FAV on this machine, and those in the cluster cannot be read" in unknown.err
