"""`python -m tests.oracle.fuzz --count N`: generated Corefiles, remedy against CoreDNS's own parser, with what the inputs covered.

The seed is printed; the same seed gives the same inputs. Exit code 1 if the two ever differ; each difference is printed as a case.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from remedy.corefile import files as corefiles
from remedy.corefile.expand import Expander, Settings
from remedy.corefile.parse import Terminal, grammar
from tests.oracle.agree import difference
from tests.oracle.ask import Case, ask, placed
from tests.oracle.generate import cases

_BATCH = 1000
_NAMES = re.compile(
    r" '.*'|(?<=snippet ).*|(?<=others: ).*|(?<=not found: ).*|(?<=pattern ).*(?=: syntax)|(?<=after ).*|/\S+(?=: )", re.DOTALL
)


class Outcome(NamedTuple):
    """What a run saw; `rules` counts the accepted inputs that used each expansion of the grammar."""

    count: int
    accepted: int
    refusals: Counter[str]
    rules: Counter[str]
    differences: list[tuple[Case, str]]


def compare(cases: Iterable[Case]) -> Outcome:
    refusals: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    differences = []
    count = accepted = 0
    source = iter(cases)
    while batch := list(islice(source, _BATCH)):
        count += len(batch)
        with placed(batch) as ready:
            for case, answer in zip(ready, ask(ready), strict=True):
                if said := difference(case, answer):
                    differences.append((case, said))
                elif answer.error:
                    refusals[_NAMES.sub(" …", answer.error.partition(" - ")[2])] += 1
                else:
                    rules.update(used(case))
                accepted += not answer.error
    return Outcome(count, accepted, refusals, rules, differences)


def used(case: Case) -> set[str]:
    """The expansions of grammar.lark that this case needs."""
    state = grammar().parse_interactive("")
    seen: set[str] = set()
    state.parser_state.parse_conf.callbacks = _Noting(state.parser_state.parse_conf.callbacks, seen)
    settings = Settings(f"{case.folder}/Corefile", corefiles.on_disk, case.environment, case.plugins)
    Expander(case.text.decode("utf-8", "surrogateescape"), lambda kind, token: state.feed_token(Terminal(kind, token)), settings).run()
    state.feed_eof()
    return seen


def expansions() -> set[str]:
    """All of them."""
    callbacks = grammar().parse_interactive("").parser_state.parse_conf.callbacks
    return {_name(rule) for rule in callbacks if hasattr(rule, "expansion")} - {"$root_corefile"}


class _Noting(dict[Any, Any]):
    """lark's callbacks by rule; notes which ones are called."""

    def __init__(self, callbacks: dict[Any, Any], seen: set[str]) -> None:
        super().__init__(callbacks)
        self._seen = seen

    def __getitem__(self, rule: Any) -> Any:
        self._seen.add(_name(rule))
        return super().__getitem__(rule)


def _name(rule: Any) -> str:
    return f"{rule.origin.name}: {' '.join(symbol.name for symbol in rule.expansion)}".removesuffix(": ")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    chosen = parser.parse_args()
    outcome = compare(cases(chosen.seed, chosen.count))
    print(f"seed {chosen.seed}: {outcome.count} inputs, {outcome.accepted} accepted ({outcome.accepted / outcome.count:.0%})")
    print(f"{len(outcome.differences)} disagreements")
    for name, hits in outcome.refusals.most_common():
        print(f"{hits:8} refused: {name}")
    for name in sorted(expansions()):
        print(f"{outcome.rules[name]:8} {name}")
    for case, said in outcome.differences:
        print(f"\n{case!r}\n{said[:2000]}")
    return bool(outcome.differences)


if __name__ == "__main__":
    sys.exit(main())
