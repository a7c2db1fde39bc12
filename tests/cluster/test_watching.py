"""Somebody else's edit ends the wait at once; a watch that is refused, forgotten or broken only makes it a little longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from remedy.cluster import watching
from remedy.cluster.api import connect
from remedy.cluster.door import Door
from remedy.cluster.embedded import EmbeddedCluster
from remedy.cluster.looking import Looking
from remedy.cluster.watching import Watching
from remedy.errors import ClusterError
from tests.apiserver.fake import FakeServer
from tests.apiserver.front import Answer, Call, Cut, refusal, serving
from tests.testbed.cluster import Testbed

PLACE = ("kube-system", "coredns")
WATCH = "GET configmaps watch"
GONE = b'{"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}\n'


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        assert isinstance(front, FakeServer)
        yield front


@pytest.fixture
def door(server: FakeServer, tmp_path: Path) -> Door:
    return connect(kubeconfig=str(server.kubeconfig(tmp_path / "kubeconfig")), request_timeout=2.0)


@contextmanager
def watched(door: Door, pause: float = 0.0) -> Iterator[Watching]:
    found = Watching(door, [PLACE], pause)
    try:
        yield found
    finally:
        found.close()


def edit(server: FakeServer, comment: str) -> None:
    text = f"{server.cluster.configmap(*PLACE).data['Corefile']}# {comment}\n"
    server.cluster.patch_configmap(*PLACE, [{"op": "replace", "path": "/data/Corefile", "value": text}])


def seen(server: FakeServer, watches: int) -> None:
    """Wait until so many watches were begun."""
    for _ in range(400):
        if server.kinds().count(WATCH) >= watches:
            return
        time.sleep(0.05)
    raise AssertionError(server.kinds())


def first(server: FakeServer, *instead: object) -> None:
    """The first watches go wrong in these ways, and the others do not."""
    left = list(instead)

    def hook(call: Call) -> Answer | None:
        if call.kind == WATCH and left:
            answer = left.pop(0)
            if isinstance(answer, Answer):
                return answer
            raise Cut
        return None

    server.before = hook


def test_an_edit_is_told_at_once_and_one_that_was_before_is_not(server: FakeServer, door: Door) -> None:
    version = door.configmap(*PLACE).resource_version
    assert not door.watch(*PLACE, version, 1.0)
    threading.Timer(0.2, edit, (server, "mine")).start()
    assert door.watch(*PLACE, version, 20.0)
    assert door.watch(*PLACE, version, 20.0), "from that version on it is told again"
    assert not Looking(door).watch(*PLACE, door.configmap(*PLACE).resource_version, 1.0)
    asked = {(call.query["fieldSelector"], call.query["resourceVersion"]) for call in server.calls if call.kind == WATCH}
    assert ("metadata.name=coredns", version) in asked


def test_each_of_many_edits_is_a_reason_to_look(server: FakeServer, door: Door) -> None:
    with watched(door) as found:
        seen(server, 1)
        for number in range(3):
            edit(server, f"edit {number}")
            found.wait()
            seen(server, number + 2)


@pytest.mark.parametrize("forgotten", [refusal(410, "too old resource version"), Answer(200, b"", events=iter([GONE]))])
def test_a_version_that_the_server_has_forgotten_is_a_reason_to_look_and_to_begin_anew(
    server: FakeServer, door: Door, forgotten: Answer
) -> None:
    first(server, forgotten)
    with watched(door):
        seen(server, 2)
        edit(server, "mine")
        seen(server, 3)


def test_a_watch_that_breaks_is_begun_again(server: FakeServer, door: Door) -> None:
    first(server, "a reset", refusal(500, "etcd is away"), "a reset")
    with watched(door, 0.05):
        seen(server, 4)
        edit(server, "mine")
        seen(server, 5)


def test_without_the_right_there_is_one_watch_and_the_wait_is_of_seconds(server: FakeServer, door: Door) -> None:
    first(server, *(refusal(403, "configmaps is forbidden: User cannot watch resource") for _ in range(9)))
    with pytest.raises(ClusterError, match="not allowed: watch configmaps/coredns in kube-system") as refused:
        door.watch(*PLACE, "1", 1.0)
    assert 'resourceNames: ["coredns"], verbs: ["watch"]' in (refused.value.hint or "")
    server.calls.clear()
    with watched(door, 0.05) as found:
        for _ in range(8):
            found.wait()
        assert server.kinds().count(WATCH) == 1
    assert watching.POLL_SECONDS <= 10


def test_an_end_of_the_sitting_ends_the_wait(door: Door) -> None:
    found = Watching(door, [PLACE])
    threading.Timer(0.3, found.close).start()
    found.wait()


def test_a_real_api_server_tells_of_an_edit_at_once(incident: Testbed) -> None:
    door = connect(kubeconfig=str(incident.kubeconfig))
    version = door.configmap(*PLACE).resource_version
    assert not door.watch(*PLACE, version, 1.0)
    ended: list[bool] = []
    waiting = threading.Thread(target=lambda: ended.append(door.watch(*PLACE, version, 60.0)))
    waiting.start()
    incident.api(
        "PATCH",
        "/api/v1/namespaces/kube-system/configmaps/coredns",
        {"metadata": {"annotations": {"somebody": "else"}}},
        content_type="application/merge-patch+json",
    )
    waiting.join(timeout=30.0)
    assert ended == [True]
