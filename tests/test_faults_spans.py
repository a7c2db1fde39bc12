"""An API server that fails between the two writes of one change: both objects are as before, or both are changed, and it is said which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from remedy.cluster import embedded
from remedy.cluster.embedded import EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.faults import Fault, cut, says, slow
from tests.apiserver.forked import Runner
from tests.apiserver.front import serving
from tests.test_spans import FIXED, MAIN, STUB, STUB_FIXED

SECOND, TRIAL = ("PATCH configmaps coredns-custom",), ("PATCH configmaps coredns-custom dry-run",)
READS = ("GET configmaps coredns-custom",)
BACK = "the old text is live again, verified"
FAULTS = [
    Fault("403 on the second write", (*TRIAL, *SECOND), says(403, "no"), 5, (BACK,), sent=0),
    Fault("403 on reading the second object", READS, says(403, "no"), 4, ("reads is not at hand",), sent=0),
    Fault("409 on the second write", SECOND, says(409), 5, ("no longer the text that the plan was made from", BACK)),
    Fault("422 on the second trial", TRIAL, says(422, "data: Forbidden: field is immutable"), 5, ("field is immutable", BACK), sent=0),
    Fault("429, twice, on the second write", SECOND, says(429, Retry_After="0.1"), 0, times=2, written=True, sent=3),
    Fault("500 on the second write", SECOND, says(500, "etcd is away"), 5, ("etcd is away", BACK)),
    Fault("500 after the second write", SECOND, says(500, "etcd is away"), 0, late=True, written=True),
    Fault("a reset before the second write", SECOND, cut, 5, (BACK,)),
    Fault("a reset after the second write", SECOND, cut, 0, late=True, written=True),
    Fault("no answer in time after the second write", SECOND, slow, 0, late=True, times=1, written=True),
]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner(tmp_path_factory.mktemp("runner")) as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_FIRST_RELOAD", 0.03)
    monkeypatch.setattr(embedded, "_NEXT_RELOAD", 0.03)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_between_two_writes_leaves_both_objects_old_or_both_new(runner: Runner, tmp_path: Path, fault: Fault) -> None:
    with EmbeddedCluster(MAIN, custom={"stub.server": STUB}) as cluster, serving(front := FakeServer(cluster)):
        words = ["apply", "--yes", "--settle", "0", "--quiet", "--validate", "model", "--request-timeout", "2", "--kubeconfig"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        fault.put(front)
        done = runner.run([*words, str(front.kubeconfig(tmp_path / "kubeconfig"))], environment)
        assert done.code == fault.code, done.err
        assert "Traceback" not in done.err
        for word in fault.words:
            assert word in done.err
        assert front.kinds().count(*SECOND) <= fault.sent
        texts = (
            cluster.configmap("kube-system", "coredns").data["Corefile"],
            cluster.configmap("kube-system", "coredns-custom").data["stub.server"],
        )
        assert texts == ((FIXED, STUB_FIXED) if fault.written else (MAIN, STUB))
