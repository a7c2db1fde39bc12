"""The model prover: computed answers, judged as every client would. Instant, needs nothing, and says what it cannot tell.

It assumes an upstream that holds exactly the names it asks for; a real upstream may differ, a real prover would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from remedy.answers.model import Kind, reply
from remedy.answers.questions import names
from remedy.clients import CLIENTS, outcome
from remedy.corefile.tree import Corefile
from remedy.plan import Answer, Observed, answer_to_data

Verdict = Literal["passed", "failed", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Validation:
    """A verdict, the answers it rests on, how many lookups could not be judged, and why in sentences."""

    method: Literal["model", "none"]
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


def answers(before: Corefile, after: Corefile) -> tuple[Answer, ...]:
    """Names of every kind in every zone that a template of either text touches, answered by both texts."""
    world = names(before, after)
    return tuple(Answer(name, kind, _observe(before, name, world), _observe(after, name, world)) for name, kind in world.items())


def validate(pairs: Iterable[tuple[Corefile, Corefile]], *, heals: bool) -> Validation:
    """Judge texts before and after. Passed: no lookup is lost, no AAAA address hidden and, if the change `heals`, one that failed works."""
    found = tuple(answer for before, after in pairs for answer in answers(before, after))
    lost, healed, unknown, reasons = [], 0, 0, set()
    for answer in found:
        reasons |= {each.unknown for side in (answer.before, answer.after) for each in (side.a, side.aaaa) if each.unknown}
        if answer.before.aaaa.has_records and not (answer.after.aaaa.has_records or answer.after.aaaa.unknown):
            lost.append(f"{answer.name}: its AAAA address is no longer answered")
        for client in CLIENTS:
            old, new = answer.before.clients[client], answer.after.clients[client]
            unknown += "unknown" in (old, new)
            healed += old not in ("ok", "unknown") and new == "ok"
            if old == "ok" and new not in ("ok", "unknown"):
                lost.append(f"{answer.name}: {client} resolved it before and gets {new} after")
    transcript = [*lost, *sorted(f"unknown: {reason}" for reason in reasons)]
    if heals:
        transcript.append(f"{healed} lookups healed, {len(lost)} lost" + (f", {unknown} unknown" if unknown else ""))
    verdict: Verdict = "failed" if lost or (heals and not healed and not unknown) else "passed"
    if not lost and unknown and not healed and (heals or unknown == len(CLIENTS) * len(found)):
        verdict = "inconclusive"
    return Validation("model", verdict, found, unknown, tuple(transcript))


def _observe(corefile: Corefile, name: str, world: Mapping[str, Kind]) -> Observed:
    a, aaaa = reply(corefile, name, "A", world), reply(corefile, name, "AAAA", world)
    return Observed(a, aaaa, {client: outcome(client, a.verdict, aaaa.verdict) for client in CLIENTS})
