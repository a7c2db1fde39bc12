"""A change that spans several objects of a real cluster: applied one after the other, nothing lost on the way, undone as a whole."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.apiserver.front import Answer, Call, refusal, serving
from tests.apiserver.proxy import Proxy
from tests.cluster.spanning import HEALTHY_MAIN, INCIDENT_MAIN, OVERRIDE, SERVER, held, spanning
from tests.cluster.test_apply import asked
from tests.cluster.test_errors import Under
from tests.cluster.test_lookups import WORKING, none_failed
from tests.cluster.test_main_job import ADDRESS, NAME
from tests.command import Command
from tests.testbed import config
from tests.testbed.cluster import Testbed
from tests.testbed.lookups import looking_up
from tests.testbed.places import API, CERTS

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


BOTH = {"shop.server": SERVER}
DENIAL = "template ANY AAAA {\n        rcode NXDOMAIN\n    }"


@pytest.fixture
def both(testbed: Testbed) -> Iterator[Testbed]:
    """The incident in the Corefile, and once more in a server block of `coredns-custom`."""
    with spanning(testbed, INCIDENT_MAIN, BOTH) as running:
        yield running


def test_an_incident_in_two_objects_is_repaired_write_by_write_without_a_lost_lookup(both: Testbed, remedy_as: As) -> None:
    remedy = remedy_as(both.kubeconfig)
    before = held(both)
    with asked(both) as askers, looking_up(both, *WORKING) as running:
        applied = remedy("apply", "--yes", "--settle", "1", "--format", "json")
        back = remedy("rollback", "--yes", "--settle", "1")
    assert applied.code == 0, applied.err
    first = applied.err.index("written: kube-system/coredns/Corefile")
    second = applied.err.index("written: kube-system/coredns-custom/shop.server")
    assert applied.err[first:second].count("runs the predicted hash") == 2
    assert applied.err[second:].count("runs the predicted hash") == 2
    assert back.code == 0, back.err
    assert held(both) == before
    assert all(asker.asked > 100 for asker in askers)
    assert [asker.lost for asker in askers] == [0, 0]
    none_failed(running, 5)
    assert len(json.loads(applied.out)["changes"]) == 2


def test_a_pod_with_musl_resolves_once_both_objects_are_repaired(both: Testbed, remedy_as: As) -> None:
    remedy = remedy_as(both.kubeconfig)
    assert both.musl(NAME).code == -2
    one = remedy("apply", "--yes", "--settle", "0", "--configmap", "coredns")
    assert one.code == 0, one.err
    assert both.musl(NAME).code == -2
    two = remedy("apply", "--yes", "--settle", "0", "--validate", "canary", "--probe", f"{NAME}.")
    assert two.code == 0, two.err
    assert "validation (canary): passed" in two.err
    assert both.musl(NAME).addresses == (ADDRESS,)


def test_a_canary_reads_what_would_be_written_into_both_objects(both: Testbed, remedy_as: As) -> None:
    remedy = remedy_as(both.kubeconfig)
    before = held(both)
    shown = remedy("validate", "--validate", "canary", "--probe", f"{NAME}.")
    assert shown.code == 0, shown.err
    assert f"{NAME}." in shown.out
    assert held(both) == before


def test_a_fault_at_the_second_write_brings_the_first_object_back(both: Testbed, tmp_path: Path) -> None:
    before = held(both)

    def refuse(call: Call) -> Answer | None:
        return refusal(500, "etcd is away") if call.kind == "PATCH configmaps coredns-custom" else None

    with serving(front := Proxy(API, CERTS / "apiserver.crt")):
        front.before = refuse
        kubeconfig = front.kubeconfig(tmp_path / "kubeconfig", config.admin_token())
        command = Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(kubeconfig)}, validate="model")
        done = command("apply", "--yes", "--settle", "0")
        assert front.kinds().count("PATCH configmaps coredns") == 2
    assert done.code == 5, done.err
    assert "the old text is live again, verified" in done.err
    assert held(both) == before
    assert both.musl(NAME).code == -2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_ends_between_the_writes_is_undone_by_itself_or_by_one_command(both: Testbed, remedy_as: As, number: int) -> None:
    remedy = remedy_as(both.kubeconfig)
    before = held(both)
    run = Under(remedy, "apply", "--yes", "--settle", "0")
    run.says("written: kube-system/coredns/Corefile")
    run.process.send_signal(number)
    done = run.ends()
    if number == signal.SIGINT:
        assert done.code == 5, done.err
        assert held(both) == before
        return
    assert held(both) == {**before, "Corefile": before["Corefile"].replace(DENIAL, "template IN AAAA .")}
    told = remedy("history")
    assert "was cut off" in told.err
    (record,) = [word for word in told.err.split() if len(word) == 26 and word.isalnum()][:1]
    finished = remedy("apply", "--yes", "--settle", "0")
    assert finished.code == 0, finished.err
    assert both.musl(NAME).addresses == (ADDRESS,)
    assert "was cut off" not in remedy("history").err
    back = remedy("rollback", "--yes", "--settle", "0")
    assert back.code == 0, back.err
    assert held(both) == before
    assert record in remedy("history").out
