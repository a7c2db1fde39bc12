"""The model prover: computed answers, judged as every client would. Instant, needs nothing, and says what it cannot tell.

It assumes an upstream that holds exactly the names it asks for; a real upstream may differ, a real prover would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from remedy.answers.model import Kind, reply
from remedy.answers.questions import names
from remedy.clients import CLIENTS, outcome
from remedy.corefile.tree import Corefile
from remedy.plan import Answer, Observed, answer_to_data

Verdict = Literal["passed", "failed", "inconclusive"]


class Validation(NamedTuple):
    """A verdict, the answers it rests on, how many lookups could not be judged, and why in sentences."""

    method: Literal["model", "sandbox", "canary", "live"]
    verdict: Verdict
    answers: tuple[Answer, ...]
    unknown: int
    transcript: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """The document `remedy.validation/1`."""
        return {
            "schema": "remedy.validation/1",
            "method": self.method,
            "verdict": self.verdict,
            "answers": [answer_to_data(answer) for answer in self.answers],
            "unknown": self.unknown,
            "transcript": list(self.transcript),
        }


def answers(pairs: Iterable[tuple[Corefile, Corefile]]) -> tuple[Answer, ...]:
    """Names of every kind in every zone that a template touches before or after, answered by both texts of each pair."""
    found: dict[Answer, None] = {}
    for before, after in pairs:
        world = names(before, after)
        for name, kind in world.items():
            found[Answer(name, kind, _observe(before, name, world), _observe(after, name, world))] = None
    return tuple(found)


def judge(found: tuple[Answer, ...], *, heals: bool) -> Validation:
    """Judge answers before and after. Passed: no lookup lost, no AAAA address hidden and, if the change `heals`, one healed."""
    lost, healed, unknown, reasons = [], 0, 0, set()
    for answer in found:
        reasons |= {each.unknown for side in (answer.before, answer.after) for each in (side.a, side.aaaa) if each.unknown}
        if answer.before.aaaa.has_records and not (answer.after.aaaa.has_records or answer.after.aaaa.unknown):
            lost.append(f"{answer.name}: its AAAA address is no longer answered")
        for (client, old), (_, new) in zip(answer.before.clients, answer.after.clients, strict=True):
            unknown += "unknown" in (old, new)
            healed += old not in ("ok", "unknown") and new == "ok"
            if old == "ok" and new not in ("ok", "unknown"):
                lost.append(f"{answer.name}: {client} resolved it before and gets {new} after")
    transcript = [*lost, *sorted(f"unknown: {reason}" for reason in reasons)]
    if heals:
        more = f", {unknown} cannot be judged" if unknown else ""
        transcript.append(f"{healed} lookups that fail now will succeed, {len(lost)} that succeed now will fail{more}")
    addresses = any(answer.after.a.has_records for answer in found)
    if lost or (heals and not healed and not unknown and addresses):
        verdict: Verdict = "failed"
    elif heals and not healed:
        verdict = "inconclusive"
    else:
        verdict = "inconclusive" if unknown and unknown == len(CLIENTS) * len(found) else "passed"
    return Validation("model", verdict, found, unknown, tuple(transcript))


def together(validations: Sequence[Validation]) -> Validation:
    """Several validations as one, with the worst verdict."""
    order: tuple[Verdict, ...] = ("passed", "inconclusive", "failed")
    worst = max((each.verdict for each in validations), key=order.index, default=order[0])
    answers = dict.fromkeys(answer for each in validations for answer in each.answers)
    transcript = dict.fromkeys(sentence for each in validations for sentence in each.transcript)
    return Validation("model", worst, tuple(answers), sum(each.unknown for each in validations), tuple(transcript))


def _observe(corefile: Corefile, name: str, world: Mapping[str, Kind]) -> Observed:
    a, aaaa = (reply(corefile, name, type_, world) for type_ in ("A", "AAAA"))
    return Observed(a, aaaa, tuple((client, outcome(client, a.verdict, aaaa.verdict)) for client in CLIENTS))
