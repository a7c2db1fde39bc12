"""What an operator sees when the cluster does not play along: one clear message, the contract's exit code, nothing lost."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from remedy.cluster.api import connect
from remedy.errors import ClusterError
from tests.command import Command, Done
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import CONFIGMAP, SYSTEM

READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
WRITE = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"]}
WATCH = {"apiGroups": [""], "resources": ["services", "pods"], "verbs": ["get", "list"]}
DIAL = {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["get", "create"]}


def refused(done: Done, code: int, *words: str) -> None:
    """Ended with this code and one clear message that holds these words; no traceback, no data."""
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert done.out == ""


class Under:
    """A run of the command under way; its talk can be waited for."""

    def __init__(self, command: Command, *words: str, stdin: int = subprocess.DEVNULL) -> None:
        self._talk = command.folder / "talk"
        with self._talk.open("wb") as talk:
            self.process = subprocess.Popen(
                command.argv(*words), env=command.variables, cwd=command.folder, stdin=stdin, stdout=subprocess.DEVNULL, stderr=talk
            )

    def says(self, words: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while words not in self._talk.read_text():
            assert time.monotonic() < deadline, f"never said {words!r}: {self._talk.read_text()}"
            assert self.process.poll() is None, self._talk.read_text()
            time.sleep(0.02)

    def ends(self, seconds: float = 90) -> Done:
        try:
            return Done(self.process.wait(seconds), "", self._talk.read_text())
        finally:
            self.process.kill()


def test_without_a_kubeconfig_the_message_says_how_to_name_one(incident: Testbed, tmp_path: Path) -> None:
    refused(Command(tmp_path / "state", tmp_path, {"HOME": str(tmp_path)})("scan"), 2, "kubeconfig", "--kubeconfig FILE")


def test_a_kubeconfig_that_is_no_yaml_is_named(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("a: b: c\n")
    refused(remedy("scan", "--kubeconfig", str(tmp_path / "broken")), 2, "kubeconfig")
    (tmp_path / "empty").write_text("")
    refused(remedy("scan", "--kubeconfig", str(tmp_path / "empty")), 2, "kubeconfig")


def test_a_wrong_context_lists_the_right_ones(remedy: Command) -> None:
    refused(remedy("scan", "--context", "prod"), 2, "no context prod", "testbed", "--context")


def test_an_absent_configmap_is_named(remedy: Command) -> None:
    refused(remedy("scan", "--configmap", "kube-dns"), 2, "configmaps/kube-dns", "--configmap NAME")


def test_a_configmap_without_a_corefile_says_which_keys_it_has(incident: Testbed, remedy: Command) -> None:
    incident.api("POST", f"{SYSTEM}/configmaps", {"metadata": {"name": "other"}, "data": {"notes": "x"}})
    try:
        refused(remedy("scan", "--configmap", "other"), 2, "no key Corefile", "notes")
    finally:
        incident.api("DELETE", f"{SYSTEM}/configmaps/other")


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        ([], "get configmaps/coredns"),
        ([READ, WRITE, DIAL], "list services in kube-system, list pods in kube-system"),
        ([READ, WRITE, WATCH], "pods/portforward"),
        ([READ, WATCH, DIAL], "patch configmaps/coredns"),
    ],
)
def test_a_missing_right_is_named_with_the_rule_that_grants_it(
    incident: Testbed, remedy_as: Callable[[Path], Command], rules: list[dict[str, object]], missing: str
) -> None:
    done = remedy_as(incident.restricted(rules))("apply", "--yes", "--settle", "0", "--quiet")
    refused(done, 2, f"not allowed: {missing}" if "portforward" not in missing else missing, "a Role in that namespace must grant it")
    assert incident.corefile() == INCIDENT


def test_the_rights_that_the_messages_name_are_enough(incident: Testbed, remedy_as: Callable[[Path], Command]) -> None:
    remedy = remedy_as(incident.restricted([READ, WRITE, WATCH, DIAL]))
    assert remedy("apply", "--yes", "--settle", "0").code == 0
    assert remedy("rollback", "--yes", "--settle", "0").code == 0


def test_an_api_server_that_refuses_connections_is_named(incident: Testbed, remedy: Command) -> None:
    incident.stop_apiserver()
    try:
        refused(remedy("scan"), 2, "the API server of context testbed does not answer", "Connection refused")
    finally:
        incident.start_apiserver()


def test_an_api_server_that_hangs_is_given_up_in_time(incident: Testbed, remedy: Command) -> None:
    incident.stop_apiserver(hang=True)
    try:
        refused(remedy("scan", "--request-timeout", "2"), 2, "does not answer", "timed out")
    finally:
        incident.start_apiserver()


def test_a_port_forward_that_hangs_is_given_up_in_time(incident: Testbed) -> None:
    door = connect(kubeconfig=str(incident.kubeconfig), request_timeout=2)
    (replica, _) = door.replicas("kube-system")
    incident.stop_apiserver(hang=True)
    try:
        with pytest.raises(ClusterError, match=r"does not answer.*timed out"), door.dial("kube-system", replica):
            pass
    finally:
        incident.start_apiserver()
    for thread in threading.enumerate():
        if thread.name.startswith("Kubernetes port forward"):
            thread.join(30)
            assert not thread.is_alive()


def test_an_api_server_that_goes_away_in_the_middle_and_comes_back_costs_nothing(incident: Testbed, remedy: Command) -> None:
    run = Under(remedy, "apply", "--yes", "--settle", "0")
    run.says("written: ")
    incident.stop_apiserver()
    time.sleep(3)
    incident.start_apiserver()
    done = run.ends()
    assert done.code == 0, done.err
    assert "template IN AAAA ." in incident.corefile()


def test_an_api_server_that_stays_away_leaves_a_command_for_a_person(incident: Testbed, remedy: Command) -> None:
    run = Under(remedy, "apply", "--yes", "--settle", "0", "--timeout", "3")
    run.says("written: ")
    incident.stop_apiserver()
    try:
        done = run.ends()
    finally:
        incident.start_apiserver()
    assert done.code == 6, done.err
    assert "Traceback" not in done.err
    command = done.err[done.err.index("kubectl") :].strip()
    assert command.startswith("kubectl --context testbed -n kube-system patch configmap coredns --type merge --patch-file ")
    undo = Path(command.rpartition(" ")[2]).read_bytes()
    incident.api("PATCH", CONFIGMAP, json.loads(undo), content_type="application/merge-patch+json")
    assert incident.corefile() == INCIDENT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_the_write_puts_the_old_text_back(incident: Testbed, remedy: Command, number: signal.Signals) -> None:
    run = Under(remedy, "apply", "--yes", "--settle", "0")
    run.says("written: ")
    run.process.send_signal(number)
    done = run.ends()
    assert done.code == 5, done.err
    assert "interrupted; the old text is live again, verified" in done.err
    assert incident.corefile() == INCIDENT


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_the_write_writes_nothing(incident: Testbed, remedy: Command, number: signal.Signals, code: int) -> None:
    version = incident.api("GET", CONFIGMAP)["metadata"]["resourceVersion"]
    terminal, stdin = pty.openpty()
    try:
        run = Under(remedy, "apply", "--settle", "0", stdin=stdin)
        run.says("[y/N]")
        run.process.send_signal(number)
        done = run.ends()
    finally:
        os.close(terminal)
        os.close(stdin)
    assert done.code == code, done.err
    assert "nothing was written" in done.err
    assert incident.api("GET", CONFIGMAP)["metadata"]["resourceVersion"] == version


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"\n", 1), (b"y\n", 0)])
def test_the_prompt_writes_only_after_a_yes(incident: Testbed, remedy: Command, answer: bytes, code: int) -> None:
    terminal, stdin = pty.openpty()
    try:
        run = Under(remedy, "apply", "--settle", "0", stdin=stdin)
        run.says("[y/N]")
        os.write(terminal, answer)
        done = run.ends()
    finally:
        os.close(terminal)
        os.close(stdin)
    assert done.code == code, done.err
    assert ("template IN AAAA ." in incident.corefile()) == (code == 0)


def test_without_a_terminal_and_without_yes_nothing_is_asked_and_nothing_written(incident: Testbed, remedy: Command) -> None:
    refused(remedy("apply", "--quiet"), 2, "--yes")
    assert incident.corefile() == INCIDENT


def test_without_a_place_for_the_record_nothing_is_written(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    refused(remedy("apply", "--yes", "--settle", "0", "--quiet"), 2, "the record cannot be written", "XDG_STATE_HOME")
    assert incident.corefile() == INCIDENT
