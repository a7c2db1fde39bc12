"""Kill -9 before and after every call and every write of apply and rollback: nothing is lost, and one command brings it to rest.

The points are those of a run that was recorded just before, so a call or a write that is new is killed at as well. A run leaves nothing
but what it has changed on the server and on the disk. That is noted at each point, and what several points leave alike is brought to rest
twice, once by a rollback and once by an apply, and not at each again. A call that only reads leaves the same before and after its answer.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
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
Point = tuple[tuple[str, int] | None, bool, int]
"""A kind of call, the how many-th of it, and whether it is carried out; or the number of a write to the disk."""
Left = tuple[tuple[str, ...], tuple[str, ...]]
"""What a run has changed on the server and on the disk, in order."""


class Killing:
    """A cluster behind a fake API server, a state folder, and runs of the command that are killed."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.seen: Counter[Left] = Counter()
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
        pid = self.runner.start(self.words(server, *words), self.environment(), watched=self.state / "remedy")
        try:
            return self.runner.wait()
        finally:
            server.before = server.after = lambda _: None

    def killed(self, server: FakeServer, point: Point, *words: str) -> int:
        """Kill it there, and return how many points before have left the same."""
        call, after, write = point
        server.carried.clear()
        done = self.killed_at(server, *call, *words, after=after) if call else self.run(server, *words, kill=write)
        assert done.code in (-signal.SIGKILL, 0), (point, done.err)
        writes = self.runner.points()
        if write and done.code:
            writes.pop()  # the one that it was about to do
        left = tuple(call.kind for call in server.carried if call.changes), tuple(writes)
        self.seen[left] += 1
        return self.seen[left] - 1

    @property
    def text(self) -> str:
        return self.cluster.configmap("kube-system", "coredns").data["Corefile"]


@pytest.fixture
def killing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killing]:
    monkeypatch.setattr(embedded, "_FIRST_RELOAD", 0.03)
    monkeypatch.setattr(embedded, "_NEXT_RELOAD", 0.03)
    with Runner(tmp_path) as runner:
        yield Killing(runner, tmp_path)


def points(killing: Killing, server: FakeServer) -> list[Point]:
    """Of a run that has just ended: every write to the disk, every call that changes an object, and of the others each kind's first.

    What other calls come between two writes leaves the same as the kill before the second: polls come as often as they have to.
    """
    found: dict[Point, None] = {}
    times: Counter[str] = Counter()
    for call in server.calls:
        times[call.kind] += 1
        if call.changes or times[call.kind] == 1 or call.method != "GET":
            found[(call.kind, times[call.kind]), False, 0] = None
        if call.changes:
            found[(call.kind, times[call.kind]), True, 0] = None
    return [*found, *((None, False, write) for write in range(1, len(killing.runner.points()) + 1))]


def came_to_rest(killing: Killing, server: FakeServer, monkeypatch: pytest.MonkeyPatch, *, by: str, old: str, new: str) -> None:
    """The text is the old or the new one, the record tells which; and after one command, if one is named, all is over."""
    monkeypatch.setenv("XDG_STATE_HOME", str(killing.state))
    assert killing.text in (old, new)
    records = journal.history()
    if killing.text == new:
        assert records[0].changes[0].after == new
        assert records[0].changes[0].before == old
    if not by:
        return
    command = ["rollback", records[0].id] if by == "rollback" and records else ["apply"]
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
        todo = points(killing, server)
        writes = len(killing.runner.points())
    assert writes > 8
    assert {(("PATCH configmaps coredns", 1), after, 0) for after in (False, True)} <= set(todo)
    for number, point in enumerate(todo, 1):
        killing.fresh(number)
        with killing.cluster, serving(server := FakeServer(killing.cluster)):
            before = killing.killed(server, point, "apply", *NOW)
            came_to_rest(killing, server, monkeypatch, by=("rollback", "apply", "")[min(before, 2)], old=INCIDENT, new=FIXED)
    assert {len(disk) for _, disk in killing.seen} >= set(range(writes))


def test_a_rollback_that_is_killed_at_any_call_or_write_loses_nothing(killing: Killing, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = killing.folder / "applied"
    with killing.cluster, serving(server := FakeServer(killing.cluster)):
        assert killing.run(server, "apply", *NOW).code == 0
        shutil.copytree(killing.state, kept)
        server.calls.clear()
        done = killing.run(server, "rollback", *NOW)
        assert done.code == 0, done.err
        todo = points(killing, server)
        writes = len(killing.runner.points())
    assert {(("PATCH configmaps coredns", 1), after, 0) for after in (False, True)} <= set(todo)
    for number, point in enumerate(todo, 1):
        killing.fresh(number, FIXED)
        shutil.copytree(kept, killing.state)
        with killing.cluster, serving(server := FakeServer(killing.cluster)):
            monkeypatch.setenv("XDG_STATE_HOME", str(killing.state))
            (record,) = journal.history()
            before = killing.killed(server, point, "rollback", *NOW)
            assert killing.text in (INCIDENT, FIXED)
            if before:
                continue
            rest = killing.run(server, "rollback", record.id, *NOW)
            assert rest.code == 0, (point, rest.err)
            assert killing.text == INCIDENT
            assert journal.load(record.id).outcome == "rolled-back"
            assert journal.unfinished() == []
    assert {len(disk) for _, disk in killing.seen} >= set(range(writes))


def test_power_that_fails_in_the_middle_of_a_record_leaves_no_half_record(killing: Killing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(killing.state))
    with killing.cluster, serving(server := FakeServer(killing.cluster)):
        killing.run(server, "apply", *NOW, kill=4)
        folder = killing.state / "remedy" / "records"
        for path in folder.iterdir() if folder.exists() else ():
            with suppress(ValueError):
                assert path.suffix in (".json", ".undo", ".open", ".tmp")
        assert all(record.outcome == "started" for record in journal.history())
