"""A change is written on one deliberate key after a question, in view of every replica, and every way out of it is proven."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remedy import journal
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.faults import WRITE, says
from tests.apiserver.front import Call, Hook, serving
from tests.tui.sitting import Sitting, sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
DEMO = Given(demo=True, settle=0.3)
OTHER = INCIDENT.replace("cache 30", "cache 60")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """The embedded cluster behind an API server in which calls can be made to go wrong."""
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        yield front


@pytest.fixture
def given(server: FakeServer, tmp_path: Path) -> Given:
    kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
    return Given(kubeconfig=str(kubeconfig), settle=0.3, validate="model", request_timeout=2.0)


def live(server: FakeServer) -> str:
    return server.cluster.configmap("kube-system", "coredns").data["Corefile"]


def written_by_another(server: FakeServer, text: str) -> None:
    with server.lock:
        server.cluster.patch_configmap("kube-system", "coredns", [{"op": "replace", "path": "/data/Corefile", "value": text}])


def before(kind: str, act: Callable[[], None], times: int = 1) -> Hook:
    """Do something as the first calls of this kind come in."""
    left = times

    def hook(call: Call) -> None:
        nonlocal left
        if call.kind == kind and left:
            left -= 1
            act()

    return hook


async def to_the_question(here: Sitting) -> None:
    if "findings:" in here.text:
        await here.press("enter")
    await here.press("p")
    await here.until(lambda: "write it?  y yes" in here.text or "it cannot be" in here.text)


async def ended(here: Sitting) -> None:
    await here.until(lambda: here.app.under_way is not None and here.app.under_way.ended and "how it ended" in here.text)


def test_the_incident_is_healed_and_brought_back_by_keys_alone() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await to_the_question(here)
            for words in ("kube-system/coredns/Corefile in context demo", "-3 +1 lines", "✓ validation by canary: passed", "fingerprint"):
                assert words in here.text
            await here.press("y")
            await ended(here)
            record = journal.history()[0]
            for words in ("✓ done and verified", record.id, "coredns-1:", "coredns-2:", f"remedy rollback {record.id}"):
                assert words in here.text
            await here.press("escape")
            assert "nothing is wrong" in here.text
            await here.press("h")
            for words in ("records: 1", "✓ applied", "validation (canary): passed", record.id):
                assert words in here.text
            await here.press("r")
            await here.until(lambda: "put it back?  y yes" in here.text)
            assert "-1 +3 lines" in here.text
            assert f"takes back the change of record {record.id}" in here.text
            await here.press("y")
            await ended(here)
            assert "✓ put back and verified" in here.text
            await here.press("escape")
            assert "! AAAA001" in here.text

    sit(story)


def test_the_answer_to_the_question_is_no_unless_y_is_pressed(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            for key in ("enter", "n", "escape"):
                await to_the_question(here)
                await here.press(key)
                assert "write it?" not in here.text
                await here.press("escape")
            assert live(server) == INCIDENT
            assert not journal.history()

    sit(story)


def test_the_seconds_of_the_watch_after_a_write_go_on_while_nothing_happens() -> None:
    async def story() -> None:
        async with sitting(DEMO._replace(settle=30.0, validate="model")) as here:
            await to_the_question(here)
            await here.press("y")
            await here.until(lambda: "watching for another 30 s; 0 s of that are over" in here.words)
            await here.until(lambda: "watching for another 30 s; 2 s of that are over" in here.words)
            await here.press("x")
            await ended(here)

    sit(story)


@pytest.mark.parametrize("key", ["x", "ctrl+c"])
def test_a_key_stops_an_apply_and_the_old_text_is_put_back_and_proven(server: FakeServer, given: Given, key: str) -> None:
    async def story() -> None:
        async with sitting(given._replace(settle=20.0)) as here:
            await to_the_question(here)
            await here.press("y")
            await here.until(lambda: "every replica has it" in here.text)
            await here.press("q")
            assert "not possible: a change is under way" in here.text
            await here.press(key)
            await ended(here)
            for words in ("✗ written, and put back", "interrupted; the old text is live again, verified", "exit code 5"):
                assert words in here.text
            assert "back, verified" in here.text
            assert live(server) == INCIDENT
            assert journal.history()[0].outcome == "failed"

    sit(story)


def test_the_write_that_comes_after_somebody_elses_is_refused_and_says_so(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            await to_the_question(here)
            written_by_another(server, OTHER)
            await here.press("y")
            await ended(here)
            assert "✗ nothing was written   (exit code 3)" in here.text
            assert "look at it again" in here.text
            assert live(server) == OTHER

    sit(story)


def test_a_conflict_at_the_very_write_loses_nobodys_edit(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            await to_the_question(here)
            server.before = before(WRITE, lambda: written_by_another(server, OTHER))
            await here.press("y")
            await ended(here)
            assert "✗ nothing was written   (exit code 3)" in here.text
            assert live(server) == OTHER
            await here.press("escape")
            assert "! AAAA001" in here.text

    sit(story)


def test_two_people_with_the_same_plan_write_once_and_both_are_told_the_truth(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as one, sitting(given) as other:
            await to_the_question(one)
            await to_the_question(other)
            await one.press("y")
            await ended(one)
            assert "✓ done and verified" in one.text
            await other.press("y")
            await ended(other)
            assert "✓ nothing to do: that text is live already" in other.text
            assert len([record for record in journal.history() if record.outcome == "applied"]) == 1

    sit(story)


def test_two_people_with_different_plans_do_not_overwrite_each_other(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given, pause=600) as one, sitting(given._replace(style="minimal"), pause=600) as other:
            await to_the_question(one)
            await to_the_question(other)
            await one.press("y")
            await ended(one)
            text = live(server)
            await other.press("y")
            await ended(other)
            assert "✗ nothing was written   (exit code 3)" in other.text
            assert live(server) == text

    sit(story)


def test_a_right_that_is_missing_is_named_before_anything_is_written(server: FakeServer, given: Given) -> None:
    server.before = lambda call: says(403)(call) if call.kind in (WRITE, f"{WRITE} dry-run") else None

    async def story() -> None:
        async with sitting(given) as here:
            await to_the_question(here)
            await here.press("y")
            await ended(here)
            assert "✗ nothing was written   (exit code 2)" in here.text
            assert "not allowed: patch configmaps/coredns" in here.text
            assert live(server) == INCIDENT

    sit(story)


def test_a_cluster_that_goes_away_before_the_question_is_told_with_what_to_do(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            await here.press("enter")
            server.before = says(403)
            await here.press("p")
            await here.until(lambda: "it cannot be written" in here.text)
            assert "not allowed" in here.text
            await here.press("y")
            assert "not possible: not allowed" in here.text
            server.before = lambda _: None
            await here.press("escape")
            await to_the_question(here)
            assert "write it?  y yes" in here.text
            assert live(server) == INCIDENT

    sit(story)


def test_a_replica_that_does_not_come_to_the_new_text_brings_the_old_one_back(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given._replace(timeout=0.2)) as here:
            await to_the_question(here)
            await here.press("y")
            await ended(here)
            assert "exit code" in here.text
            assert "not healthy within" in here.text
            assert live(server) == INCIDENT

    sit(story)


def test_a_record_that_was_cut_off_is_shown_before_all_else_and_can_be_finished(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            await to_the_question(here)
            await here.press("y")
            await ended(here)
        record = journal.history()[0]
        journal._save(record._replace(outcome="started"))
        (Path(os.environ["XDG_STATE_HOME"]) / "remedy" / "records" / f"{record.id}.open").touch()
        async with sitting(given) as here:
            await here.until(lambda: "was cut off" in here.text)
            assert "! 20" in here.text
            assert record.id in here.text
            await here.press("f")
            await ended(here)
            assert journal.load(record.id).outcome == "applied"

    sit(story)


def test_a_file_is_written_from_the_same_screens(tmp_path: Path) -> None:
    path = tmp_path / "Corefile"
    path.write_text(INCIDENT)

    async def story() -> None:
        async with sitting(Given(targets=(str(path),), validate="model")) as here:
            await to_the_question(here)
            await here.press("y")
            await ended(here)
            assert "✓ done and verified" in here.text
            assert "template IN AAAA ." in path.read_text()
            await here.press("escape", "h", "r")
            await here.until(lambda: "put it back?  y yes" in here.text)
            await here.press("y")
            await ended(here)
            assert path.read_text() == INCIDENT

    sit(story)
