"""What real CoreDNS releases answer to the fixtures of the rules, before and after: asked once for all of them.

Behind every `forward` stands a second CoreDNS that holds the names of the fixtures' worlds and denies all others; `kubernetes` is played by
zone files. Many Corefiles share a process, each on a port of its own; one that CoreDNS refuses is found by halving.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from remedy.answers.message import Kind
from remedy.answers.model import kubernetes_zones
from remedy.answers.questions import names
from remedy.answers.server import listening
from remedy.answers.words import is_name
from remedy.clients import CLIENTS, Reply, Resolv, candidates
from remedy.corefile.parse import parse
from remedy.errors import ParseError
from tests.coredns_answers.real import Refused, Seen, ask, running
from tests.coredns_answers.runnable import NotRunnable, runnable
from tests.coredns_answers.world import SOA, WORLD, records, write_files
from tests.rules.cases import Case, about_answers
from tests.testbed.build import COREDNS, coredns

TYPES = ("A", "AAAA", "TXT", "MX", "SRV", "PTR", "HINFO")
TYPED = (
    "kubernetes",
    "kubernetes.default",
    "default",
    "v4.example.org",
    "dual.example.org",
    "v6.example.org",
    "absent.example.org",
    "mail",
)
CLUSTER: dict[str, Kind] = {name: kind for name, kind in WORLD.items() if ".svc.cluster.local." in name}
NOBODY = 30090 + os.getpid() % 10  # a server that holds no name at all
PORTS = itertools.count(30100 + os.getpid() % 10 * 200)


class Observed(NamedTuple):
    """What one text answers; `refused` is what CoreDNS said if it does not start with it, `not_run` why it was not tried."""

    answers: dict[tuple[str, str], str]
    refused: str = ""
    not_run: str = ""

    def reply(self, name: str, type_: str) -> tuple[Reply, ...]:
        return (Reply(self.answers[name.lower(), type_]),)


class _Run(NamedTuple):
    case: Case
    variant: str
    text: str
    port: int


def variants(case: Case) -> dict[str, str]:
    """The texts of a fixture that are worth running."""
    found = {name: case.read(name) for name in ("before", "after", "better", "careless") if case.has(name)}
    if case.clean and "careless" not in found:
        found["careless"] = careless(case.read())
    return found | {f"after.{name}": case.read(f"after.{name}") for name in case.alternatives}


def careless(text: str) -> str:
    """What a tool would write that looks for words and not for meaning: no denial anywhere, and no template without an rcode."""
    text = re.sub(r"(?m)(^\s*|\{ )rcode (?!NOERROR)\S+", r"\1rcode NOERROR", text)
    return re.sub(r"(?m)^(\s*)(?:block|drop)\b", r"\1filter", text)


def world(case: Case) -> dict[str, Kind]:
    """The names that this fixture is asked for."""
    texts = []
    for text in variants(case).values():
        try:
            texts.append(parse(text))
        except ParseError:
            continue
    found = names(*texts) | CLUSTER if any(kubernetes_zones(text) for text in texts) else names(*texts)
    found |= {f"{kind}.example.org.": kind for kind in ("v4", "dual", "v6", "absent")}
    askable = {name: kind for name, kind in found.items() if name == "." or is_name(name)}
    return askable | case.about.get("world", {})


def search(case: Case) -> tuple[str, ...]:
    """The search list of a pod there."""
    zones = [zone.strip(".") for zone in kubernetes_zones(parse(case.read()))]
    return (*(f"{space}{zone}" for zone in zones for space in ("default.svc.", "svc.", "")), *case.about.get("search", ()))


def typed(case: Case) -> tuple[str, ...]:
    """What users of that pod type."""
    return (*TYPED, *(name.rstrip(".") for name in world(case)))


def questions(case: Case) -> list[tuple[str, str]]:
    resolv = Resolv(search(case), ndots=5)
    asked = dict.fromkeys((name, type_) for name in world(case) for type_ in TYPES)
    for client in CLIENTS:
        for name in typed(case):
            asked |= dict.fromkeys((each.lower(), type_) for each in candidates(client, name, resolv) for type_ in ("A", "AAAA"))
    return list(asked)


def verdict(seen: Seen) -> str:
    if not seen.rcode:
        return "drop"
    return seen.rcode.lower() if seen.rcode != "NOERROR" else "ok" if seen.has_records else "other" if seen.other_records else "nodata"


def everything(folder: Path) -> dict[tuple[str, str], Observed]:
    """By case and variant."""
    write_files(folder)
    upstreams = {case.name: next(PORTS) for case in about_answers()}
    (folder / "nobody").write_text(f". {SOA}\n")
    blocks = [f".:{NOBODY} {{\n bind 127.0.0.1\n file nobody .\n}}\n"]
    blocks += [_upstream(case, upstreams[case.name], folder) for case in about_answers()]
    result: dict[tuple[str, str], Observed] = {}
    with running(coredns(), "".join(blocks), folder):
        together: dict[str, list[_Run]] = {}
        for case in about_answers():
            if reason := case.about.get("not_run"):
                result |= {(case.name, variant): Observed({}, not_run=reason) for variant in variants(case)}
                continue
            version = case.about.get("run", COREDNS)
            for variant, text in variants(case).items():
                if case.about.get("raw"):
                    result[case.name, variant] = _raw(case, text, version, upstreams[case.name], folder)
                    continue
                try:
                    together.setdefault(version, []).append(_prepared(case, variant, text, upstreams[case.name], folder))
                except NotRunnable as reason:
                    result[case.name, variant] = Observed({}, not_run=str(reason))
        for version, runs in together.items():
            for start in range(0, len(runs), 16):
                result |= _batch(runs[start : start + 16], coredns(version), folder)
    return result


def _upstream(case: Case, port: int, folder: Path) -> str:
    """A server block that holds exactly this fixture's world."""
    held = {name: kind for name, kind in {**WORLD, **world(case)}.items() if kind != "namespace"}
    zone = f". {SOA}\n" + "".join(records(name, kind) for name, kind in held.items() if name != ".")
    more = (name for name, kind in held.items() if kind == "dual")
    zone += "".join(f'{name} 60 IN TXT "t"\n{name} 60 IN MX 1 mx.\n{name} 60 IN SRV 1 1 1 srv.\n' for name in more)
    (folder / f"world-{port}").write_text(zone)
    return f".:{port} {{\n bind 127.0.0.1\n file world-{port} .\n}}\n"


def _prepared(case: Case, variant: str, text: str, upstream: int, folder: Path) -> _Run:
    corefile = parse(re.sub(r"(?m)^\s*import \S*\*\S*\n", "", text))  # a wildcard that matches nothing brings nothing
    ports = {port: next(PORTS) for port in listening(corefile)}
    if not ports:
        raise NotRunnable("serves nothing")
    port = ports.get("53") or next(iter(ports.values()))
    text = runnable(corefile, ports, upstream, folder)
    if case.about.get("behind"):
        text = text.replace("\n bind 127.0.0.1\n", f"\n bind 127.0.0.1\n forward . 127.0.0.1:{upstream}\n", 1)
    return _Run(case, variant, text, port)


def _batch(runs: Sequence[_Run], binary: Path, folder: Path) -> dict[tuple[str, str], Observed]:
    try:
        with running(binary, "".join(run.text for run in runs), folder):
            return {(run.case.name, run.variant): _ask(run.case, run.port) for run in runs}
    except Refused as refusal:
        if len(runs) == 1:
            return {(runs[0].case.name, runs[0].variant): Observed({}, refused=str(refusal).strip().splitlines()[-1])}
        half = len(runs) // 2
        return _batch(runs[:half], binary, folder) | _batch(runs[half:], binary, folder)


def _ask(case: Case, port: int) -> Observed:
    asked = questions(case)
    return Observed({question: verdict(seen) for question, seen in zip(asked, ask(port, asked, patience=0.25), strict=True)})


def _raw(case: Case, text: str, version: str, upstream: int, folder: Path) -> Observed:
    """The text as it stands, comments and all; only the port and the address of the upstream are put in."""
    port = next(PORTS)
    behind = f"\n forward . 127.0.0.1:{upstream}" if case.about.get("behind") else ""
    text = text.replace("192.0.2.53", f"127.0.0.1:{upstream}").replace("192.0.2.54", f"127.0.0.1:{NOBODY}")
    text = text.replace(".:53 {", f".:{port} {{\n bind 127.0.0.1{behind}", 1)
    try:
        corefile = folder / f"Corefile-{port}"
        corefile.write_bytes(text.encode("utf-8", "surrogateescape"))
        with started(coredns(version), corefile, folder, port=port):
            return _ask(case, port)
    except Refused as refusal:
        return Observed({}, refused=str(refusal).strip().splitlines()[-1])


@contextmanager
def started(binary: Path, corefile: Path, folder: Path, *, port: int = 53) -> Iterator[None]:
    """CoreDNS with `-conf` a file, and a default port: without a server block it takes its own default from the flag."""
    wrapped = folder / f"start-{corefile.name}"
    wrapped.write_text(f'#!/bin/sh\nexec "{binary}" -conf "{corefile}" -dns.port {port}\n')
    wrapped.chmod(0o755)
    with running(wrapped, "", folder):
        yield
