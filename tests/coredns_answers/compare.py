"""Ask a real CoreDNS what the model predicts, and say where they differ.

Many Corefiles run in one process, each on ports of its own; where that process does not start, they are halved until the one is found
that CoreDNS refuses.
"""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from remedy.answers.model import Reply, reply
from remedy.answers.server import listening
from tests.coredns_answers.corpus import Case
from tests.coredns_answers.real import Refused, Seen, ask, running
from tests.coredns_answers.runnable import NotRunnable, runnable
from tests.coredns_answers.world import FILES, NAMES, TYPES, WORLD, write_files

_ports = itertools.count(12000 + os.getpid() % 10 * 2000)  # below the range of clients
_lock = threading.Lock()


class Difference(NamedTuple):
    """One question to which the model was wrong."""

    case: str
    question: str
    predicted: Reply
    seen: Seen


class Result(NamedTuple):
    """Questions are counted: compared ones by case, unknown ones by plugin and reason, those only answered; `left_out` says why by case."""

    compared: Counter[str]
    unknown: Counter[tuple[str, str]]
    answered: Counter[str]
    differences: list[Difference]
    left_out: dict[str, str]


class _Run(NamedTuple):
    case: Case
    text: str
    ports: dict[str, int]


def compare(cases: Sequence[Case], binary: Path, version: str, folder: Path, *, together: int = 16, workers: int = 3) -> Result:
    """Every case, name and type."""
    write_files(folder)
    result = Result(Counter(), Counter(), Counter(), [], {})
    upstream = _port()
    zone = ". {\n bind 127.0.0.1\n file upstream .\n}\n".replace(". {", f".:{upstream} {{", 1)
    with running(binary, zone, folder):
        runs = list(_prepared(cases, upstream, folder, version, result))
        batches = [runs[start : start + together] for start in range(0, len(runs), together)]
        with ThreadPoolExecutor(workers) as pool:
            for done in pool.map(lambda batch: _batch(batch, binary, version, folder), batches):
                result.compared.update(done.compared)
                result.unknown.update(done.unknown)
                result.answered.update(done.answered)
                result.differences.extend(done.differences)
                result.left_out.update(done.left_out)
    return result


def _port() -> int:
    with _lock:
        return next(_ports)


def _prepared(cases: Sequence[Case], upstream: int, folder: Path, version: str, result: Result) -> Iterator[_Run]:
    for case in cases:
        ports = {port: _port() for port in listening(case.corefile)}
        try:
            text = runnable(case.corefile, ports, upstream, folder)
        except NotRunnable as reason:
            result.left_out[case.name] = str(reason)
            for told in (_told(case, name, type_, version) for name, type_ in itertools.product(NAMES, TYPES)):
                if told.unknown:
                    result.unknown[told.by, told.unknown] += 1
                else:
                    result.answered[case.name] += 1
            continue
        if ports and text:
            yield _Run(case, text, ports)


def _batch(runs: Sequence[_Run], binary: Path, version: str, folder: Path) -> Result:
    result = Result(Counter(), Counter(), Counter(), [], {})
    try:
        with running(binary, "".join(run.text for run in runs), folder):
            for run in runs:
                _case(run, version, result)
    except Refused as refusal:
        if len(runs) == 1:
            result.left_out[runs[0].case.name] = f"refused: {refusal}"
            return result
        for half in (runs[: len(runs) // 2], runs[len(runs) // 2 :]):
            done = _batch(half, binary, version, folder)
            for mine, other in zip(result, done, strict=True):
                mine.extend(other) if isinstance(mine, list) else mine.update(other)
    return result


def _told(case: Case, name: str, type_: str, version: str, port: str = "") -> Reply:
    return reply(case.corefile, name, type_, WORLD, version=version, client="127.0.0.1", files=_files(), port=port)


@functools.cache
def _files() -> dict[str, str]:
    hosts = Path("/etc/hosts")
    return FILES | {"/etc/hosts": hosts.read_text() if hosts.exists() else "", "absent.txt": ""}


def _case(run: _Run, version: str, result: Result) -> None:
    for port, real in run.ports.items():
        questions, predictions = [], []
        for name, type_ in itertools.product(NAMES, TYPES):
            told = _told(run.case, name, type_, version, port)
            if told.unknown:
                result.unknown[told.by, told.unknown] += 1
            elif (type_ == "TXT" and ".svc." in name) or name == "cluster.local.":  # where the stand-in for kubernetes differs
                result.answered[run.case.name] += 1
            else:
                questions.append((name, type_))
                predictions.append(told)
        for question, told, seen in zip(questions, predictions, ask(real, questions), strict=True):
            result.compared[run.case.name] += 1
            if Seen(told.rcode, told.has_records, told.other_records, told.has_soa) != seen:
                result.differences.append(Difference(run.case.name, f"{question[0]} {question[1]} port {port}", told, seen))
