"""From what was answered to what every client makes of it: the table that is judged and shown.

A name without a dot at its end goes through the search list, so that each client asks for several names; all of them are asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.clients import CLIENTS, Resolv, outcome
from remedy.plan import Answer, Observed
from remedy.validate.prover import Heard, Probe, Question, Side


def questions(probes: Sequence[Probe], _resolv: Resolv) -> tuple[Question, ...]:
    """Everything that some client may ask for these probes, once."""
    return tuple(dict.fromkeys((probe.name, type_) for probe in probes for type_ in ("A", "AAAA")))


def table(probes: Sequence[Probe], heard: Heard, _resolv: Resolv) -> tuple[Answer, ...]:
    """One Answer for each probe and row."""
    return tuple(
        Answer(probe.name, probe.kind, _observed(probe, before), _observed(probe, after))
        for probe in probes
        for _, before, after in heard.rows
    )


def _observed(probe: Probe, side: Side) -> Observed:
    a, aaaa = side[probe.name, "A"], side[probe.name, "AAAA"]
    return Observed(a, aaaa, tuple((client, outcome(client, a.verdict, aaaa.verdict)) for client in CLIENTS))
