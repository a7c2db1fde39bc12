"""Runs of the command that begin in a hundredth of a second: one process imports everything once, and every run is a fork of it.

A run can be killed just before the N-th thing that it does to the files below a folder: Python tells of each (sys.addaudithook), so a new
kind of write cannot be left out by mistake. Run as a module it is that process; `Runner` is its other end.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from tests.command import REPOSITORY, Done

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Runner:
    """The other end; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Runner:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.apiserver.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=REPOSITORY,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def start(self, words: list[str], environment: Mapping[str, str], *, watched: Path | None = None, kill: int = 0) -> int:
        """Begin a run, and return its process id. With `kill` it dies before its kill-th write below `watched`."""
        out, err, points = (self._folder / name for name in ("out", "err", "points"))
        judge = ["--validate", "model"] if words[0] == "apply" else []  # a canary has tests of its own
        order = {
            "words": [*words, *judge],
            "environment": dict(environment),
            "out": str(out),
            "err": str(err),
            "points": str(points),
            "kill": kill,
        }
        self._say({**order, "watched": str(watched) if watched else ""})
        return int(self._heard()["pid"])

    def wait(self) -> Done:
        """The end of the run; the code is negative after a signal."""
        code = int(self._heard()["code"])
        return Done(code, (self._folder / "out").read_text(), (self._folder / "err").read_text())

    def run(self, words: list[str], environment: Mapping[str, str], *, watched: Path | None = None, kill: int = 0) -> Done:
        self.start(words, environment, watched=watched, kill=kill)
        return self.wait()

    def points(self) -> list[str]:
        """What the last watched run did to files, in order."""
        return (self._folder / "points").read_text().splitlines()

    def _say(self, order: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _heard(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


def _main() -> None:
    _warm()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _child(order)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


def _warm() -> None:
    """All that a run would import, read and compile, once for all of them: that is most of what a run costs."""
    import kubernetes.client
    import kubernetes.stream

    import remedy
    from remedy import cli
    from remedy.cluster.embedded import INCIDENT

    for found in pkgutil.walk_packages(remedy.__path__, "remedy."):
        importlib.import_module(found.name)
    for name in ("AuthenticationV1Api", "AuthorizationV1Api"):  # the client imports these when they are asked for
        getattr(kubernetes.client, name)
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        path = Path(folder, "Corefile")
        path.write_text(INCIDENT)
        assert cli.main(["diff", "--validate", "model", "--quiet", str(path)]) == 1
    gc.freeze()


def _child(order: dict[str, Any]) -> None:
    from remedy import cli

    for number, path in ((1, order["out"]), (2, order["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(order["environment"])
    if order["watched"]:
        _watch(order["watched"], os.open(order["points"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), order["kill"])
    sys.argv[1:] = order["words"]
    try:
        cli.run()
    except BaseException:
        traceback.print_exc()
    os._exit(99)


def _watch(folder: str, points: int, kill: int) -> None:
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, str) or not (flags or 0) & _WRITES:
                return
        elif event not in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink"):
            return
        path = str(arguments[0])
        if not path.startswith(folder):
            return
        count += 1
        os.write(points, f"{event} {os.path.splitext(path)[1]}\n".encode())
        if count == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    _main()
