"""Kill -9 on a real cluster: the text is the old one or the new one, the record says of which change, one command brings it to rest.

Every call and every write is a point in tests/test_killed.py, on a fake API server. Here are those between which the most can go wrong.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.apiserver.front import Answer, Call, Cut, serving
from tests.apiserver.proxy import Proxy
from tests.cluster.test_errors import Under
from tests.cluster.test_main_job import edited_plan
from tests.command import Command
from tests.testbed import config
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.places import API, CERTS

FIXED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")
WRITE, DRY_RUN = "PATCH configmaps coredns", "PATCH configmaps coredns dry-run"
RECORD, POKE, LEASE = "POST configmaps", "PATCH pods", "POST leases.coordination.k8s.io"


class Point(NamedTuple):
    """The times-th call of this kind, before or after the server has carried it out; or the moment when remedy says these words."""

    name: str
    kind: str = ""
    times: int = 1
    after: bool = False
    words: str = ""
    written: bool | None = None
    """Is the other text live then? None: it depends."""


APPLY = (
    Point("after the Lease is taken", LEASE, after=True, written=False),
    Point("between the record on disk and its copy", RECORD, written=False),
    Point("between the record and the dry run", RECORD, after=True, written=False),
    Point("before the dry run", DRY_RUN, written=False),
    Point("after the dry run", DRY_RUN, after=True, written=False),
    Point("before the write", WRITE, written=False),
    Point("after the write", WRITE, after=True, written=True),
    Point("before a poke", POKE, written=True),
    Point("after a poke", POKE, after=True, written=True),
    Point("while a replica is behind", words="waiting for its reload", written=True),
    Point("within the settle time", words="watching for another", written=True),
)
UNDO = (
    Point("before the old text is written back", WRITE, times=2, written=True),
    Point("after the old text is written back", WRITE, times=2, after=True, written=False),
    Point("while the undo is proven", words="undoing: "),
)
ROLLBACK = (
    Point("before the write", WRITE, written=False),
    Point("after the write", WRITE, after=True, written=True),
    Point("while a replica is behind", words="waiting for its reload", written=True),
)
Killed = Callable[..., None]


@pytest.fixture
def killed(incident: Testbed, tmp_path: Path) -> Iterator[tuple[Command, Killed]]:
    """The command, by way of a proxy before the API server, and a way to kill a run of it at a point."""
    with serving(front := Proxy(API, CERTS / "apiserver.crt")):
        kubeconfig = front.kubeconfig(tmp_path / "kubeconfig", config.admin_token())
        remedy = Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(kubeconfig)}, validate="model")

        def kill(point: Point, *words: str) -> None:
            started = threading.Event()
            left = point.times
            run: Under

            def hook(call: Call) -> Answer | None:
                nonlocal left
                left -= call.kind == point.kind
                if left or call.kind != point.kind:
                    return None
                started.wait(10)
                run.process.kill()
                raise Cut

            if point.kind and point.after:
                front.after = hook
            elif point.kind:
                front.before = hook
            run = Under(remedy, *words, "--settle", "30" if "settle" in point.name else "0", "--yes")
            started.set()
            if point.words:
                run.says(point.words, 60)
                run.process.kill()
            assert run.ends().code == -9, point.name
            front.before = front.after = lambda _: None

        yield remedy, kill


def came_to_rest(testbed: Testbed, remedy: Command, verb: str, *, text: str, record: str = "") -> None:
    """By an apply, or by a rollback of this record, else of the newest."""
    told = remedy("history")
    assert "was cut off: kube-system/coredns/Corefile holds the old text or the new one" in told.err
    newest = next(line.split()[0] for line in told.out.splitlines() if " by " in line)
    done = remedy(verb, *([record or newest] if verb == "rollback" else []), "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert testbed.corefile() == text
    testbed.settle(text, timeout=10)
    after = remedy("history")
    assert "was cut off" not in after.err
    lines = after.out.splitlines()
    (outcome,) = [above.split()[1] for above, line in pairwise(lines) if line.split()[0] == newest]
    assert outcome != "started"  # others' records are in the cluster, too


@pytest.mark.parametrize("point", APPLY, ids=lambda point: point.name)
def test_an_apply_that_is_killed_is_undone_or_finished_by_one_command(
    incident: Testbed, killed: tuple[Command, Killed], point: Point
) -> None:
    remedy, kill = killed
    kill(point, "apply")
    assert (incident.corefile() == FIXED) == point.written
    assert incident.corefile() in (INCIDENT, FIXED)
    if point == APPLY[0]:  # nothing was begun but the Lease, which whoever comes next on this machine takes over
        done = remedy("apply", "--yes", "--settle", "0")
        assert (done.code, "was cut off" in done.err) == (0, False)
    elif APPLY.index(point) % 2:
        came_to_rest(incident, remedy, "rollback", text=INCIDENT)
    else:
        came_to_rest(incident, remedy, "apply", text=FIXED)


@pytest.mark.parametrize("point", UNDO, ids=lambda point: point.name)
def test_an_undo_that_is_killed_is_brought_to_its_end_by_a_rollback(
    incident: Testbed, killed: tuple[Command, Killed], tmp_path: Path, point: Point
) -> None:
    remedy, kill = killed
    edited_plan(remedy, tmp_path / "plan.json", "    ready\n", "    ready\n    frobnicate\n")
    kill(point, "apply", str(tmp_path / "plan.json"), "--validate", "none")
    if point.written is not None:
        assert ("frobnicate" in incident.corefile()) == point.written
    came_to_rest(incident, remedy, "rollback", text=INCIDENT)


@pytest.mark.parametrize("point", ROLLBACK, ids=lambda point: point.name)
def test_a_rollback_that_is_killed_is_brought_to_its_end_by_another(
    incident: Testbed, killed: tuple[Command, Killed], point: Point
) -> None:
    remedy, kill = killed
    applied = remedy("apply", "--yes", "--settle", "0", "--format", "json")
    assert applied.code == 0, applied.err
    kill(point, "rollback")
    assert (incident.corefile() == INCIDENT) == point.written
    assert incident.corefile() in (INCIDENT, FIXED)
    came_to_rest(incident, remedy, "rollback", text=INCIDENT, record=json.loads(applied.out)["id"])
