"""The model is never wrong: what it says a Corefile answers is what a real CoreDNS answers.

Every Corefile of the corpus is asked for every name and type; the upstream is a second CoreDNS that holds exactly the world's names.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.coredns_answers.compare import Result, compare
from tests.coredns_answers.corpus import corpus
from tests.coredns_answers.world import NAMES
from tests.testbed.build import COREDNS, coredns


def compared(result: Result, version: str) -> int:
    """How many Corefiles were compared; prints what there is to know."""
    questions, unknown = sum(result.compared.values()), sum(result.unknown.values())
    print(f"CoreDNS {version}: {len(result.compared)} Corefiles, {questions} answers compared, {unknown} unknown")
    for (plugin, reason), count in result.unknown.most_common():
        print(f"  unknown {count:5} {plugin or 'the server'}: {reason}")
    for name, reason in sorted(result.left_out.items()):
        print(f"  left out {name}: {reason.splitlines()[-1]}")
    return len(result.compared)


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return compare(corpus(), coredns(), COREDNS, tmp_path_factory.mktemp("newest"))


def test_the_model_is_wrong_about_no_corefile(newest: Result) -> None:
    assert len(NAMES) >= 20
    assert compared(newest, COREDNS) >= 400
    assert newest.differences == []


def test_less_than_a_twentieth_of_the_answers_is_unknown(newest: Result) -> None:
    """Of the whole corpus, also of what cannot run here."""
    pytest.importorskip("re2", reason="without the extra `re2` more is unknown")
    unknown, known = sum(newest.unknown.values()), sum(newest.compared.values()) + sum(newest.answered.values())
    print(f"{unknown} of {unknown + known} unknown")
    assert unknown < 0.05 * (unknown + known)


def test_what_the_generator_makes_is_what_coredns_loads(newest: Result) -> None:
    assert [name for name, reason in newest.left_out.items() if name.startswith("generated") and "refused" in reason] == []


@pytest.mark.parametrize("version", ["1.10.1", "1.8.0"])
def test_the_model_is_wrong_about_no_corefile_of_an_older_release(version: str, tmp_path: Path) -> None:
    result = compare(corpus(150, old=True), coredns(version), version, tmp_path)
    assert compared(result, version) >= 100
    assert result.differences == []
