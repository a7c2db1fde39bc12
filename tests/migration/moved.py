"""remedy's migration of one text, as the tests need it: by the rules of version migration alone, from a string."""

from __future__ import annotations

from functools import cache

from remedy import engine
from remedy.engine import Repair
from remedy.registry import select
from remedy.rules import Choices, Rule
from remedy.sources.document import Document, Target, WholePart


@cache
def steps() -> tuple[Rule, ...]:
    return select(("MIG",)).rules


def moved(text: str, source: str, target: str, *, eager: bool = False, defaults: bool = False, unsafe: bool = False) -> Repair:
    """The text as `--to TARGET` makes it, with what was found; `unsafe` takes the unsafe fixes too."""
    document = Document(Target("file", "Corefile"), text, (WholePart(text),))
    choices = Choices(version=source, to=target, eager=eager, defaults=defaults)
    return engine.repair(document, steps(), choices, unsafe=unsafe)
