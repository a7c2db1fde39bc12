"""An API server that fails: the right exit code and message each time, and never a second write.

The table is run with the fake API server here, and with the real one behind a proxy in tests/cluster/test_faults.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from remedy.cluster import embedded
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.faults import FAULTS, WRITE, Fault
from tests.apiserver.forked import Runner
from tests.apiserver.front import serving


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner(tmp_path_factory.mktemp("runner")) as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_FIRST_RELOAD", 0.03)
    monkeypatch.setattr(embedded, "_NEXT_RELOAD", 0.03)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_ends_an_apply_as_the_table_says(runner: Runner, tmp_path: Path, fault: Fault) -> None:
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        words = ["apply", "--yes", "--settle", "0", "--quiet", "--request-timeout", "2", "--kubeconfig"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        fault.put(front)
        done = runner.run([*words, str(front.kubeconfig(tmp_path / "kubeconfig"))], environment)
        assert done.code == fault.code, done.err
        assert "Traceback" not in done.err
        for word in fault.words:
            assert word in done.err
        assert front.kinds().count(WRITE) <= fault.sent
        assert (cluster.configmap("kube-system", "coredns").data["Corefile"] != INCIDENT) == fault.written
