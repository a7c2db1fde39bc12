"""`make migration-reality`: migrations between all releases that can be built, each result loaded by the release it is for.

A Markdown table for docs/migration.md. Building the twelve programs takes a quarter of an hour, once per machine; the exit code is 1 where
a release refuses a text and remedy did not say so.
"""

from __future__ import annotations

import argparse
import sys

from tests.migration.generate import corefiles
from tests.migration.loading import refused
from tests.migration.moved import moved
from tests.testbed.build import coredns

RELEASES = ("1.4.0", "1.6.9", "1.7.1", "1.8.0", "1.8.7", "1.9.4", "1.10.1", "1.11.4", "1.12.4", "1.13.2", "1.14.7", "1.15.0")


def cell(source: str, target: str, texts: list[str]) -> tuple[int, int, int]:
    """How many are loaded with the safe fixes alone, how many more with the unsafe ones, and how many are refused without a word."""
    safe = [moved(text, source, target) for text in texts]
    first = refused([repair.text for repair in safe], target)
    left = list(first)
    second = refused([moved(texts[number], source, target, unsafe=True).text for number in left], target)
    silent = [number for number in left if not any("does not start" in finding.message for finding in safe[number].left)]
    return len(texts) - len(first), len(first) - len(second), len(silent)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.migration.reality", description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="generated Corefiles for each release (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for version in RELEASES:
        coredns(version)
    print(f"| from \\ to | {' | '.join(RELEASES)} |\n|---|{'---:|' * len(RELEASES)}", flush=True)
    unsaid = 0
    for source in RELEASES:
        texts = list(corefiles(chosen.count, source, chosen.seed))
        assert refused(texts, source) == {}, "the generator writes what the release does not load"
        row = []
        for target in RELEASES:
            if source == target:
                row.append("")
                continue
            loaded, unsafe, silent = cell(source, target, texts)
            unsaid += silent
            rest = len(texts) - loaded - unsafe
            row.append(f"{loaded}" + f" +{unsafe}" * bool(unsafe) + f" −{rest}" * bool(rest))
        print(f"| {source} | {' | '.join(row)} |", flush=True)
    return 1 if unsaid else 0


if __name__ == "__main__":
    sys.exit(main())
