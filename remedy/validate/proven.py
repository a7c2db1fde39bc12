"""One case from its names to a verdict, by whichever prover.

What is asked depends on the prover: one that computes or holds its upstream is asked for assumed names, a real one for those that exist.
"""

from __future__ import annotations

from remedy.plan import Answer, sha256
from remedy.validate import model
from remedy.validate.probes import Asking, Lookups, assumed, real
from remedy.validate.prover import Case, Heard, Prover
from remedy.validate.table import questions, table
from remedy.validate.verdict import Terms, Validation, agree, judge, refused


def proven(
    case: Case,
    asking: Asking,
    prover: Prover,
    terms: Terms,
    *,
    undo: bool = False,
    known: tuple[Lookups, tuple[Answer, ...]] | None = None,
) -> Validation:
    """The verdict on this case, whose probes are chosen here, unless its table is `known`: what was looked up, and the answers.

    A Corefile that stays as it is heals nothing. `undo`: judged by what its new text predicts. UnavailableError comes from the prover.
    """
    lookups = known[0] if known else _lookups(case, asking, terms)
    case = case._replace(probes=lookups.probes)
    heard = Heard(()) if known else prover(case, questions(lookups.probes, lookups.resolv))
    heals = terms.heals and not case.before.same(case.after)
    terms = terms._replace(heals=heals, promised=lookups.promised, notes=(*heard.transcript, *lookups.notes))
    if heard.refused:
        return refused(heard.refused, terms)
    found = known[1] if known else table(lookups.probes, heard, lookups.resolv, lookups.families)
    if undo:
        return agree(found, found if terms.method == "model" else model.predict(case, lookups), terms)
    return judge(found, terms)


def _lookups(case: Case, asking: Asking, terms: Terms) -> Lookups:
    if terms.method in ("canary", "live"):
        return real(case.before, case.after, f"remedy-{sha256(case.after.text)[:8]}", asking)
    return assumed(case.before, case.after, asking)
