"""Lookups in a pod of the testbed, fifty a second, by the libc in it: what a change of the cluster's DNS costs its clients.

The program is started in the pod's network and files from outside, not through containerd, which may lose what it prints.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from .handle import Testbed

_SUM = re.compile(r"asked=(\d+) failed=(\d+) longest=(\d+)")
_END_SECONDS = 40  # the program waits half a minute for the last ones
PER_SECOND = 50


class Counted(NamedTuple):
    """`longest` in milliseconds; `failures` a line each, with the code of getaddrinfo."""

    asked: int
    failed: int
    longest: int
    failures: tuple[str, ...]


class Lookups:
    """Those of one pod, while they run; `counted` is there when they have ended."""

    def __init__(self, testbed: Testbed, pod: str, family: str, names: Sequence[str]) -> None:
        enter = ["nsenter", f"--target={testbed.pid('default', pod)}", "--net", "--mount", "--wd=/"]
        argv = [*enter, "/lookups", family, str(PER_SECOND), *names]
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.counted = Counted(0, 0, 0, ())

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            said, _ = self._process.communicate(timeout=_END_SECONDS)
        finally:
            self._process.kill()
        *failures, last = said.splitlines() or [""]
        found = _SUM.fullmatch(last)
        if not found:
            raise RuntimeError(f"lookups ended with {self._process.returncode}: {said[-500:]!r}")
        self.counted = Counted(*map(int, found.groups()), tuple(failures))


@contextmanager
def looking_up(testbed: Testbed, *lookups: tuple[str, str, Sequence[str]]) -> Iterator[list[Lookups]]:
    """(pod, family, names) each, all of them at once, for as long as this is entered."""
    with ExitStack() as stack:
        running = []
        for each in lookups:
            running.append(Lookups(testbed, *each))
            stack.callback(running[-1].end)
        yield running
