"""How long a change takes from the write until every replica answers by it: remedy beside a plain patch, in pairs on the testbed.

`python -m tests.benchmarks.cluster` needs root and brings up a testbed whose kubelet syncs as Kubernetes' own does, once a minute; the
plain patch has to wait for that. The figures of apply and rollback are medians of five, or of as many as `--runs` says; what takes long
is done twice. A kubelet syncs a pod often while it is young, so all wait for that to end. Meanwhile names are looked up in a pod with
musl and in one with glibc, and those that fail are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.command import Command
from tests.testbed import cluster, machine
from tests.testbed.cluster import INCIDENT, LAME_DUCK, Testbed
from tests.testbed.lookups import PER_SECOND, Counted, looking_up

RUNS, LONG = 5, 2
FIXED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")
_NAMES = ["shop.example.cn", "kubernetes.default"]
_LOOKUPS = (("musl", "inet", _NAMES), ("glibc", "unspec", _NAMES))  # what works on the night of the incident
_NOERROR = 0
_YOUNG_SECONDS = 15


class Way(NamedTuple):
    """One way to bring a change: how it is shown, the Corefile, remedy's words, and how long it may take."""

    name: str
    text: str
    words: tuple[str, ...]
    target: str
    runs: int = sys.maxsize


WAYS = (
    Way("`remedy apply`", INCIDENT, ("apply",), "≤ 3 s"),
    Way("`remedy rollback`", INCIDENT, ("rollback",), ""),
    Way("`remedy apply --strategy restart`, `lameduck 5s`", LAME_DUCK, ("apply", "--strategy", "restart"), "≤ 15 s", LONG),
    Way("`remedy apply`, the default `reload`", INCIDENT.replace("reload 2s 1s", "reload"), ("apply",), "≤ 50 s", LONG),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cluster", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="of each way (default: %(default)s)")
    runs = parser.parse_args().runs
    if reason := machine.unable():
        print(f"testbed: {reason}", file=sys.stderr)
        return 1
    testbed = cluster.up("1m")
    try:
        _measure(testbed, runs)
    finally:
        if os.environ.get("REMEDY_TESTBED_KEEP") != "1":
            cluster.down()
    return 0


def _measure(testbed: Testbed, runs: int) -> None:
    plain: list[float] = []
    took: dict[str, list[float]] = {way.name: [] for way in WAYS}
    counted: dict[str, list[list[Counted]]] = {way.name: [] for way in WAYS}
    for number in range(runs):
        if number < LONG:
            plain.append(_plain(testbed))
        for way in WAYS:
            if number < way.runs:
                seconds, lookups = _remedy(testbed, way)
                took[way.name].append(seconds)
                counted[way.name].append(lookups)
        print(f"run {number + 1} of {runs} is done", file=sys.stderr, flush=True)
    print("| from the write until both replicas are verified, `reload 2s 1s` | median s | all | target |\n|---|---:|---|---|")
    for name, found, target in (("a plain patch, and waiting", plain, ""), *((way.name, took[way.name], way.target) for way in WAYS)):
        print(f"| {name} | {statistics.median(found):.1f} | {', '.join(f'{each:.1f}' for each in sorted(found))} | {target} |")
    ratio = statistics.median(took[WAYS[0].name]) / statistics.median(plain)
    print(f"| `remedy apply` / a plain patch | {ratio:.3f} × | | ≤ 0.1 |\n")
    print(f"| lookups meanwhile, {PER_SECOND} a second | asked with musl | failed | asked with glibc | failed | longest ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, each_run in counted.items():
        sums = [cell for pod in zip(*each_run, strict=True) for cell in (sum(each.asked for each in pod), sum(each.failed for each in pod))]
        longest = max(each.longest for run in each_run for each in run)
        print(f"| {name} | {' | '.join(map(str, sums))} | {longest} |")


def _settled(testbed: Testbed, text: str = INCIDENT) -> None:
    testbed.reset(text)
    time.sleep(_YOUNG_SECONDS)


def _plain(testbed: Testbed) -> float:
    _settled(testbed)
    addresses = {address for _, address in testbed.pods()}
    start = time.monotonic()
    testbed.put_corefile(FIXED)
    while addresses and time.monotonic() - start < 300:
        addresses = {address for address in addresses if testbed.ask(address, f"{secrets.token_hex(6)}.example", "AAAA")[0] != _NOERROR}
        time.sleep(0.1)
    return time.monotonic() - start


def _remedy(testbed: Testbed, way: Way) -> tuple[float, list[Counted]]:
    """Seconds until the last replica was there, and the lookups of both pods meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        remedy = Command(Path(folder), Path(folder), {"KUBECONFIG": str(testbed.kubeconfig)})
        if way.words[0] == "rollback":
            testbed.reset(INCIDENT)
            _run(testbed, remedy, "apply")
            time.sleep(_YOUNG_SECONDS)
        else:
            _settled(testbed, way.text)
        with looking_up(testbed, *_LOOKUPS) as running:
            seconds = _run(testbed, remedy, *way.words)
    return seconds, [each.counted for each in running]


def _run(testbed: Testbed, remedy: Command, *words: str) -> float:
    with testbed.namespace():
        done = remedy(*words, "--yes", "--settle", "0", "--format", "json")
    if done.code:
        raise RuntimeError(done.err)
    return float(max(row["seconds"] for row in json.loads(done.out)["replicas"]))


if __name__ == "__main__":
    sys.exit(main())
