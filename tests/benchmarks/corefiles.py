"""The second table: how fast a Corefile is read, beside CoreDNS's own parser, which is compiled Go, in the same run.

A figure is that of the fastest run in a process of its own: other work on the machine only ever makes a run slower. Growth is measured in
pairs, as start-up is: two fastest runs may come from two moments of the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.testbed.build import go_program

from .measure import FailedRun

REPOSITORY = Path(__file__).parents[2]
Figures = dict[str, float]
CADDY = "1.1.4"  # what CoreDNS 1.15.0 is built with
TYPICAL = """\
# The cluster's own names, and those of the nodes for all others.
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    # musl asks for AAAA beside A
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
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}

# the office
corp.example.org:53 {
    errors
    cache 30
    forward . 10.0.0.53 10.0.1.53 {
       policy sequential
    }
    log . "{remote} {name} {rcode}"
}
"""


def table(folder: Path, seconds: float) -> Iterator[str]:
    """The lines of the table, each measured when it is asked for; `seconds` is the time that each figure gets."""
    yield "| reading Corefiles, on one core | remedy | CoreDNS's parser | ratio | target |"
    yield "|---|---:|---:|---:|---|"
    try:
        parser = str(go_program(Path(__file__).with_name("parser"), "parser", CADDY))
    except Exception as reason:
        yield f"| failed | {' '.join(str(reason).split())[:200]} | | | |"
        return

    def file(size: int) -> str:
        path = folder / f"Corefile-{size}"
        if not path.exists():
            path.write_text(of_size(size), encoding="utf-8")
        return str(path)

    def both(what: str, amount: float, *sizes: int) -> tuple[Figures, Figures]:
        words = [str(amount), *map(file, sizes)]
        own = _run([sys.executable, "-m", "tests.benchmarks.reader", what, *words])
        return own, _run([parser, "growth" if what == "growth" else "parse", *words])

    try:
        for what, name, least in (("parse", "parse", None), ("scan", "parse and rules", 800)):
            own, go = both(what, seconds, len(TYPICAL))
            yield _line(f"{name}, {len(TYPICAL)} bytes", 1 / own["seconds"], 1 / go["seconds"], "files/s", at_least=least)
        for size, name in ((10**6, "1 MB"), (10**7, "10 MB")):
            own, go = both("parse", seconds, size)
            yield _line(f"parse, {name}", size / own["seconds"] / 1e6, size / go["seconds"] / 1e6, "MB/s", at_least=0.7)
        for size, name, pairs in ((10**6, "1 MB", 5), (10**7, "10 MB", 3)):
            own, go = both("growth", pairs, size // 10, size)
            yield _line(f"time for {name} / time for a tenth of it", own["growth"], go["growth"], "×", at_most=11)
        own, go = both("parse", 0, 1 << 20)
        yield _line("peak memory of the process, 1 MiB", own["peak_mib"], go["peak_mib"], "MiB", at_most=150)
    except FailedRun as reason:
        yield f"| failed | {reason} | | | |"


def of_size(size: int) -> str:
    """That many bytes of Corefile: typical ones one after the other, each with zones of its own, and a comment to fill up."""
    parts: list[str] = []
    left, number = size, 0
    while left >= len(TYPICAL) + 40:
        parts.append(TYPICAL.replace(".:53", f"zone-{number}.example:53").replace("corp.", f"corp-{number}."))
        left -= len(parts[-1])
        number += 1
    if not parts:
        return TYPICAL
    return "".join(parts) + "#" * (left - 1) + "\n"


def _line(name: str, own: float, go: float, unit: str, *, at_least: float | None = None, at_most: float | None = None) -> str:
    missed = (at_least is not None and own < at_least) or (at_most is not None and own > at_most)
    bound = f"≥ {at_least:g} {unit}" if at_least is not None else f"≤ {at_most:g} {unit}" if at_most is not None else ""
    shown = [f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in (own, go)]
    ratio = f"{own / go:.3g}" if go else ""
    return f"| {name} | {shown[0]} {unit} | {shown[1]} {unit} | {ratio} | {bound}{' (missed)' if missed else ''} |"


def _run(argv: list[str]) -> Figures:
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, cwd=REPOSITORY, timeout=300)
        if done.returncode:
            raise FailedRun(f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
        figures: Figures = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise FailedRun(str(error)) from error
    return figures
