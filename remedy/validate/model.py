"""The model prover: computed answers. Instant, needs nothing, and says what it cannot tell.

It assumes an upstream that holds exactly the names it asks for; a real upstream may differ, a real prover would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from remedy.answers.model import reply
from remedy.answers.plugins import NEWEST
from remedy.answers.questions import names
from remedy.clients import Resolv
from remedy.corefile.tree import Corefile
from remedy.plan import Answer
from remedy.validate.probes import world as held
from remedy.validate.prover import Case, Heard, Probe, Question
from remedy.validate.table import questions, table


def prove(case: Case, asked: Sequence[Question]) -> Heard:
    """The answers of both texts, in a world of just these probes."""
    world, version = held(case.probes), case.version or NEWEST
    before, after = ({question: reply(text, *question, world, version=version) for question in asked} for text in (case.before, case.after))
    return Heard((("", before, after),))


def answers(pairs: Iterable[tuple[Corefile, Corefile]], version: str | None = None) -> tuple[Answer, ...]:
    """Names of every kind in every zone that a template touches before or after, answered by both texts of each pair.

    `version` is the CoreDNS release (None: the newest).
    """
    found: dict[Answer, None] = {}
    for pair in pairs:
        probes = tuple(Probe(name, kind) for name, kind in names(*pair).items())
        resolv = Resolv()
        found |= dict.fromkeys(table(probes, prove(Case(*pair, probes, version=version), questions(probes, resolv)), resolv))
    return tuple(found)
