"""Texts through the sandbox prover, as the tests need them: from strings, with the real CoreDNS that the tests build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from remedy.answers.message import Kind
from remedy.corefile.parse import parse
from remedy.validate.prover import Case, Heard, Probe, Question
from remedy.validate.sandbox import prove
from tests.testbed.build import coredns

FIXTURES = Path(__file__).parents[2] / "fixtures"
WORLD: dict[str, Kind] = {
    "v4.example.org.": "v4",
    "dual.example.org.": "dual",
    "v6.example.org.": "v6",
    "absent.example.org.": "absent",
    "kubernetes.default.svc.cluster.local.": "v4",
    "absent.default.svc.cluster.local.": "absent",
}


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def case(before: str, after: str | None = None, world: Mapping[str, Kind] = WORLD, *, version: str | None = None) -> Case:
    probes = tuple(Probe(name, kind) for name, kind in world.items())
    return Case(parse(before), parse(before if after is None else after), probes, version=version)


def questions(names: Sequence[str] = tuple(WORLD)) -> list[Question]:
    return [(name, type_) for name in names for type_ in ("A", "AAAA")]


def sandbox(before: str, after: str | None = None, world: Mapping[str, Kind] = WORLD, *, version: str | None = None) -> Heard:
    return prove(case(before, after, world, version=version), questions(tuple(world)), binary=str(coredns()))


def answered(text: str, name: str, type_: str, world: Mapping[str, Kind] = WORLD) -> str:
    """The verdict of one answer, or the reason why it is unknown."""
    ((_, _, after),) = sandbox(text, world=world).rows
    reply = after[name, type_]
    return reply.unknown or reply.verdict
