"""Times remedy on Corefiles, in a process of its own; prints a JSON object.

`python -m tests.benchmarks.reader parse|scan SECONDS FILE`: the seconds of the fastest run, and the peak memory after the first.
`python -m tests.benchmarks.reader growth PAIRS FILE LARGER`: how often the time for a file is in that for one ten times as large.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import perf_counter

from remedy.corefile.parse import parse


def timed(what: Callable[[], object]) -> float:
    began = perf_counter()
    result = what()
    ended = perf_counter()
    del result  # what forgetting it takes is not part of the time
    return ended - began


def peak_mib() -> float:
    """The largest resident size of this process so far.

    Not getrusage: what the process that started this one held counts there too, because it was started without a copy of its memory.
    """
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        found = None
    return int(found[1]) / 1024 if found else 0.0


def fastest(what: Callable[[], object], seconds: float) -> dict[str, float]:
    best = timed(what)
    peak = peak_mib()
    began = perf_counter()
    while perf_counter() - began < seconds:
        best = min(best, timed(what))
    return {"seconds": best, "peak_mib": peak}


def growth(small: str, large: str, pairs: int) -> dict[str, float]:
    """The median over pairs, taken one after the other: ten runs on the one, one on the other."""
    taken = []
    for _ in range(pairs):
        tenfold = sum(timed(lambda: parse(small)) for _ in range(10))
        taken.append(10 * timed(lambda: parse(large)) / tenfold)
    return {"growth": statistics.median(taken)}


def scanning(path: str, text: str) -> Callable[[], object]:
    """A scan of the text, another one each time: the trees of the last texts are kept."""
    from remedy.engine import scan
    from remedy.rules import Choices
    from remedy.sources.document import Document, Target, WholePart
    from rewrite_rules import RULES

    target, numbers = Target("file", path), count()

    def scan_once() -> object:
        other = f"{text}# {next(numbers)}\n"
        return scan(Document(target, other, (WholePart(other),)), RULES, Choices("documented"))

    return scan_once


def main(what: str, amount: float, *paths: str) -> dict[str, float]:
    texts = [Path(path).read_bytes().decode("utf-8", "surrogateescape") for path in paths]
    parse("")  # the grammar is read once a process
    if what == "growth":
        return growth(texts[0], texts[1], int(amount))
    return fastest(scanning(paths[0], texts[0]) if what == "scan" else lambda: parse(texts[0]), amount)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])))
