"""The process as a whole, on a terminal of its own: it starts, it ends, and the terminal is as it was."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.faults import says
from tests.apiserver.front import Answer, Call, refusal, serving
from tests.command import REPOSITORY
from tests.tui.states import HEALED

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?<>=$ ]*[a-zA-Z]|\][^\x07]*\x07|[()=>][0-9A-Z]?)")
BROKEN = """
import sys, tui.screens.findings as findings
def broken(self): raise ValueError("password hunter2 of the fault")
if sys.argv[1] == "broken":
    findings.FindingsScreen.do_take = broken
if sys.argv[1] == "applying":
    from tui.screens.apply import ApplyScreen
    def broken(self):
        if self.remedy.under_way.timeline.replicas: raise ValueError("while a change is under way")
    ApplyScreen.update = broken
sys.argv[1:] = sys.argv[2:]
from remedy.cli import run
run()
"""


class Terminal:
    """A process on a pseudo-terminal of 80x24."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, before: list[object]) -> None:
        self.process, self.master, self.before = process, master, before
        self.seen = ""

    def until(self, holds: Callable[[str], bool], seconds: float = 60.0) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    data = os.read(self.master, 1 << 16)
                except OSError:  # the other side is closed
                    data = b""
                self.seen += data.decode(errors="replace")
            if holds(self.plain):
                return self.plain
        raise AssertionError(f"it never came to that:\n{self.plain}")

    @property
    def plain(self) -> str:
        return ESCAPES.sub("", self.seen)

    @property
    def normal(self) -> str:
        """What was written on the normal screen, after the alternate one was left."""
        return ESCAPES.sub("", self.seen.rpartition("\x1b[?1049l")[2])

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self) -> int:
        """The exit code, once it has ended; everything it wrote is in `seen`."""
        self.until(lambda _: self.process.poll() is not None)
        while select.select([self.master], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self.master, 1 << 16).decode(errors="replace")
            except OSError:
                break
        assert "\x1b[?1049l" in self.seen, "the alternate screen was left"
        return self.process.returncode


@contextmanager
def terminal(folder: Path, *words: str, fault: str = "whole", gone: bool = False, **environment: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    before = termios.tcgetattr(slave)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    variables = {
        **kept,
        "PYTHONPATH": str(REPOSITORY),
        "XDG_STATE_HOME": str(folder / "state"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    argv = [sys.executable, "-c", BROKEN, fault, *words]
    process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env={**variables, **environment}, process_group=0)
    try:
        yield Terminal(process, master, before)
        assert gone or termios.tcgetattr(slave)[:4] == before[:4], "the terminal is as it was"
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def test_bare_remedy_on_a_terminal_opens_it_and_leaving_says_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text("{}")
    with terminal(tmp_path, KUBECONFIG=str(tmp_path / "kubeconfig")) as here:
        here.until(lambda text: "no usable kubeconfig" in text)
        here.type("q")
        assert here.end() == 0


def test_leaving_leaves_a_summary_on_the_normal_screen(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "--demo") as here:
        here.until(lambda text: "AAAA001" in text)
        here.type("q")
        assert here.end() == 0
        for words in ("kube-system/coredns, demo", "found: 1 error", "AAAA001 aaaa-nxdomain", "nothing was written"):
            assert words in here.normal


def test_a_change_is_in_the_summary_with_its_record_and_the_way_back(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "--demo", "--settle", "0", "--validate", "model") as here:
        here.until(lambda text: "AAAA001" in text)
        here.type("\r")
        here.until(lambda text: "template IN AAAA" in text)
        here.type("p")
        here.until(lambda text: "write it?" in text and "the default" in text)
        here.type("y")
        here.until(lambda text: "done and verified" in text)
        here.type("q")
        assert here.end() == 0
        assert re.search(r"changed: kube-system/coredns/Corefile\s+record \w{26}, applied", here.normal)
        assert re.search(r"undo it with: remedy rollback \w{26} --settle 0 --demo", here.normal)


def test_a_fault_restores_the_terminal_and_leaves_a_report_without_secrets(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "--demo", fault="broken") as here:
        here.until(lambda text: "AAAA001" in text)
        here.type(" ")
        assert here.end() == 70
        assert "remedy: a fault in remedy itself: ValueError" in here.normal
        assert "nothing was written" in here.normal
        assert "hunter2" not in here.seen
        (report,) = (tmp_path / "state" / "remedy" / "faults").iterdir()
        assert str(report) in here.normal.replace("\r\n", "")
        text = report.read_text()
        assert "Traceback" in text
        assert "hunter2" not in text
        assert report.stat().st_mode & 0o077 == 0


def test_a_fault_while_a_change_is_under_way_puts_it_back_first_and_names_the_record(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "--demo", "--settle", "60", "--validate", "model", fault="applying") as here:
        here.until(lambda text: "AAAA001" in text)
        here.type("\r")
        here.until(lambda text: "template IN AAAA" in text)
        here.type("p")
        here.until(lambda text: "write it?" in text and "the default" in text)
        here.type("y")
        assert here.end() == 70
        assert "a change is under way" in here.normal
        assert re.search(r"record \w{26}: .*the old text is live again, verified", here.normal)
        live = json.loads((tmp_path / "state" / "remedy" / "demo.json").read_text())["corefile"]
        assert live == INCIDENT


def test_standard_input_cannot_be_a_target_where_it_is_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "-") as here:
        here.until(lambda text: "standard input is the terminal here" in text)
        assert here.process.wait(30) == 2


def test_sigterm_ends_it_and_restores_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "--demo") as here:
        here.until(lambda text: "AAAA001" in text)
        here.process.send_signal(signal.SIGTERM)
        assert here.end() == 128 + signal.SIGTERM


LEAVING = (("q", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130))
"""By a key, by a signal, by a terminal that is closed; and the exit code."""


def left(here: Terminal, leave: str | int, code: int) -> None:
    """Leave this way, and see it end."""
    if isinstance(leave, str):
        here.type(leave)
    else:
        here.process.send_signal(leave)
    here.until(lambda _: here.process.poll() is not None)
    assert here.process.returncode == code, here.plain


def test_leaving_while_a_canary_runs_leaves_nothing_of_it_in_the_cluster(tmp_path: Path) -> None:
    """By a key, by a signal, by a terminal that is closed: one cluster sees it all."""

    def asking(call: Call) -> Answer | None:
        return refusal(503, "not yet") if call.kind == "GET pods/portforward" and call.name.startswith("remedy-") else None

    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        assert isinstance(front, FakeServer)
        front.before = asking  # so that the canary is never done
        words = ("tui", "--kubeconfig", str(front.kubeconfig(tmp_path / "kubeconfig")), "--request-timeout", "3")
        for leave, code in LEAVING:
            front.calls.clear()
            with terminal(tmp_path, *words, gone=leave == signal.SIGHUP) as here:
                here.until(lambda text: "AAAA001" in text)
                here.type("a")
                here.until(lambda text: "passed by model" in text or "model ✓" in text)
                here.type("c")
                here.until(lambda _: "POST configmaps" in front.kinds())
                left(here, leave, code)
            assert not cluster.select("jobs.batch", "kube-system"), leave
            held = [each["metadata"]["name"] for each in cluster.select("configmaps", "kube-system")]
            assert not [name for name in held if name.startswith("remedy-canary")], leave
            assert "DELETE jobs.batch" in front.kinds()


def test_leaving_while_a_pod_looks_names_up_leaves_nothing_of_it_in_the_cluster(tmp_path: Path) -> None:
    """The pod of `--probe-image`: it is asked for what clients get today, where there is nothing to change."""

    def of_it(call: Call) -> bool:
        return call.kind == "GET pods list" and "remedy-probe" in call.query.get("labelSelector", "")

    def asking(call: Call) -> Answer | None:
        return Answer(200, b'{"items": []}') if of_it(call) else None  # so that it never starts

    with EmbeddedCluster(HEALED) as cluster, serving(front := FakeServer(cluster)):
        assert isinstance(front, FakeServer)
        front.before = asking
        words = ("tui", "--kubeconfig", str(front.kubeconfig(tmp_path / "kubeconfig")), "--probe-image", "alpine", "--request-timeout", "3")
        for leave, code in LEAVING:
            front.calls.clear()
            with terminal(tmp_path, *words, gone=leave == signal.SIGHUP) as here:
                here.until(lambda text: "findings: none" in text)
                here.type("a")
                here.until(lambda _: sum(map(of_it, front.calls)) > 2)
                assert "DELETE jobs.batch" not in front.kinds()
                left(here, leave, code)
            assert not cluster.select("jobs.batch", "kube-system"), leave
            assert "DELETE jobs.batch" in front.kinds()


def test_the_exit_code_says_that_the_old_text_could_not_be_put_back(tmp_path: Path) -> None:
    """An API server that is gone for good once the change is written."""
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        assert isinstance(front, FakeServer)
        words = ("--kubeconfig", str(front.kubeconfig(tmp_path / "kubeconfig")), "--validate", "model", "--request-timeout", "1")
        with terminal(tmp_path, "tui", *words, "--timeout", "3", "--settle", "60") as here:
            here.until(lambda text: "AAAA001" in text)
            here.type("\r")
            here.until(lambda text: "template IN AAAA" in text)
            here.type("p")
            here.until(lambda text: "write it?" in text and "the default" in text)
            here.type("y")
            here.until(lambda text: "watching for another" in text)
            front.before = says(503)
            here.type("x")
            here.until(lambda text: "how it ended" in text)
            here.until(lambda text: "could not be put back" in text and "exit code 6" in text)
            here.type("q")
            assert here.end() == 6
            assert re.search(
                r"the last change: .*could not be put back.*: kubectl --context front .*/records/\w{26}", here.normal.replace("\r\n", "")
            )
        assert "template IN AAAA ." in cluster.configmap("kube-system", "coredns").data["Corefile"]


def test_the_exit_code_is_that_of_the_last_change_where_it_was_put_back(tmp_path: Path) -> None:
    with terminal(tmp_path, "tui", "--demo", "--settle", "60", "--validate", "model") as here:
        here.until(lambda text: "AAAA001" in text)
        here.type("\r")
        here.until(lambda text: "template IN AAAA" in text)
        here.type("p")
        here.until(lambda text: "write it?" in text and "the default" in text)
        here.type("y")
        here.until(lambda text: "watching for another" in text)
        here.type("x")
        here.until(lambda text: "how it ended" in text)
        here.type("q")
        assert here.end() == 5
        assert "interrupted; the old text is live again, verified" in here.normal.replace("\r\n", "")
