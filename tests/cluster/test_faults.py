"""The table of faults (tests/apiserver/faults.py), put between remedy and the real API server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apiserver.faults import FAULTS, WRITE, Fault
from tests.apiserver.forked import Runner
from tests.apiserver.front import serving
from tests.apiserver.proxy import Proxy
from tests.testbed import config
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.places import API, CERTS


@pytest.fixture(scope="module")
def proxied(testbed: Testbed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, Runner, Testbed]]:
    testbed.reset(INCIDENT)
    with testbed.namespace(), serving(front := Proxy(API, CERTS / "apiserver.crt")), Runner(tmp_path_factory.mktemp("runner")) as runner:
        yield front, runner, testbed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_before_a_real_api_server_ends_as_the_table_says(
    proxied: tuple[Proxy, Runner, Testbed], tmp_path: Path, fault: Fault
) -> None:
    front, runner, testbed = proxied
    words = ["apply", "--yes", "--settle", "0", "--quiet", "--request-timeout", "2", "--kubeconfig"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    fault.put(front)
    done = runner.run([*words, str(front.kubeconfig(tmp_path / "kubeconfig", config.admin_token()))], environment)
    sent = front.kinds().count(WRITE)
    front.before = front.after = lambda _: None
    try:
        assert done.code == fault.code, done.err
        assert "Traceback" not in done.err
        for word in fault.words:
            assert word in done.err
        assert sent <= fault.sent
        assert (testbed.corefile() != INCIDENT) == fault.written
    finally:
        if testbed.corefile() != INCIDENT:
            testbed.put_corefile(INCIDENT)
            testbed.settle(INCIDENT)
