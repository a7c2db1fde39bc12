"""The interface in a real terminal: what keys, signals and a closed window do to a change that is under way, and what is left after."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import Command
from tests.terminal import Terminal, gone, terminal


@pytest.fixture
def remedy(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", tmp_path)


@contextmanager
def opened(remedy: Command, *words: str, size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    environment = {"LC_ALL": "C.UTF-8", **remedy.variables}
    with terminal(remedy.folder, remedy.argv("tui", "--demo", "--validate", "model", *words), environment, size=size) as here:
        yield here


def outcomes(remedy: Command) -> list[str]:
    """How the records ended, newest first."""
    return [each["outcome"] for each in json.loads(remedy("history", "--demo", "--format", "json").out)["records"]]


def applying(here: Terminal) -> None:
    """An apply that every replica has, and that is still watched."""
    here.until("! AAAA001")
    here.keys("Enter")
    here.until("+ 8     template IN AAAA .")
    here.keys("p")
    here.until("write it?  y yes")
    here.keys("y")
    here.until("every replica has it")


def still_broken(remedy: Command) -> bool:
    return remedy("scan", "--demo").code == 1


def test_ctrl_c_undoes_an_apply_and_the_terminal_is_as_it_was(remedy: Command) -> None:
    with opened(remedy, "--settle", "60") as here:
        applying(here)
        here.keys("C-c")
        here.until("✗ written, and put back", "exit code 5", "the old text is live again, verified")
        here.keys("q")
        assert here.ended() == 5
        left = here.screen
    assert "remedy" in left
    assert "┃" not in left
    assert outcomes(remedy) == ["failed"]
    assert still_broken(remedy)


def test_a_closed_window_undoes_an_apply_before_the_process_ends(remedy: Command) -> None:
    with opened(remedy, "--settle", "60") as here:
        applying(here)
        pid = here.pid
        here.close()
        gone(pid)
    assert outcomes(remedy) == ["failed"]
    assert still_broken(remedy)


def test_sigterm_undoes_an_apply_and_ends_with_the_contracts_code(remedy: Command) -> None:
    with opened(remedy, "--settle", "60") as here:
        applying(here)
        os.kill(here.pid, signal.SIGTERM)
        assert here.ended() == 5
        assert "the last change: interrupted; the old text is live again" in here.screen
    assert outcomes(remedy) == ["failed"]
    assert still_broken(remedy)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_before_anything_was_written_ends_remedy_with_its_own_code(remedy: Command, number: int, code: int) -> None:
    with opened(remedy) as here:
        here.until("! AAAA001")
        os.kill(here.pid, number)
        assert here.ended() == code
        assert "┃" not in here.screen
    assert outcomes(remedy) == []


def test_a_closed_window_before_anything_was_written_leaves_nothing_behind(remedy: Command) -> None:
    with opened(remedy) as here:
        here.until("! AAAA001")
        pid = here.pid
        here.close()
        gone(pid)
    assert outcomes(remedy) == []


def test_what_a_kill_left_behind_is_shown_at_the_next_start_and_undone_by_a_key(remedy: Command) -> None:
    with opened(remedy, "--settle", "60") as here:
        applying(here)
        pid = here.pid
        os.kill(pid, signal.SIGKILL)
        gone(pid)
    with opened(remedy, "--settle", "0") as here:
        here.until("1 change was cut off: r takes it back, f finishes it", "started, and never ended")
        here.keys("r")
        here.until("put it back?  y yes")
        here.keys("y")
        here.until("✓ put back and verified")
        here.keys("q")
        assert here.ended() == 0
    assert outcomes(remedy)[-1] == "rolled-back"
    assert still_broken(remedy)


def test_the_window_may_be_resized_at_any_time(remedy: Command) -> None:
    with opened(remedy) as here:
        here.until("! AAAA001", "template ANY AAAA {")
        for columns, lines in ((60, 20), (200, 60), (80, 24)):
            here.resize(columns, lines)
            here.until("! AAAA001")
        here.until("! AAAA001", "template ANY AAAA {")
        here.keys("q")
        assert here.ended() == 0
