"""A folder with the incident in it, and remedy run there as its users run it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import REPOSITORY, Command, Done

INCIDENT = (REPOSITORY / "fixtures" / "rules" / "AAAA001-incident" / "before.Corefile").read_bytes()
HEALED = (REPOSITORY / "fixtures" / "rules" / "AAAA001-incident" / "after.Corefile").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An operator's folder with a broken Corefile."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "Corefile").write_bytes(INCIDENT)
    return folder


@pytest.fixture
def remedy(tmp_path: Path, folder: Path) -> Command:
    """The command, run in that folder."""
    return Command(tmp_path / "state", folder)


@pytest.fixture
def refused(remedy: Command) -> Callable[..., Done]:
    """Run a command that has to stop with this exit code, with words on stderr, without a traceback, and with nothing written."""

    def run(code: int, *words: str, stdin: bytes = b"") -> Done:
        before = snapshot(remedy.folder)
        done = remedy(*words, stdin=stdin)
        assert done.code == code, done.err
        assert done.out == ""
        assert "Traceback" not in done.err
        assert "remedy: a fault" not in done.err
        assert done.err.strip()
        assert snapshot(remedy.folder) == before
        assert not (remedy.state / "remedy" / "records").exists()
        return done

    return run


def snapshot(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every file with its content, its mode and the time it was written."""
    return {
        os.path.relpath(path, folder): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
