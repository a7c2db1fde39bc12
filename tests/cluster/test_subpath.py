"""A Corefile that is mounted with subPath: no running pod ever sees a change, whatever its text says about reloading."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.command import Command
from tests.testbed import rollout
from tests.testbed.cluster import LAME_DUCK, Testbed
from tests.testbed.manifests import DEPLOYMENT
from tests.testbed.processes import wait

NAME = "shop.example.cn"
MERGE = "application/strategic-merge-patch+json"


@pytest.fixture
def mounted(testbed: Testbed, remedy: Command) -> Iterator[Command]:
    """The incident, in pods that mount the file alone."""
    testbed.reset(LAME_DUCK)
    mount = {"name": "config-volume", "mountPath": "/etc/coredns/Corefile", "subPath": "Corefile", "readOnly": True}
    mounts = [{"mountPath": "/etc/coredns", "$patch": "delete"}, mount]
    spec = {"template": {"spec": {"containers": [{"name": "coredns", "volumeMounts": mounts}]}}}
    testbed.api("PATCH", DEPLOYMENT, {"spec": spec}, content_type=MERGE)
    wait("two CoreDNS replicas", rollout.complete, timeout=120)
    yield remedy
    testbed.reset()


def test_a_change_is_brought_by_a_restart_although_the_text_says_reload(mounted: Command, testbed: Testbed) -> None:
    before = {name for name, _ in testbed.pods()}
    assert "mounted with subPath" in mounted("doctor").out
    done = mounted("apply", "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert "restarting the deployment kube-system/coredns" in done.err
    assert before.isdisjoint(name for name, _ in testbed.pods())
    assert testbed.musl(NAME).code == 0
    back = mounted("rollback", "--yes", "--settle", "0")
    assert back.code == 0, back.err
    assert testbed.corefile() == LAME_DUCK
    assert testbed.musl(NAME).code == -2


def test_a_reload_that_would_never_come_is_refused_with_the_reason(mounted: Command, testbed: Testbed) -> None:
    done = mounted("apply", "--yes", "--settle", "0", "--strategy", "reload")
    assert done.code == 2
    assert "the file is mounted with subPath, and a running pod never sees a change; nothing was written" in done.err
    assert testbed.corefile() == LAME_DUCK
