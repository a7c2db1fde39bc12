"""The third table: a directory of many manifests, scanned by the command as installed; how fast, and in how much memory.

Half of the files that hold no Corefile are such that only their characters tell so. The counts that the run prints are compared with what
was generated: a scan that is fast because it overlooks something is a failed run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .corefiles import TYPICAL

FILES = 10_000
LEAST = 400  # files a second, on two cores
_SHARES = (30, 1)  # of a hundred files: with a Corefile, of which so many cannot be read


class Scan(NamedTuple):
    """What one run took: seconds by the clock and of a processor, and the peak of its memory in MiB; what it said when it was wrong."""

    seconds: float
    processor: float
    peak: float
    wrong: str


def table(folder: Path) -> Iterator[str]:
    """The lines of the table; writes below `folder`."""
    yield f"| `remedy scan DIRECTORY`, {FILES:,} manifests, {_SHARES[0]} % with a Corefile, {_SHARES[1]} % bad | figure | target |"
    yield "|---|---:|---|"
    small, large = (folder / f"manifests-{count}" for count in (FILES // 10, FILES))
    expected = [write(small, FILES // 10), write(large, FILES)]
    scan(small, expected[0])  # what is measured next finds Python's files in the page cache
    few, many = scan(small, expected[0]), scan(large, expected[1])
    for each in (few, many):
        if each.wrong:
            yield f"| failed: {each.wrong} | | |"
            return
    speed, growth = FILES / many.seconds, many.peak / few.peak
    yield f"| files a second, the whole process | {speed:,.0f} | ≥ {LEAST}{' (missed)' if speed < LEAST else ''} |"
    yield f"| processor time a file | {many.processor / FILES * 1000:.2f} ms | |"
    yield f"| peak memory, {FILES:,} files | {many.peak:.0f} MiB | |"
    yield f"| peak memory, {FILES:,} files / {FILES // 10:,} files | {growth:.2f}× | ≤ 1.1×{' (missed)' if growth > 1.1 else ''} |"


def write(folder: Path, count: int) -> str:
    """Generated manifests, a hundred in a folder; the sum that a scan has to print."""
    taken = passed_over = 0
    for number in range(count):
        below = folder / f"team-{number // 100:03}"
        below.mkdir(parents=True, exist_ok=True)
        place = number * 37 % 100  # all kinds in every folder, in no order
        if place < _SHARES[1]:
            content = _config_map(number) + "  other: [\n"
        elif place < _SHARES[0]:
            content = _config_map(number) if place % 5 else _values(number)
            taken += 1
        else:
            content = (_deployment, _service, _definition)[place % 3](number)
            passed_over += 1
        (below / f"{number:05}.yaml").write_text(content, encoding="utf-8")
    return f" in {taken} targets: {taken} with a safe fix|{passed_over} files passed over|{count - taken - passed_over}"


def scan(folder: Path, expected: str) -> Scan:
    """One run of the command in a process of its own."""
    environment = os.environ | {"XDG_STATE_HOME": str(folder)}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "remedy.cli", "scan", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stderr is not None
        talk = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    findings, passed_over, bad = expected.split("|")
    right = findings in talk and passed_over in talk and talk.count("not valid YAML") == int(bad) and process.returncode == 2
    processor = usage.ru_utime + usage.ru_stime
    return Scan(
        seconds, processor, usage.ru_maxrss / 1024, "" if right else f"exit code {process.returncode}, {' '.join(talk.split())[-300:]}"
    )


def _config_map(number: int) -> str:
    corefile = "".join(f"    {line}" for line in TYPICAL.splitlines(keepends=True))
    name = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\n  labels: {{cluster: c{number}}}\n"
    return f"# cluster {number}\n{name}data:\n  Corefile: |\n{corefile}"


def _values(number: int) -> str:
    plugins = "".join(
        f"  - name: {name}\n" + (f"    parameters: {words}\n" if words else "") + (f"    configBlock: |-\n      {block}\n" if block else "")
        for name, words, block in (
            ("errors", "", ""),
            ("health", "", "lameduck 5s"),
            ("template", "ANY AAAA", "rcode NXDOMAIN"),
            ("kubernetes", "cluster.local in-addr.arpa ip6.arpa", "pods insecure"),
            ("forward", ". /etc/resolv.conf", ""),
            ("cache", "30", ""),
        )
    )
    return f"replicaCount: {number % 5}\nservers:\n- zones:\n  - zone: .\n  port: 53\n  plugins:\n{plugins}"


def _deployment(number: int) -> str:
    environment = "".join(f"        - name: SETTING_{each}\n          value: '{number + each}'\n" for each in range(20))
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{number}\nspec:\n  template:\n    spec:\n      containers:\n"
        f"      - name: app\n        image: registry.example/app:{number}\n        env:\n{environment}"
        "      volumes:\n      - name: config\n        configMap: {name: coredns, items: [{key: settings, path: settings}]}\n"
    )


def _service(number: int) -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata:\n  name: app-{number}\nspec:\n  ports:\n  - port: 53\n    protocol: UDP\n"


def _definition(number: int) -> str:
    fields = "".join(
        f"              parameters{each}:\n                type: string\n                description: One of the plugins, by name {each}.\n"
        for each in range(60)
    )
    return (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        f"metadata:\n  name: things-{number}.example.org\nspec:\n  group: example.org\n  versions:\n  - name: v1\n    schema:\n"
        f"      openAPIV3Schema:\n        properties:\n          spec:\n            properties:\n{fields}"
    )
