"""Five thousand generated Corefiles a run: remedy and CoreDNS's parser agree on each, and they use all of the language.

`make fuzz` does the same for many more, with a seed of its own.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings

from tests.oracle import fuzz
from tests.oracle.agree import difference
from tests.oracle.ask import Case, ask
from tests.oracle.generate import corefiles

COUNT = 5000


def drawn(count: int) -> list[Case]:
    """The same different ones in every run."""
    found: dict[bytes, Case] = {}

    @settings(max_examples=2 * count, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(corefiles)
    def draw(case: Case) -> None:
        found[case.text] = case

    draw()
    return list(found.values())[:count]


@pytest.fixture(scope="module")
def outcome() -> fuzz.Outcome:
    return fuzz.compare(drawn(COUNT))


def test_five_thousand_different_corefiles_are_generated(outcome: fuzz.Outcome) -> None:
    assert outcome.count == COUNT


def test_remedy_reads_every_generated_corefile_as_coredns_does(outcome: fuzz.Outcome) -> None:
    assert not outcome.differences, outcome.differences[0]


def test_two_in_five_are_accepted(outcome: fuzz.Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{outcome.accepted} of {COUNT} generated Corefiles accepted by CoreDNS's parser")
    assert outcome.accepted >= 0.4 * COUNT


def test_every_rule_of_the_grammar_is_used_fifty_times(outcome: fuzz.Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    hits = {rule: outcome.rules[rule] for rule in sorted(fuzz.expansions())}
    with capsys.disabled():
        print("\n", *(f"{count:6} {rule}" for rule, count in hits.items()), sep="\n")
    assert hits
    assert min(hits.values()) >= 50


def test_the_refused_ones_are_refused_for_every_reason(outcome: fuzz.Outcome) -> None:
    print(*(f"{count:6} {reason}" for reason, count in outcome.refusals.most_common()), sep="\n")
    assert len(outcome.refusals) >= 12


def test_a_difference_would_be_noticed() -> None:
    case = Case(b"a.org {\n  log x\n}\n", folder="/nowhere")
    (answer,) = ask([case])
    assert difference(case, answer) == ""
    keys, plugins = answer.blocks[0]
    changed = [
        answer._replace(tokens=answer.tokens[:-1]),
        answer._replace(blocks=[([*keys, "b"], plugins)]),
        answer._replace(blocks=[(keys, {"log": [("", 3, "log"), ("", 2, "x")]})]),
        answer._replace(error="/nowhere/Corefile:1 - Error during parsing: Unexpected EOF"),
        answer._replace(sha512="0"),
    ]
    assert all(difference(case, each) for each in changed)
    (refused,) = ask([case._replace(text=b"a.org,")])
    assert difference(case._replace(text=b"a.org,"), refused._replace(error=refused.error.replace(":1", ":2")))
