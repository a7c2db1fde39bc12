"""`python -m tests.benchmarks`: Markdown tables for docs/benchmarks.md: start-up, reading Corefiles, a directory scan, the sandbox, a
migration.

With `--imports MODULE…` it measures what importing each of these costs instead (docs/dependencies.md). The exit code is 0
whatever the figures are: a row that misses its target says so, and a command that fails says how.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import corefiles, manifests, migration, sandbox, terminal
from .measure import PASS, FailedRun, measure

COREFILE = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    template ANY AAAA {
      rcode NXDOMAIN
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
"""
MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: coredns
  namespace: kube-system
data:
  Corefile: |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `target` is the ratio it must not exceed, `shows` a text that a run which works prints."""

    name: str
    argv: tuple[str, ...]
    expected: int = 0
    shows: str = ""
    target: float | None = None


def rows() -> Iterator[Row]:
    """What a person waits for: the command as installed, on files of a usual size."""
    remedy = str(Path(sysconfig.get_path("scripts"), "remedy"))
    yield Row("`python -c pass`", PASS)
    yield Row("`python -c 'import lark'`", (sys.executable, "-c", "import lark"))
    yield Row("`remedy --version`", (remedy, "--version"), shows="remedy", target=2.5)
    yield Row("`remedy --help`", (remedy, "--help"), shows="usage")
    yield Row("`remedy scan Corefile`", (remedy, "scan", "Corefile"), expected=1, shows="AAAA001")
    yield Row("`remedy diff Corefile`", (remedy, "diff", "Corefile"), expected=1, shows="+++", target=8)
    yield Row("`remedy diff manifest.yaml`", (remedy, "diff", "manifest.yaml"), expected=1, shows="+++", target=10)


def imports(modules: list[str]) -> Iterator[Row]:
    """What one import adds to an interpreter's start."""
    for module in modules:
        yield Row(f"`import {module}`", (sys.executable, "-c", f"import {module}"))


def line(row: Row, pairs: int, folder: Path) -> str:
    """The row's line of the table, measured now."""
    state = os.environ | {"XDG_STATE_HOME": str(folder / "state")}
    target = "" if row.target is None else f"≤ {row.target:g}×"
    try:
        figures = measure(row.argv, pairs=pairs, expected=row.expected, shows=row.shows, folder=folder, environment=state)
    except FailedRun as reason:
        return f"| {row.name} | failed | {reason} | {target} |"
    missed = " (missed)" if row.target is not None and figures.ratio > row.target else ""
    return f"| {row.name} | {figures.milliseconds:.0f} | {figures.ratio:.2f}× | {target}{missed} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--pairs", type=int, default=21, help="pairs of runs for each row (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure of the second table (default: %(default)s)")
    parser.add_argument("--imports", nargs="+", metavar="MODULE", help="measure these imports instead")
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {chosen.pairs} pairs")
    print("\n| whole process | median ms | median ratio to `python -c pass` | target |\n|---|---:|---:|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Corefile").write_text(COREFILE, encoding="utf-8")
        indented = "".join(f"    {text}" for text in COREFILE.splitlines(keepends=True))
        (folder / "manifest.yaml").write_text(MANIFEST + indented, encoding="utf-8")
        for row in imports(chosen.imports) if chosen.imports else rows():
            print(line(row, chosen.pairs, folder), flush=True)
        tables = (corefiles.table(folder, chosen.seconds), *(each.table(folder) for each in (manifests, sandbox, migration, terminal)))
        for table in () if chosen.imports else tables:
            print(flush=True)
            for each in table:
                print(each, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
