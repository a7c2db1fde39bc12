"""A cluster is shared and may be away: what others do is seen, what is refused is a screen, and nothing is waited for without an end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from remedy import service
from remedy.cluster.door import Json
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from remedy.errors import RemedyError
from tests.apiserver.fake import FakeServer
from tests.apiserver.faults import TRIAL, WRITE, cut
from tests.apiserver.front import Answer, Call, refusal, serving
from tests.tui.sitting import Sitting, sit, sitting
from tui.given import Given
from tui.screens.change import ChangeScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.findings import FindingsScreen
from tui.screens.trouble import TroubleScreen
from tui.session import begun

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """An API server with the incident behind it."""
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        assert isinstance(front, FakeServer)
        yield front


@pytest.fixture
def given(server: FakeServer, tmp_path: Path) -> Given:
    """A sitting on that server."""
    kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
    return Given(kubeconfig=str(kubeconfig), request_timeout=2.0, settle=0.3, validate="model")


def edited(server: FakeServer, before: str, after: str) -> None:
    """Somebody else's edit of the live Corefile."""
    with server.lock:
        live = server.cluster.configmap("kube-system", "coredns").data["Corefile"]
        assert before in live
        path = "/data/Corefile"
        server.cluster.patch_configmap("kube-system", "coredns", [{"op": "replace", "path": path, "value": live.replace(before, after)}])


def live(server: FakeServer) -> str:
    return server.cluster.configmap("kube-system", "coredns").data["Corefile"]


def failing(server: FakeServer, kind: str, status: int, message: str = "as the test wants it") -> None:
    """From now on, calls of this kind are answered so."""

    def hook(call: Call) -> Answer | None:
        return refusal(status, message) if call.kind == kind else None

    server.before = hook


async def confirmed(here: Sitting) -> None:
    """Up to the question, and yes."""
    await here.press("enter", "p")
    assert "write it?" in here.text, here.text
    await here.press("y")


def test_an_edit_of_somebody_else_is_seen_and_the_old_plan_cannot_be_applied(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given, pause=0.2) as here:
            await here.press("enter")
            edited(server, "    loop\n", "    loop # mine\n")
            await here.until(lambda: "somebody else changed" in here.text)
            await here.press("p")
            assert isinstance(here.app.screen, ChangeScreen)
            assert "not possible: somebody else changed kube-system/coredns/Corefile" in here.text
            await here.press("r")
            await here.until(lambda: "somebody else changed" not in here.text and "planning" not in here.text)
            await confirmed_from_change(here)
            await here.until(lambda: "done and verified" in here.text)
        assert "loop # mine" in live(server)
        assert "rcode NXDOMAIN" not in live(server)

    sit(story)


async def confirmed_from_change(here: Sitting) -> None:
    await here.press("p")
    await here.press("y")


def test_an_edit_is_seen_by_a_watch_and_without_that_right_by_looking_again(server: FakeServer, given: Given) -> None:
    async def story(plugin: str) -> None:
        async with sitting(given) as here:
            await here.until(lambda: "GET configmaps watch" in server.kinds())
            edited(server, f"    {plugin}\n", f"    {plugin} # mine\n")
            await here.until(lambda: "somebody else changed" in here.text)

    sit(lambda: story("loop"))
    server.calls.clear()
    failing(server, "GET configmaps watch", 403)
    sit(lambda: story("loadbalance"))
    assert server.kinds().count("GET configmaps watch") == 1


def test_a_corefile_that_is_deleted_is_somebody_elses_change(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given, pause=0.2) as here:
            failing(server, "GET configmaps coredns", 404)
            await here.until(lambda: "somebody else changed" in here.text)

    sit(story)


def test_an_edit_between_the_question_and_the_answer_is_never_overwritten(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            await here.press("enter", "p")
            edited(server, "    loop\n", "    loop # mine\n")
            await here.press("y")
            await here.until(lambda: "nothing was written" in here.text)
            assert "somebody changed it since" in here.words
        assert live(server) == INCIDENT.replace("    loop\n", "    loop # mine\n")

    sit(story)


def test_a_conflict_at_the_write_itself_says_that_nothing_was_written(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            failing(server, WRITE, 409)
            await confirmed(here)
            await here.until(lambda: "exit code 3" in here.text)
            assert "nothing was written" in here.text
        assert live(server) == INCIDENT

    sit(story)


def test_what_is_forbidden_is_a_screen_with_the_rule_that_would_grant_it(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        failing(server, "GET configmaps coredns", 403)
        async with sitting(given) as here:
            assert isinstance(here.app.screen, TroubleScreen)
            assert "not allowed: get configmaps/coredns" in here.text
            assert "a Role in that namespace must grant it" in here.text
            server.before = lambda _: None
            await here.press("r")
            assert isinstance(here.app.screen, FindingsScreen)
            assert "AAAA001" in here.text

    sit(story)


def test_a_missing_right_makes_a_sitting_read_only_and_says_which(server: FakeServer, given: Given) -> None:
    def hook(call: Call) -> Answer | None:
        if call.resource.startswith("selfsubjectaccessreviews") and b'"patch"' in call.body:
            return Answer(201, b'{"status": {"allowed": false}}')
        return None

    async def story() -> None:
        server.before = hook
        async with sitting(given) as here:
            await here.until(lambda: "live, read-only" in here.text)
            await here.press("enter", "p")
            assert "not possible: not allowed: patch configmaps/coredns in kube-system" in here.words
            assert isinstance(here.app.screen, ChangeScreen)
        assert live(server) == INCIDENT

    sit(story)


def test_a_write_that_is_forbidden_after_all_changes_nothing(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given) as here:
            failing(server, TRIAL, 403)
            await confirmed(here)
            await here.until(lambda: "exit code 2" in here.text)
            assert "not allowed: patch configmaps/coredns" in here.text
        assert live(server) == INCIDENT

    sit(story)


def test_a_slow_server_keeps_no_key_waiting_and_escape_stops_waiting_for_it(server: FakeServer, given: Given) -> None:
    released = threading.Event()

    def hook(call: Call) -> Answer | None:
        if call.kind == "GET configmaps coredns":
            released.wait(20)
        return None

    async def story() -> None:
        server.before = hook
        async with sitting(given._replace(request_timeout=20.0), wait=False) as here:
            await here.until(lambda: "reading and looking" in here.text)
            await here.pilot.press("question_mark")
            await here.until(lambda: "keys of: findings" in here.text)
            await here.pilot.press("escape")
            await here.pilot.pause()
            await here.pilot.press("escape")
            await here.until(lambda: "no longer waiting for" in here.text or "reading and looking" not in here.text)
            released.set()

    try:
        sit(story)
    finally:
        released.set()


def test_a_server_that_goes_away_leaves_what_was_read_on_the_screen(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given, pause=0.2) as here:
            server.before = cut
            await here.pilot.pause(0.5)
            assert "AAAA001" in here.text
            await here.press("r")
            assert isinstance(here.app.screen, TroubleScreen)
            assert "what to do next" in here.text
            await here.press("escape")
            assert isinstance(here.app.screen, FindingsScreen)
            assert "AAAA001" in here.text

    sit(story)


def test_another_corefile_of_the_cluster_can_be_picked(server: FakeServer, given: Given) -> None:
    other = {"metadata": {"name": "other"}, "data": {"Corefile": "example.org {\n    erratic\n    whoami\n}\n"}}
    server.cluster.create("configmaps", "kube-system", other)

    async def story() -> None:
        async with sitting(given) as here:
            await here.press("c")
            for words in ("front", "every Corefile", "kube-system/coredns", "kube-system/other", "nobody was found that reads it"):
                assert words in here.text, words
            await here.press("end", "enter")
            assert isinstance(here.app.screen, FindingsScreen)
            assert "kube-system/other" in here.text
            assert here.app.session is not None
            assert "--configmap other" in here.app.session.command("scan")

    sit(story)


def test_where_a_cluster_does_not_answer_another_can_be_picked_and_the_command_is_still_copied(server: FakeServer, given: Given) -> None:
    kubeconfig = Path(given.kubeconfig or "")
    found = json.loads(kubeconfig.read_text())
    found["clusters"].append({"name": "gone [/]", "cluster": {"server": "http://127.0.0.1:9"}})
    found["contexts"].append({"name": "gone [/]", "context": {**found["contexts"][0]["context"], "cluster": "gone [/]"}})
    kubeconfig.write_text(json.dumps(found))

    async def story() -> None:
        async with sitting(given._replace(context="gone [/]", request_timeout=1.0)) as here:
            assert "what to do next" in here.text
            assert "gone [/]" in here.text.splitlines()[0]
            await here.press("Y")
            assert here.app.clipboard.startswith("remedy scan --kubeconfig ")
            assert "--context 'gone [/]'" in here.app.clipboard
            await here.press("c")
            assert "gone [/]  this one" in here.text
            assert "Corefiles of gone [/]" in here.text
            await here.press("up", "enter", "enter")
            await here.until(lambda: "! AAAA001" in here.text)
            await here.press("escape", "escape")
            assert isinstance(here.app.screen, FindingsScreen)
            assert "front" in here.text.splitlines()[0]

    sit(story)


def owned(server: FakeServer, configmap: str) -> None:
    """A controller puts its own text back into this ConfigMap."""
    read = server.cluster.read

    def marked(resource: str, namespace: str, name: str) -> Json:
        body = dict(read(resource, namespace, name))
        if (resource, name) == ("configmaps", configmap):
            body["metadata"] = {**body["metadata"], "labels": {"addonmanager.kubernetes.io/mode": "Reconcile"}}
        return body

    server.cluster.read = marked  # type: ignore[method-assign]


def test_an_owner_that_would_put_its_text_back_is_named_and_so_is_what_to_change_instead(server: FakeServer, given: Given) -> None:
    owned(server, "coredns")

    async def story() -> None:
        async with sitting(given, size=(100, 50)) as here:
            await here.until(lambda: "owner: " in here.words)
            await here.press("enter", "p")
            assert "would put its own text back" in here.words
            assert "what to change instead:" in here.words
            await here.press("y")
            assert "not possible" in here.words
        assert live(server) == INCIDENT

    sit(story)


def test_what_an_owner_keeps_out_of_a_change_stays_as_it_is_around_the_rest(tmp_path: Path) -> None:
    main = INCIDENT.replace("    ready\n", "    ready\n    import custom/*.override\n")
    kept = "template ANY AAAA web.example.com {\n    rcode NXDOMAIN\n}\n"
    with EmbeddedCluster(main, custom={"web.override": kept}) as cluster, serving(server := FakeServer(cluster)):
        owned(server, "coredns-custom")
        given = Given(kubeconfig=str(server.kubeconfig(tmp_path / "kubeconfig")), settle=0.3, validate="model", unsafe=True)

        async def story() -> None:
            async with sitting(given, size=(120, 60)) as here:
                await here.press("enter", "p")
                assert "write it?" in here.words
                assert "kube-system/coredns-custom/web.override is left out" in here.words
                assert isinstance(here.app.screen, ConfirmScreen)
                question = here.app.screen.question
                assert question is not None
                (change,) = question.plan.changes
                assert change.target.name == "coredns"
                assert kept in dict(change.around[1].files).values()
                assert question.validation == service.validate(question.plan)

        sit(story)


def test_what_still_asks_once_a_sitting_is_over_opens_no_cluster_again() -> None:
    session = begun(Given(demo=True))
    session.close()
    for late in (session.look_aside, session.count, session.overtaken):
        with pytest.raises(RemedyError, match="this sitting is over"):
            late()


def test_a_file_that_somebody_else_saves_is_noticed(tmp_path: Path) -> None:
    corefile = tmp_path / "Corefile"
    corefile.write_text(INCIDENT)

    async def story() -> None:
        async with sitting(Given(targets=(str(corefile),)), pause=0.2) as here:
            corefile.write_text(INCIDENT.replace("    loop\n", ""))
            await here.until(lambda: "somebody else changed" in here.words)
            await here.press("r")
            assert "somebody else changed" not in here.words
            corefile.unlink()
            await here.until(lambda: "somebody else changed" in here.words)

    sit(story)


def test_no_key_leaves_while_a_change_is_under_way(server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given._replace(settle=120.0)) as here:
            await here.press("enter", "p")
            await here.pilot.press("y")
            await here.until(lambda: here.app.writing)
            for keys in (("q",), ("ctrl+q",), ("question_mark", "q"), ("ctrl+q",)):
                await here.pilot.press(*keys)
                await here.pilot.pause()
                assert here.app.is_running
                assert "not possible: a change is under way" in here.words
            await here.press("escape")
            await here.pilot.press("x")
            await here.until(lambda: "written, and put back" in here.text)
            assert live(server) == INCIDENT

    sit(story)


@pytest.mark.parametrize("keys", [("a",), ("enter", "p"), ("a", "p")], ids="-".join)
def test_one_key_plans_again_wherever_an_edit_is_noticed(keys: tuple[str, ...], server: FakeServer, given: Given) -> None:
    async def story() -> None:
        async with sitting(given, pause=0.2) as here:
            for key in keys:
                await here.press(key)
            edited(server, "    loop\n", "    loop # mine\n")
            await here.until(lambda: "r plans it again: somebody else changed" in here.text)
            await here.press("r")
            await here.until(lambda: "somebody else changed" not in here.text)
            await here.idle()
            if "a" in keys:
                await here.until(lambda: "model ✓ passed" in here.text)
            await here.press("p")
            assert "write it?  y yes" in here.text
            await here.press("y")
            await here.until(lambda: "done and verified" in here.text)
        assert "loop # mine" in live(server)
        assert "rcode NXDOMAIN" not in live(server)

    sit(story)
