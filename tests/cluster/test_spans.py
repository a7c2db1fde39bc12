"""A change that spans several objects of a real cluster: applied one after the other, nothing lost on the way, undone as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.spanning import CUSTOM, HEALTHY_MAIN, INCIDENT_MAIN, OVERRIDE, SERVER, held, spanning
from tests.cluster.test_apply import Looker, asked
from tests.cluster.test_main_job import ADDRESS, NAME
from tests.command import Command
from tests.testbed.cluster import Testbed

As = Callable[[Path], Command]


def test_an_incident_in_a_file_of_coredns_custom_is_repaired_there_and_rolled_back(testbed: Testbed, remedy_as: As) -> None:
    remedy = remedy_as(testbed.kubeconfig)
    texts = {"aaaa.override": OVERRIDE, "notes.txt": "ask the shop team\n"}
    with spanning(testbed, HEALTHY_MAIN, texts):
        before = held(testbed)
        assert testbed.musl(NAME).code == -2
        scan = remedy("scan")
        assert scan.code == 1
        assert scan.out.startswith("kube-system/coredns-custom/aaaa.override:2:1: error AAAA001"), scan.out
        with asked(testbed) as askers:
            applied = remedy("apply", "--yes", "--settle", "0")
        assert applied.code == 0, applied.err
        assert applied.err.count("runs the predicted hash") == 2
        assert [asker.lost for asker in askers] == [0, 0]
        assert testbed.musl(NAME).addresses == (ADDRESS,)
        assert held(testbed) == {**before, "aaaa.override": "# no IPv6 here\ntemplate IN AAAA .\n"}
        back = remedy("rollback", "--yes", "--settle", "0")
        assert back.code == 0, back.err
        assert held(testbed) == before
        assert testbed.musl(NAME).code == -2
