"""Any text that CoreDNS could parse, sensible or not: no rule fails on it, and every fix of it leaves a text that can be parsed."""

from __future__ import annotations

import random

import pytest

from remedy.corefile.edit import apply
from remedy.corefile.parse import parse
from remedy.errors import ParseError
from remedy.rules import Choices
from rewrite_rules import RULES
from tests.rules.cases import cases

WORDS = ["{", "}", "\n", "AAAA", "template", '""', '"a b"', "#x", "fallthrough", "match", "rcode", "\n}\n", "\n{\n", "{$X}", "\\", "."]
CHOICES = [Choices(), Choices("explicit", soa=True, version="1.4.0", search=("corp.example",)), Choices("minimal")]
CHOICES += [Choices(version="1.1.3", to="1.15.0", eager=True, defaults=True), Choices(version="1.15.0", to="1.2.0")]
CHOICES += [Choices(version="1.3.1", to="1.8.0", defaults=True), Choices(to="1.15.0")]


def broken(text: str, chance: random.Random) -> str:
    """A fixture with some of its words gone, doubled, or others in their place."""
    words = text.split(" ")
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(words))
        words[place : place + 1] = chance.choice([[], [words[place]] * 2, [chance.choice(WORDS)], [words[place].replace("\n", " ")]])
        words = words or ["."]
    return " ".join(words)


@pytest.mark.parametrize("seed", range(8))
def test_no_rule_fails_on_a_text_that_makes_no_sense(seed: int) -> None:
    chance, read = random.Random(seed), 0
    texts = [case.read() for case in cases()]
    for _ in range(250):
        text = broken(chance.choice(texts), chance)
        try:
            corefile = parse(text)
        except ParseError:
            continue
        read += 1
        for choices in CHOICES:
            for rule in RULES:
                for problem in rule.check(corefile, choices):
                    for fix in problem.fixes:
                        parse(apply(text, fix.edits))
    assert read > 50
