"""What kubeadm's library makes of a Corefile remedy makes of it too, or there is a reason, and a real CoreDNS shows it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from remedy.errors import ParseError
from tests.migration.generate import corefiles
from tests.migration.loading import refused
from tests.migration.moved import moved
from tests.oracle.corpus import fixtures
from tests.peer.ask import Question, ask
from tests.peer.compare import Pair, differences

FOLDER = Path(__file__).parents[2] / "fixtures" / "migration" / "peer"
SLUGS = {path.name.partition("-")[2]: path for path in sorted(FOLDER.iterdir())}
PAIRS = [
    ("1.1.3", "1.4.0"), ("1.2.6", "1.6.2"), ("1.3.1", "1.15.0"), ("1.4.0", "1.5.0"), ("1.5.2", "1.8.0"), ("1.6.9", "1.7.0"),
    ("1.6.9", "1.15.0"), ("1.7.1", "1.8.0"), ("1.8.0", "1.11.4"), ("1.9.4", "1.14.7"), ("1.12.4", "1.15.0"),
    ("1.15.0", "1.8.0"), ("1.11.4", "1.6.9"), ("1.8.0", "1.6.9"), ("1.6.9", "1.4.0"), ("1.6.2", "1.5.0"),
]  # fmt: skip
COUNT = 70  # for each pair: 1,120 in all


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_migration_says_what_the_peer_s_says_or_there_is_a_reason(source: str, target: str) -> None:
    pairs = [Pair(text, source, target) for text in corefiles(COUNT, source, 6)]
    found = [differences(pair, answer) for pair, answer in zip(pairs, ask(pair.question for pair in pairs), strict=True)]
    assert {reason for reasons in found for reason in reasons} <= SLUGS.keys()
    assert any(not reasons for reasons in found)


@pytest.mark.parametrize(("source", "target"), [("1.3.1", "1.15.0"), ("1.6.9", "1.8.0"), ("1.8.0", "1.15.0"), ("1.15.0", "1.6.9")])
def test_so_it_is_for_every_corefile_of_the_project(source: str, target: str) -> None:
    pairs = []
    for _, case in fixtures():
        text = case.text.decode("utf-8", "surrogateescape")
        try:
            moved(text, source, target)
        except ParseError:
            continue
        pairs.append(Pair(text, source, target))
    found = [differences(pair, answer) for pair, answer in zip(pairs, ask(pair.question for pair in pairs), strict=True)]
    unexplained = [(reason, pair.text) for pair, reasons in zip(pairs, found, strict=True) for reason in reasons - SLUGS.keys()]
    assert unexplained == []


@pytest.mark.parametrize("slug", SLUGS)
def test_each_reason_is_shown_by_a_real_coredns(slug: str) -> None:
    text, about = (SLUGS[slug] / "Corefile").read_text(), _about(slug)
    pair = Pair(text, about["version"], about["to"])
    answer = ask([pair.question])[0]
    assert slug in differences(pair, answer)
    own = moved(text, pair.source, pair.target, defaults=True).text
    assert bool(refused([own], pair.target)) == (about.get("own") == "refused")
    if about["peer"] in ("panic", "error"):
        assert about["says"] in (answer.panic if about["peer"] == "panic" else answer.error)
        return
    said = refused([answer.text], pair.target)
    assert bool(said) == (about["peer"] == "refused")
    assert about.get("says", "") in said.get(0, "")


def test_the_peer_loses_every_comment_and_remedy_none() -> None:
    text = "# ours\n.:53 {\n    errors # all of them\n    forward . 192.0.2.53\n}\n"
    assert "#" not in ask([Question("migrate", "1.8.0", "1.15.0", text)])[0].text
    assert moved(text, "1.8.0", "1.15.0").text == text


def _about(slug: str) -> dict[str, Any]:
    return tomllib.loads((SLUGS[slug] / "about.toml").read_text())
