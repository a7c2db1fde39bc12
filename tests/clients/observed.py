"""What a real resolver was seen to do, read from what it printed, from nginx's error log and from the server's counters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from remedy.clients import Result, lookup
from tests.clients import programs
from tests.clients.cases import Situation

_CODES = {
    "0": "ok",
    "-2": "EAI_NONAME",
    "-3": "EAI_AGAIN",
    "-4": "EAI_FAIL",
    "-5": "EAI_NODATA",
    "not-found": "not-found",
    "temporary": "EAI_AGAIN",
    "other": "EAI_AGAIN",
}
_NGINX = {"2": "servfail", "3": "not-found", "4": "notimp", "5": "refused", "110": "timed-out"}
_PRINTED = re.compile(r'code=(\S+) text="(.*)" ms=(\d+) addresses=(\S*)$')


SLOWER = 2.5
"""Seconds that a busy machine may add; less time than computed is always a difference."""


class Observed(NamedTuple):
    """As remedy.clients.Result, and the place of the candidate whose addresses came, 0 for none."""

    outcome: str
    types: tuple[str, ...]
    place: int
    text: str
    queries: tuple[int, int]
    seconds: float


def observe(situations: Sequence[Situation], folders: Mapping[str, Path], built: dict[str, str]) -> dict[str, dict[str, Observed]]:
    """Run every situation with these programs in namespaces of its own, three at a time; by situation and typed name."""
    with ThreadPoolExecutor(3) as pool:
        runs = {each.name: pool.submit(_run, each, folders[each.name], built) for each in situations}
        return {name: run.result() for name, run in runs.items()}


def _run(situation: Situation, folder: Path, built: dict[str, str]) -> dict[str, Observed]:
    job = {
        "resolv": situation.resolv_conf(),
        "resolver_timeout": situation.resolv.resolver_timeout,
        "script": situation.script(),
        "programs": built,
        "lookups": [(case.client, case.typed, case.family) for case in situation.cases],
    }
    told = programs.run_inside("inside", job, folder, timeout=240)
    asked: Counter[tuple[str, str]] = Counter()
    for _, name, type_, count in told["asked"]:
        asked[name, type_] += count
    log: dict[tuple[str, str], list[str]] = {}
    for family, name, line in told["nginx"]:
        log.setdefault((family.upper(), name), []).append(line)
    found = {}
    for case, line in zip(situation.cases, told["lines"], strict=True):
        seen = _nginx(line, log.get((case.family, case.typed), [])) if case.client == "nginx" else _printed(line)
        names = {*case.replies, f"{case.typed.rstrip('.')}."}
        found[case.typed] = seen._replace(queries=(sum(asked[name, "A"] for name in names), sum(asked[name, "AAAA"] for name in names)))
    return found


def _printed(line: str) -> Observed:
    match = _PRINTED.match(line)
    if match is None:
        return Observed(f"unreadable: {line}", (), 0, "", (0, 0), 0)
    code, text, ms, addresses = match.groups()
    types, place = _addresses(addresses.split(",") if addresses else [])
    if code not in ("0", "-2", "-3", "-4", "-5"):
        text = re.sub(r"^read udp .*: ", "", text)  # Go tells both ports
    return Observed(_CODES.get(code, code), types, place, text, (0, 0), int(ms) / 1000)


def _nginx(line: str, log: list[str]) -> Observed:
    seconds = int(line.removeprefix("ms=")) / 1000
    if failed := re.search(r"\*\d+ (\S+ could not be resolved \((\d+): [^)]*\))", log[0] if log else ""):
        return Observed(_NGINX.get(failed[2], failed[2]), (), 0, failed[1], (0, 0), seconds)
    types, place = _addresses([address.strip("[]") for each in log for address in re.findall(r'upstream: "http://(\S+):9/', each)])
    return Observed("ok" if types else "nothing in the log", types, place, "", (0, 0), seconds)


def _addresses(found: list[str]) -> tuple[tuple[str, ...], int]:
    types = tuple(type_ for type_, mark in (("A", "."), ("AAAA", ":")) if any(mark in each for each in found))
    places: set[Any] = {re.split(r"[.:]", each)[-1] for each in found}
    return types, int(places.pop(), 16) if len(places) == 1 else 0


def differences(situation: Situation, client: str, seen: Mapping[str, Observed]) -> list[str]:
    """Every lookup that a client did otherwise than remedy computes, in words."""
    # Where servers disagree musl stops asking at the first good reply, so how often it asked again is chance.
    counts = situation.servers == 1 or not client.startswith("musl")
    wrong = []
    for case in (case for case in situation.cases if case.client == client):
        results = lookup(client, case.typed, case.ask(), situation.resolv, family=case.family)
        place = {name: number for number, name in enumerate(case.replies, 1)}
        one = seen[case.typed]
        if not any(_agrees(each, one, place.get(each.name, 0), counts=counts) for each in results):
            computed = "".join(f"  computed {tuple(each)}\n" for each in results)
            wrong.append(f"{case.typed} {case.replies}\n  seen     {tuple(one)}\n{computed}")
    return wrong


def _agrees(result: Result, seen: Observed, place: int, *, counts: bool) -> bool:
    same = (result.outcome, result.types, result.text) == (seen.outcome, seen.types, seen.text)
    early = 1.1 if result.seconds >= 5 else 0.1  # nginx asks its next server by a clock of whole seconds
    in_time = result.seconds - early <= seen.seconds <= result.seconds + SLOWER
    return same and in_time and seen.place in (0, place) and (result.queries == seen.queries or not counts)
