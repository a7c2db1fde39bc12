"""`python -m tests.clients.newer_musl`: the live tests once more with musl 1.2.5, and the table for docs/resolvers.md.

Not part of the tests: the compiler that brings this musl is 411 MB. It ends with 1 if anything differs from what remedy computes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.clients import programs
from tests.clients.cases import VERDICTS, situations
from tests.clients.observed import Observed, differences, observe
from tests.testbed import build

CLIENT = "musl>=1.2.4"
_SHORT = {"EAI_NONAME": "-2", "EAI_AGAIN": "-3", "EAI_NODATA": "-5"}


def main() -> int:
    if reason := programs.unable():
        print(f"newer_musl: {reason}", file=sys.stderr)
        return 2
    asked = situations((CLIENT,))
    with tempfile.TemporaryDirectory() as folder:
        folders = {each.name: Path(folder, str(number)) for number, each in enumerate(asked)}
        for path in folders.values():
            path.mkdir()
        seen = observe(asked, folders, {CLIENT: str(build.newer_musl_getaddrinfo())})
    wrong = [line for each in asked for line in differences(each, CLIENT, seen[each.name])]
    print(f"{sum(len(each.cases) for each in asked)} lookups, {len(wrong)} differ from what remedy computes\n")
    print("".join(wrong), end="")
    print(table(seen[asked[0].name]))
    return 1 if wrong else 0


def table(seen: dict[str, Observed]) -> str:
    """A by AAAA: 46, 4, 6 for the addresses that came, else the code; ~ if a whole timeout went by."""
    rows = [f"| A \\ AAAA | {' | '.join(VERDICTS)} |", f"| --- |{' --- |' * len(VERDICTS)}"]
    for a in VERDICTS:
        cells = [_cell(seen[f"musl-unspec-{a}-{aaaa}.lab"]) for aaaa in VERDICTS]
        rows.append(f"| {a} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(seen: Observed) -> str:
    found = "".join({"A": "4", "AAAA": "6"}[type_] for type_ in seen.types)
    return (found or _SHORT.get(seen.outcome, seen.outcome)) + ("~" if seen.seconds > 0.9 else "")


if __name__ == "__main__":
    sys.exit(main())
