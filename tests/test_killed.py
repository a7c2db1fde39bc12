"""Kill -9 before and after every call and every write of apply and rollback: nothing is lost, and one command brings it to rest.

The points are those of a run that was recorded just before, so a call or a write that is new is killed at as well.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from remedy import journal
from remedy.cluster import embedded
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.forked import Runner
from tests.apiserver.front import Answer, Call, Cut, serving
from tests.command import Done

FIXED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")
NOW = ["--yes", "--settle", "0", "--quiet"]


class Killing:
    """A cluster behind a fake API server, a state folder, and runs of the command that are killed."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.fresh(0)

    def fresh(self, number: int, text: str = INCIDENT) -> None:
        """Another cluster and another state folder."""
        self.state = self.folder / f"state{number}"
        self.cluster = EmbeddedCluster(text)

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "XDG_STATE_HOME": str(self.state)}

    def words(self, server: FakeServer, *words: str) -> list[str]:
        return [*words, "--kubeconfig", str(server.kubeconfig(self.folder / "kubeconfig"))]

    def run(self, server: FakeServer, *words: str, kill: int = 0) -> Done:
        watched = self.state / "remedy"
        return self.runner.run(self.words(server, *words), self.environment(), watched=watched, kill=kill)

    def killed_at(self, server: FakeServer, kind: str, times: int, *words: str, after: bool) -> Done:
        """Kill it when the times-th call of this kind comes in, before or after it is carried out."""
        left = times
        dead = False
        pid = 0

        def hook(call: Call) -> Answer | None:
            nonlocal left, dead
            if dead:
                raise Cut
            if call.kind == kind:
                left -= 1
                if not left:
                    dead = True
                    os.kill(pid, signal.SIGKILL)
                    raise Cut
            return None

        if after:
            server.after = hook
        else:
            server.before = hook
        pid = self.runner.start(self.words(server, *words), self.environment())
        try:
            return self.runner.wait()
        finally:
            server.before = server.after = lambda _: None

    @property
    def text(self) -> str:
        return self.cluster.configmap("kube-system", "coredns").data["Corefile"]


@pytest.fixture
def killing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killing]:
    monkeypatch.setattr(embedded, "_FIRST_RELOAD", 0.03)
    monkeypatch.setattr(embedded, "_NEXT_RELOAD", 0.03)
    with Runner(tmp_path) as runner:
        yield Killing(runner, tmp_path)


def calls_of(kinds: list[str]) -> list[tuple[str, int]]:
    """Of calls that only read, the first of each kind; of the others, every one. Polls come as often as they have to."""
    points: dict[tuple[str, int], None] = {}
    for place, kind in enumerate(kinds):
        times = kinds[: place + 1].count(kind)
        if times == 1 or not kind.startswith("GET"):
            points[kind, times] = None
    return list(points)


def came_to_rest(killing: Killing, server: FakeServer, monkeypatch: pytest.MonkeyPatch, *, undo: bool, old: str, new: str) -> None:
    """The text is the old or the new one, the record tells which; and after one command all is over."""
    monkeypatch.setenv("XDG_STATE_HOME", str(killing.state))
    assert killing.text in (old, new)
    records = journal.history()
    if killing.text == new:
        assert records[0].changes[0].after == new
        assert records[0].changes[0].before == old
    command = ["rollback", records[0].id] if undo and records else ["apply"]
    rest = killing.run(server, *command, *NOW)
    assert rest.code == 0, (rest.err, command, [record.outcome for record in records])
    wanted = old if command[0] == "rollback" else FIXED
    assert killing.text == wanted
    assert journal.unfinished() == []
    assert [record.id for record in journal.history() if record.outcome == "started"] == []
    assert not list((killing.state / "remedy" / "records").glob("*.open"))


def test_an_apply_that_is_killed_at_any_call_or_write_loses_nothing(killing: Killing, monkeypatch: pytest.MonkeyPatch) -> None:
    with killing.cluster, serving(server := FakeServer(killing.cluster)):
        done = killing.run(server, "apply", *NOW)
        assert done.code == 0, done.err
        assert killing.text == FIXED
        writes = killing.runner.points()
        calls = calls_of(server.kinds())
    assert len(writes) > 8
    assert ("PATCH configmaps coredns", 1) in calls
    points = [(call, after) for call in calls for after in (False, True) if not ("portforward" in call[0] and after)]
    number = 0
    for number, ((kind, times), after) in enumerate(points, 1):
        killing.fresh(number)
        with killing.cluster, serving(server := FakeServer(killing.cluster)):
            killed = killing.killed_at(server, kind, times, "apply", *NOW, after=after)
            assert killed.code in (-signal.SIGKILL, 0), (kind, killed.err)
            came_to_rest(killing, server, monkeypatch, undo=number % 2 == 0, old=INCIDENT, new=FIXED)
    for write in range(1, len(writes) + 1):
        killing.fresh(number + write)
        with killing.cluster, serving(server := FakeServer(killing.cluster)):
            killed = killing.run(server, "apply", *NOW, kill=write)
            assert killed.code in (-signal.SIGKILL, 0), (writes[write - 1], killed.err)
            came_to_rest(killing, server, monkeypatch, undo=write % 2 == 0, old=INCIDENT, new=FIXED)


def test_a_rollback_that_is_killed_at_any_call_or_write_loses_nothing(killing: Killing, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = killing.state
    kept = killing.folder / "applied"
    with killing.cluster, serving(server := FakeServer(killing.cluster)):
        assert killing.run(server, "apply", *NOW).code == 0
        shutil.copytree(applied, kept)
        server.calls.clear()
        done = killing.run(server, "rollback", *NOW)
        assert done.code == 0, done.err
        writes = killing.runner.points()
        calls = calls_of(server.kinds())
    points: list[tuple[tuple[str, int] | None, bool, int]] = [
        (call, after, 0) for call in calls for after in (False, True) if not ("portforward" in call[0] and after)
    ]
    points += [(None, False, write) for write in range(1, len(writes) + 1)]
    for number, (call, after, write) in enumerate(points, 1):
        killing.fresh(number, FIXED)
        shutil.copytree(kept, killing.state)
        with killing.cluster, serving(server := FakeServer(killing.cluster)):
            monkeypatch.setenv("XDG_STATE_HOME", str(killing.state))
            (record,) = journal.history()
            if call:
                killed = killing.killed_at(server, *call, "rollback", *NOW, after=after)
            else:
                killed = killing.run(server, "rollback", *NOW, kill=write)
            assert killed.code in (-signal.SIGKILL, 0), (call, killed.err)
            assert killing.text in (INCIDENT, FIXED)
            rest = killing.run(server, "rollback", record.id, *NOW)
            assert rest.code == 0, (call, write, rest.err)
            assert killing.text == INCIDENT
            assert journal.load(record.id).outcome == "rolled-back"
            assert journal.unfinished() == []


def test_power_that_fails_in_the_middle_of_a_record_leaves_no_half_record(killing: Killing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(killing.state))
    with killing.cluster, serving(server := FakeServer(killing.cluster)):
        killing.run(server, "apply", *NOW, kill=4)
        folder = killing.state / "remedy" / "records"
        for path in folder.iterdir() if folder.exists() else ():
            with suppress(ValueError):
                assert path.suffix in (".json", ".undo", ".open", ".tmp")
        assert all(record.outcome == "started" for record in journal.history())
