"""The sandbox leaves nothing behind, whatever becomes of remedy, reaches nothing but loopback, and needs no rights."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from remedy.validate.asking import Stranger, converse
from remedy.validate.upstream import ADDRESS, serving
from tests.command import REPOSITORY
from tests.testbed.build import coredns
from tests.validate.sandboxed import WORLD, questions

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

PROGRAM = str(Path(__file__).with_name("running_sandbox.py"))
ANSWERS = "ok drop ok drop\n"


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files that any user may write to."""
    folder = Path(tempfile.mkdtemp(prefix="remedy-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def started(temporary: Path, *words: str, binary: str = "") -> subprocess.Popen[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, PROGRAM, binary or str(coredns()), *words]
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def folders(temporary: Path) -> list[Path]:
    return sorted(temporary.glob("remedy-sandbox-*"))


def living(temporary: Path) -> list[int]:
    """The processes whose arguments or current folder name a sandbox below this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (
                str(temporary).encode() + b"/remedy-sandbox" in (entry / "cmdline").read_bytes()
                or os.readlink(entry / "cwd").startswith(f"{temporary}/remedy-sandbox")
            ):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def until(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)


def serving_both(temporary: Path) -> bool:
    """Do both CoreDNS of the sandbox serve DNS?"""
    return sum(any(port.startswith("udp") for port in sockets(pid)) for pid in living(temporary)) >= 2


def sockets(pid: int) -> list[str]:
    """The local and the remote address of every socket of a process, as /proc shows them: `udp 0100007F:A1B2 00000000:0000`."""
    try:
        inodes = {match[1] for fd in Path(f"/proc/{pid}/fd").iterdir() if (match := re.fullmatch(r"socket:\[(\d+)\]", os.readlink(fd)))}
    except OSError:
        return []
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes:
                found.append(f"{kind} {fields[1]} {fields[2]}")
    return found


def test_after_a_proof_nothing_runs_and_no_folder_is_left(temporary: Path) -> None:
    process = started(temporary)
    assert process.communicate(timeout=60) == (ANSWERS, "")
    assert (living(temporary), folders(temporary)) == ([], [])


def test_after_a_fault_of_remedy_nothing_runs_and_no_folder_is_left(temporary: Path) -> None:
    process = started(temporary, "fail")
    assert "ZeroDivisionError" in process.communicate(timeout=60)[1]
    assert (living(temporary), folders(temporary)) == ([], [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_remedy_is_ended_in_the_middle_nothing_runs_and_no_folder_is_left(temporary: Path, number: int) -> None:
    for _ in range(5):  # on a busy machine it may be done before it is seen to have begun
        process = started(temporary)
        until(lambda: serving_both(temporary))
        process.send_signal(number)
        process.communicate(timeout=60)
        if process.returncode != 0:
            break
    assert process.returncode != 0
    until(lambda: not living(temporary) and not folders(temporary))


def test_every_socket_is_on_loopback_and_every_port_above_1023(temporary: Path) -> None:
    process = started(temporary)
    until(lambda: serving_both(temporary))
    seen = {line for pid in [*living(temporary), process.pid] for line in sockets(pid)}
    process.communicate(timeout=60)
    assert {line.split()[0] for line in seen} >= {"tcp", "udp"}
    for line in seen:
        kind, *ends = line.split()
        assert not kind.endswith("6"), line
        local, remote = (each.split(":") for each in ends)
        assert local[0] == "0100007F", line
        assert int(local[1], 16) >= 1024, line
        assert remote[0] in ("0100007F", "00000000"), line


def test_an_unprivileged_user_can_run_it(temporary: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("every test of this run is that of an unprivileged user")
    program = temporary / "coredns"
    shutil.copy(coredns(), program)
    program.chmod(0o755)
    process = started(temporary, "nobody", binary=str(program))
    assert process.communicate(timeout=60) == (ANSWERS, "")
    assert folders(temporary) == []


def test_a_server_that_does_not_know_the_token_is_not_believed() -> None:
    with serving(WORLD) as port, pytest.raises(Stranger):
        converse([(ADDRESS, port, "remedy-0123")], questions())
