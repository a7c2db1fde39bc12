"""Starts the testbed's processes, remembers each by pid and start time, and ends them and nothing else.

A pid alone says nothing after the process died: the kernel hands it out again. A pid with its start time never lies.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .places import CONTAINERD, LOGS, NETNS_FILE, RECORDS


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    started: int
    """Clock ticks after boot, field 22 of /proc/PID/stat."""


def start(name: str, argv: Sequence[str | Path]) -> Process:
    """Start a program in the background, its output in logs/NAME.log, and record it under its name."""
    LOGS.mkdir(parents=True, exist_ok=True)
    RECORDS.mkdir(parents=True, exist_ok=True)
    command = [str(argument) for argument in argv]
    log = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    # Not subprocess: its objects want to be waited for, and these processes outlive this one.
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, LOGS / f"{name}.log", log, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=streams, setsid=True)
    process = Process(pid, _started(pid) or 0)
    (RECORDS / f"{name}.json").write_text(json.dumps({"pid": process.pid, "started": process.started}))
    return process


def recorded() -> dict[str, Process]:
    """Every process that was started and not ended by `stop`, dead or alive."""
    found = {}
    for path in sorted(RECORDS.glob("*.json")):
        try:
            found[path.stem] = Process(**json.loads(path.read_text()))
        except (ValueError, TypeError):  # the writer was killed half-way: `strays` finds the process
            path.unlink()
    return found


def alive(process: Process) -> bool:
    """Whether this very process runs; a zombie does not."""
    return _started(process.pid) == process.started


def send(process: Process, number: signal.Signals) -> None:
    """Signal the process if it is still the one that was recorded."""
    if alive(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def stop(name: str, *, patience: float = 5.0) -> None:
    """End a recorded process, first politely, after `patience` seconds by force; forget it."""
    process = recorded().get(name)
    if process:
        end([process], patience=patience)
        (RECORDS / f"{name}.json").unlink(missing_ok=True)


def end(processes: Sequence[Process], *, patience: float = 5.0) -> None:
    """End all of these together: SIGTERM (and SIGCONT, or a stopped one never hears it), then SIGKILL."""
    for process in processes:
        send(process, signal.SIGTERM)
        send(process, signal.SIGCONT)
    if not _gone(processes, patience):
        for process in processes:
            send(process, signal.SIGKILL)
        if not _gone(processes, 10):
            raise RuntimeError(f"still running after SIGKILL: {[p.pid for p in processes if alive(p)]}")


def strays() -> list[Process]:
    """Every process that is in our network namespace or whose mounts include one of our containers' file systems.

    The second half finds pods (they have network namespaces of their own) after their shims were killed.
    """
    overlay = f"upperdir={CONTAINERD}/"
    try:
        ours = NETNS_FILE.stat()
    except FileNotFoundError:
        ours = None
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            at = (folder / "ns/net").stat()
            inside = ours is not None and (at.st_dev, at.st_ino) == (ours.st_dev, ours.st_ino)
            if inside or overlay in (folder / "mountinfo").read_text():
                pid = int(folder.name)
                if pid != os.getpid() and (started := _started(pid)):
                    found.append(Process(pid, started))
        except OSError:  # it ended while we looked
            continue
    return found


def wait(what: str, ready: Callable[[], bool], *, timeout: float, every: float = 0.1) -> None:
    """Ask `ready` until it is true; an OSError counts as no. Raises TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    last: OSError | None = None
    while True:
        try:
            if ready():
                return
        except OSError as error:
            last = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s ({last or 'no error'}); see {LOGS}")
        time.sleep(every)


def _gone(processes: Sequence[Process], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while any(alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        _reap(processes)
        time.sleep(0.02)
    return True


def _reap(processes: Sequence[Process]) -> None:
    for process in processes:
        with suppress(ChildProcessError):  # started by an earlier run
            os.waitpid(process.pid, os.WNOHANG)


def _started(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])
