"""What a prover is given and what it gives back: a Case and questions in, Heard out.

A prover never judges: it says what each question is answered before and after, so that all provers share one table and one verdict.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from remedy.answers.model import Reply
from remedy.answers.plugins import moves
from remedy.corefile.tree import Corefile
from remedy.sources.document import Target

Method = Literal["model", "sandbox", "canary", "live"]
Question = tuple[str, str]
"""An absolute name in lower case and a type, A or AAAA."""
Side = Mapping[Question, Reply]
"""What one server answers to every question that it was asked."""


class Probe(NamedTuple):
    """A name that a client looks up: absolute, or (kind `short`, or given without a dot at the end) one for the pods' search list."""

    name: str
    kind: str


class Case(NamedTuple):
    """The Corefile as it is and as it would be, in this target, and the names that are looked up.

    A prover without real upstreams holds exactly those of these names that are absolute, by their kinds (`world` in probes.py).
    `version` is the CoreDNS release, None where nobody said; `to` the one that reads the text after the change, None for the same.
    """

    before: Corefile
    after: Corefile
    probes: tuple[Probe, ...]
    target: Target | None = None
    version: str | None = None
    to: str | None = None

    @property
    def reader(self) -> str | None:
        """The release that reads the text after the change."""
        return self.to or self.version

    @property
    def moves(self) -> bool:
        """Does another release read it then?"""
        return moves(self.version, self.to)


class Heard(NamedTuple):
    """What was answered: a row for each replica that was asked by itself (else one, named ""), with its answers before and after.

    `refused` is why CoreDNS does not load the candidate, with the place in it: then there are no rows. `transcript`: sentences on what was
    run and asked, and what could not be.
    """

    rows: tuple[tuple[str, Side, Side], ...]
    refused: str = ""
    transcript: tuple[str, ...] = ()


Prover = Callable[[Case, Sequence[Question]], Heard]
"""Raises UnavailableError. Whatever it starts or creates is gone when it returns or raises."""
