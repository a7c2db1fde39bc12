"""The fourth table: a migration beside the peer's (kubeadm's library as a compiled Go program), whole processes in the same run.

As a program it migrates every Corefile of a folder in one process, which is what is timed: reading, rules and edits of each.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.migration.generate import corefiles
from tests.migration.moved import moved
from tests.peer.ask import program

REPOSITORY = Path(__file__).parents[2]
SOURCE, TARGET = "1.3.1", "1.15.0"
MANY, PAIRS = 1000, 11
COREFILE = REPOSITORY / "fixtures" / "corefiles" / "kubeadm-1.3.1.Corefile"


def table(folder: Path) -> Iterator[str]:
    """The lines of the table."""
    yield f"| migration from {SOURCE} to {TARGET}, whole processes | remedy ms | the peer ms | ratio | target |"
    yield "|---|---:|---:|---:|---|"
    try:
        peer = str(program())
        one = folder / "old.Corefile"
        one.write_bytes(COREFILE.read_bytes())
        remedy = str(Path(sysconfig.get_path("scripts"), "remedy"))
        diff = [remedy, "diff", str(one), "--coredns-version", SOURCE, "--to", TARGET]
        pairs = [(_timed(diff, (0, 1), "+"), _timed([peer, SOURCE, TARGET, str(one)], (0,), "forward")) for _ in range(PAIRS)]
        yield _line("`remedy diff --to`, one Corefile", pairs, "")
        many = folder / "many"
        many.mkdir(exist_ok=True)
        for number, text in enumerate(corefiles(MANY, SOURCE, 1)):
            (many / f"{number}.Corefile").write_bytes(text.encode())
        own = _timed([sys.executable, "-m", "tests.benchmarks.migration", str(many)], (0,), str(MANY))
        began = time.perf_counter()
        for path in many.iterdir():
            _timed([peer, SOURCE, TARGET, str(path)], (0, 1, 2), "")  # it may refuse, or die
        yield _line(f"{MANY:,} Corefiles in one process, {MANY:,} runs of the peer", [(own, (time.perf_counter() - began) * 1000)], "≤ 1")
    except Exception as reason:
        yield f"| failed | {' '.join(str(reason).split())[:200]} | | | |"


def _line(name: str, pairs: Sequence[tuple[float, float]], target: str) -> str:
    own, peer = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    missed = " (missed)" if target and ratio > 1 else ""
    return f"| {name} | {own:,.0f} | {peer:,.1f} | {ratio:.2f}× | {target}{missed} |"


def _timed(argv: list[str], expected: tuple[int, ...], shows: str) -> float:
    """Milliseconds from start to exit; RuntimeError where it does not do what it should."""
    began = time.perf_counter()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, cwd=REPOSITORY, timeout=300, close_fds=False)
    took = (time.perf_counter() - began) * 1000
    if done.returncode not in expected or shows.encode() not in done.stdout:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
    return took


def main() -> None:
    paths = sorted(Path(sys.argv[1]).iterdir())
    for path in paths:
        moved(path.read_bytes().decode("utf-8", "surrogateescape"), SOURCE, TARGET)
    print(len(paths))


if __name__ == "__main__":
    main()
