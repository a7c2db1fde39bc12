"""The model prover: computed answers. Instant, needs nothing, and says what it cannot tell.

It assumes an upstream that holds exactly the names it asks for; a real upstream may differ, a real prover would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from remedy.answers.model import NEWEST, replies
from remedy.corefile.tree import Corefile
from remedy.plan import Answer
from remedy.validate.probes import NOTHING, Asking, Lookups, assumed, world
from remedy.validate.prover import Case, Heard, Question
from remedy.validate.table import questions, table


def prove(case: Case, asked: Sequence[Question]) -> Heard:
    """The answers of both texts, each by the release that reads it, in a world of just these probes."""
    held = world(case.probes)
    before = replies(case.before, asked, held, version=case.version or NEWEST)
    same = case.after is case.before and not case.moves
    return Heard((("", before, before if same else replies(case.after, asked, held, version=case.reader or NEWEST)),))


def predict(case: Case, lookups: Lookups) -> tuple[Answer, ...]:
    """The computed table of these lookups."""
    heard = prove(case._replace(probes=lookups.probes), questions(lookups.probes, lookups.resolv))
    return table(lookups.probes, heard, lookups.resolv, lookups.families)


def answers(pairs: Iterable[tuple[Corefile, Corefile]], asking: Asking = NOTHING) -> tuple[Answer, ...]:
    """Names of every kind in every zone that a template touches before or after, answered by both texts of each pair."""
    cases = (Case(*pair, (), version=asking.version, to=asking.to) for pair in pairs)
    found = (predict(case, assumed(case.before, case.after, asking)) for case in cases)
    return tuple(dict.fromkeys(answer for each in found for answer in each))
