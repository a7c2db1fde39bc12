"""Times whole processes in pairs: the baseline, then the command, again and again, and the median of the pairs' ratios.

Two medians taken one after the other compare two moments of the machine; a pair compares two commands.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

PASS = (sys.executable, "-c", "pass")


@dataclass(frozen=True, slots=True)
class Figures:
    """The medians over all pairs: the command's milliseconds, and its time as a multiple of the baseline's."""

    milliseconds: float
    ratio: float


class FailedRun(Exception):
    """The command cannot be started, or does not do what it should; the message says which."""


def measure(
    argv: Sequence[str],
    *,
    pairs: int,
    expected: int = 0,
    shows: str = "",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Figures:
    """The command's figures from this many pairs, after one run that is not counted.

    Raises FailedRun unless every run ends with the expected exit code, and prints what it `shows`: a Python that dies of an
    uncaught exception ends with 1 too, and fast.
    """

    def run(command: Sequence[str]) -> tuple[float, subprocess.CompletedProcess[bytes]]:
        began = perf_counter()
        # close_fds=False lets subprocess start the process by vfork: forking this one would be part of both times.
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd=folder, env=environment, close_fds=False)
        return (perf_counter() - began) * 1000, done

    def checked() -> float:
        milliseconds, done = run(argv)
        if done.returncode != expected or shows.encode() not in done.stdout:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["nothing on stderr"]
            raise FailedRun(f"exit code {done.returncode}: {lines[-1]}")
        return milliseconds

    try:
        checked()
        times = [(run(PASS)[0], checked()) for _ in range(pairs)]
    except OSError as error:
        raise FailedRun(str(error)) from error
    return Figures(statistics.median(own for _, own in times), statistics.median(own / base for base, own in times))
