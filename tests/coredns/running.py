"""Start a CoreDNS on a loopback address of its own, read the hash that it logs, and end it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.coredns.corefiles import Running

_HASH = re.compile(rb"Running configuration (SHA512|MD5) = ([0-9a-f]+)")
_SECONDS = 60


class Placed(NamedTuple):
    """A Corefile in a folder, with its files and variables; all texts hold the address that is its own."""

    corefile: Path
    text: str
    files: dict[str, str]
    environment: dict[str, str]


def place(folder: Path, running: Running, number: int) -> Placed:
    """Write it down. 127.0.0.0/8 is loopback as a whole: one address each, and no port is ever taken."""
    address = f"127.{64 + os.getpid() % 128}.{number // 250}.{number % 250 + 1}"

    def own(text: str) -> str:
        return text.replace("127.0.0.1", address)

    files = {str(folder / name): own(content) for name, content in running.files.items()}
    placed = Placed(folder / "Corefile", own(running.text), files, {name: own(value) for name, value in running.environment.items()})
    for path, content in {str(placed.corefile): placed.text, **files}.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content.encode("utf-8", "surrogateescape"))
    return placed


@contextmanager
def coredns(program: Path, placed: Placed) -> Iterator[subprocess.Popen[bytes]]:
    """The program with this Corefile; it is gone when the block is left, and after `_SECONDS` even if this process is killed."""
    environment = {name.encode(): value.encode("utf-8", "surrogateescape") for name, value in placed.environment.items()}
    argv = ["/usr/bin/timeout", "--signal=KILL", str(_SECONDS), str(program), "-conf", str(placed.corefile)]
    process = subprocess.Popen(
        argv,
        env=environment,
        cwd=placed.corefile.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def logged(process: subprocess.Popen[bytes]) -> str:
    """The next hash in the log; what the log says instead, where CoreDNS ends before it."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if found := _HASH.search(line):
            return found[2].decode()
        said.append(line.decode(errors="replace").strip())
    return f"no hash (exit code {process.wait()}): {' | '.join(said)}"
