"""Kill -9 before and after every call and every write of a change that spans two objects: one command brings both to rest.

What two points leave alike is brought to rest twice, as in tests/test_killed.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from remedy import journal
from remedy.cluster.embedded import EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.forked import Runner
from tests.apiserver.front import serving
from tests.command import Done
from tests.test_killed import Killing, Point, points
from tests.test_spans import FIXED, MAIN, STUB, STUB_FIXED

NOW = ["--yes", "--settle", "0", "--quiet", "--validate", "model"]
BACK = ["--yes", "--settle", "0", "--quiet"]
OLD, HALF, NEW = (MAIN, STUB), (FIXED, STUB), (FIXED, STUB_FIXED)


class Spanning(Killing):
    """The same with two objects."""

    def fresh(self, number: int, text: str = MAIN, stub: str = STUB) -> None:
        self.state = self.folder / f"state{number}"
        self.cluster = EmbeddedCluster(text, custom={"stub.server": stub})

    @property
    def texts(self) -> tuple[str, str]:
        return self.text, self.cluster.configmap("kube-system", "coredns-custom").data["stub.server"]

    def rests(self, server: FakeServer, *words: str) -> Done:
        """After the command nothing is left open."""
        rest = self.run(server, *words)
        assert rest.code == 0, rest.err
        assert journal.unfinished() == []
        assert not list((self.state / "remedy" / "records").glob("*.open"))
        return rest


@pytest.fixture
def spanning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spanning]:
    for name in ("_FIRST_RELOAD", "_NEXT_RELOAD"):
        monkeypatch.setattr(f"remedy.cluster.embedded.{name}", 0.03)
    with Runner(tmp_path) as runner:
        yield Spanning(runner, tmp_path)


def chosen(spanning: Spanning, server: FakeServer) -> list[Point]:
    """All points but calls that only read and are not about the second object: at these a change of one object is killed."""
    changing = {call.kind for call in server.calls if call.changes}
    return [point for point in points(spanning, server) if not point[0] or point[0][0] in changing or "coredns-custom" in point[0][0]]


def test_an_apply_of_two_objects_that_is_killed_anywhere_is_finished_or_undone_by_one_command(
    spanning: Spanning, monkeypatch: pytest.MonkeyPatch
) -> None:
    with spanning.cluster, serving(server := FakeServer(spanning.cluster)):
        done = spanning.run(server, "apply", *NOW)
        assert (done.code, spanning.texts) == (0, NEW), done.err
        todo = chosen(spanning, server)
    assert {("PATCH configmaps coredns", 1), ("PATCH configmaps coredns-custom", 1)} < {call for call, _, _ in todo}
    seen = set()
    for number, point in enumerate(todo, 1):
        spanning.fresh(number)
        monkeypatch.setenv("XDG_STATE_HOME", str(spanning.state))
        with spanning.cluster, serving(server := FakeServer(spanning.cluster)):
            before = spanning.killed(server, point, "apply", *NOW)
            seen.add(spanning.texts)
            records = journal.history()
            assert len(records) <= 1, point
            if before > 1:
                continue
            if before and records:
                spanning.rests(server, "rollback", records[0].id, *BACK)
                assert spanning.texts == OLD, point
            else:
                half = spanning.texts == HALF
                spanning.rests(server, "apply", *NOW)
                assert spanning.texts == NEW, point
                if half:
                    spanning.rests(server, "rollback", *BACK)
                    assert spanning.texts == OLD, point
    assert seen == {OLD, HALF, NEW}


def test_a_rollback_of_two_objects_that_is_killed_anywhere_is_finished_by_itself(
    spanning: Spanning, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = spanning.folder / "applied"
    with spanning.cluster, serving(server := FakeServer(spanning.cluster)):
        assert spanning.run(server, "apply", *NOW).code == 0
        shutil.copytree(spanning.state, kept)
        server.calls.clear()
        assert spanning.run(server, "rollback", *BACK).code == 0
        todo = chosen(spanning, server)
    for number, point in enumerate(todo, 1):
        spanning.fresh(number, *NEW)
        shutil.copytree(kept, spanning.state)
        monkeypatch.setenv("XDG_STATE_HOME", str(spanning.state))
        with spanning.cluster, serving(server := FakeServer(spanning.cluster)):
            (record,) = journal.history()
            before = spanning.killed(server, point, "rollback", *BACK)
            assert spanning.texts in (OLD, (MAIN, STUB_FIXED), HALF, NEW), point
            if before:
                continue
            spanning.rests(server, "rollback", record.id, *BACK)
            assert spanning.texts == OLD, point
            assert journal.load(record.id).outcome == "rolled-back"
