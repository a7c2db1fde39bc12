"""What two real CoreDNS answer before and after a migration: the same, or what the model of both says, and a finding with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.answers.model import replies
from remedy.answers.questions import names
from remedy.corefile.parse import parse
from remedy.errors import UnavailableError
from remedy.validate.prover import Case, Probe
from remedy.validate.sandbox import prove
from tests.migration.generate import corefiles
from tests.migration.moved import moved
from tests.migration.properties import answered
from tests.testbed.build import coredns

COUNT = 5


@pytest.mark.parametrize(("source", "target"), [("1.4.0", "1.6.9"), ("1.6.9", "1.15.0"), ("1.8.0", "1.15.0"), ("1.15.0", "1.8.0")])
def test_lookups_are_answered_as_before(source: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = {version: coredns(version) for version in (source, target)}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for version, program in programs.items():
        (tmp_path / "remedy" / "coredns" / version).mkdir(parents=True)
        (tmp_path / "remedy" / "coredns" / version / "coredns").symlink_to(program)
    judged = 0
    for text in corefiles(COUNT, source, 21):
        repair = moved(text, source, target, unsafe=True)
        before, after = parse(text), parse(repair.text)
        world = names(before, after)
        asked = [(name, type_) for name in world for type_ in ("A", "AAAA")]
        case = Case(before, after, tuple(Probe(name, kind) for name, kind in world.items()), version=source, to=target)
        try:
            ((_, old, new),) = prove(case, asked).rows
        except UnavailableError:
            continue
        one, other = (replies(tree, asked, world, version=version) for tree, version in ((before, source), (after, target)))
        for question in asked:
            seen = old[question].verdict, new[question].verdict
            judged += "unknown" not in seen
            if "unknown" not in seen and seen[0] != seen[1]:
                assert seen == (one[question].verdict, other[question].verdict), (question, text)
        assert answered(text, repair, source, target) == ""
    assert judged
