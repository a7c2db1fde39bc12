"""The third table: what a proof in the sandbox costs beside CoreDNS's own start; and, as a program, the proof that is timed.

CoreDNS's own start is that of the same program with a text of one plugin, from the call to the line that says it serves.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.testbed.build import coredns

REPOSITORY = Path(__file__).parents[2]
INCIDENT = REPOSITORY / "fixtures" / "rules" / "AAAA001-incident"
TARGET = 1500  # milliseconds
PAIRS = 7


def table(folder: Path) -> Iterator[str]:
    """The lines of the table."""
    yield "| whole process | median ms | CoreDNS's own start, ms | beyond it, ms | target |"
    yield "|---|---:|---:|---:|---|"
    try:
        program = str(coredns())
        pairs = [(_start(program, folder), _proof(program)) for _ in range(PAIRS)]
    except Exception as reason:
        yield f"| failed | {' '.join(str(reason).split())[:200]} | | | |"
        return
    start, whole = (statistics.median(each) for each in zip(*pairs, strict=True))
    beyond = statistics.median(proof - own for own, proof in pairs)
    missed = " (missed)" if beyond > TARGET else ""
    yield f"| the incident, before and after, in the sandbox | {whole:.0f} | {start:.0f} | {beyond:.0f} | ≤ {TARGET}{missed} |"


def _start(program: str, folder: Path) -> float:
    (folder / "own.Corefile").write_text(".:0 {\n bind 127.0.0.1\n whoami\n}\n", encoding="utf-8")
    began = time.perf_counter()
    argv = [program, "-conf", str(folder / "own.Corefile")]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            next(line for line in process.stdout if line.startswith(b"CoreDNS-"))
            return (time.perf_counter() - began) * 1000
        finally:
            process.kill()


def _proof(program: str) -> float:
    began = time.perf_counter()
    argv = [sys.executable, "-m", "tests.benchmarks.sandbox", program]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, cwd=REPOSITORY, timeout=60)
    if done.returncode or b"nxdomain -> nodata" not in done.stdout:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
    return (time.perf_counter() - began) * 1000


def main() -> None:
    from remedy.answers.questions import names
    from remedy.corefile.parse import parse
    from remedy.validate.prover import Case, Probe
    from remedy.validate.sandbox import prove

    before, after = (parse((INCIDENT / f"{name}.Corefile").read_text(encoding="utf-8")) for name in ("before", "after"))
    probes = tuple(Probe(name, kind) for name, kind in names(before, after).items())
    asked = [(probe.name, type_) for probe in probes for type_ in ("A", "AAAA")]
    ((_, old, new),) = prove(Case(before, after, probes), asked, binary=sys.argv[1]).rows
    for question in asked:
        print(*question, old[question].verdict, "->", new[question].verdict)


if __name__ == "__main__":
    main()
