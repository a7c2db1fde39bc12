"""What is awaited is painted over on a terminal, and is plain lines everywhere else."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.command import Command


@pytest.fixture
def remedy(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", tmp_path)


def test_on_a_terminal_the_wait_is_painted_over(remedy: Command) -> None:
    terminal, stderr = pty.openpty()
    words = remedy.argv("apply", "--demo", "--yes")
    with subprocess.Popen(words, env=remedy.variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr) as process:
        os.close(stderr)
        shown = b""
        while True:
            try:
                chunk = os.read(terminal, 4096)
            except OSError:  # Linux' way to say that the other side is closed
                break
            if not chunk:
                break
            shown += chunk
    os.close(terminal)
    assert process.returncode == 0
    assert b"\r\x1b[K  0 of 2 replicas answer as predicted; 0 of at most 180 s; Ctrl-C undoes" in shown
    assert all(len(line) < 80 for line in shown.split(b"\x1b[K") if b"Ctrl-C" in line)
    assert shown.endswith(b"--demo\r\n")


def test_elsewhere_there_are_plain_lines_only(remedy: Command) -> None:
    done = remedy("apply", "--demo", "--yes")
    assert done.code == 0
    assert "\x1b" not in done.err
    assert "\r" not in done.err
    assert "coredns-2: answers as predicted" in done.err
