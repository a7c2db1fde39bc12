"""The Corefiles that are compared: those of the rules' fixtures, of CoreDNS's documentation, and generated ones."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ParseError
from tests.coredns_answers.generated import corefile
from tests.corefile.test_documentation import documented

GENERATED = 400
_FIXTURES = Path(__file__).parents[2] / "fixtures"


class Case(NamedTuple):
    """Where it comes from, and what it says."""

    name: str
    corefile: Corefile


def corpus(generated: int = GENERATED, *, old: bool = False) -> list[Case]:
    """All that remedy can read and that has a server block; `old`: for releases that lack newer options."""
    texts = {f"generated {number}": corefile(number, old=old) for number in range(generated)}
    for path in sorted(_FIXTURES.glob("**/*.Corefile")):
        name = str(path.relative_to(_FIXTURES))
        if not name.startswith(("migration/", "rules/MIG")):  # each of these is for a release of its own
            texts[name] = path.read_bytes().decode("utf-8", "surrogateescape")
    texts |= documented()
    found = []
    for name, text in texts.items():
        try:
            tree = parse(text)
        except ParseError:
            continue
        if tree.blocks:
            found.append(Case(name, tree))
    return found
