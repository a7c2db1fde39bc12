"""Which names are looked up in a validation, and what an operator asks for beside them."""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and this stands on the path of `diff`.
from collections.abc import Iterable
from typing import NamedTuple

from remedy.answers.message import Kind
from remedy.validate.prover import Probe


class Asking(NamedTuple):
    """What an operator adds to a validation: names (`--probe`), the nodes' own search domains (`--search`), whether every unknown counts
    (`--strict`), and the CoreDNS release that reads the Corefile, None where nobody said."""

    probes: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    strict: bool = False
    version: str | None = None


NOTHING = Asking()


def world(probes: Iterable[Probe]) -> dict[str, Kind]:
    """What a prover without real upstreams holds: the absolute names, by their kinds; a relative name exists by those it stands for."""
    return {name: kind for name, kind in probes if name.endswith(".")}  # type: ignore[misc]
