"""make releases-check: remedy/releases.toml against the source of every release, from the Go proxy.

The proxy does not have all of them; `--git FOLDER`, a clone of CoreDNS's repository, stands in for those that are missing. With `--ask` the
releases' own programs are asked instead, built where they are not yet (from 1.6.9 on).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from remedy import releases

from . import derive


def main() -> int:
    """Prints what disagrees; 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.releases", description=__doc__)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="the releases to check; all if none is given")
    parser.add_argument("--git", metavar="FOLDER", type=Path, help="a clone of CoreDNS's repository")
    parser.add_argument("--ask", action="store_true", help="ask the programs of these releases")
    given = parser.parse_args()
    if given.ask:
        return _asked(given.versions)
    wanted = given.versions or [release.version for release in releases.releases()]
    wrong, unread = 0, []
    with tempfile.TemporaryDirectory() as scratch:
        for version in wanted:
            folder = _folder(version, given.git, Path(scratch) / version)
            if folder is None:
                unread.append(version)
                continue
            found = derive.disagreements(version, folder)
            wrong += len(found)
            print("\n".join(f"{version}: {line}" for line in found) or f"{version}: agrees")
    print(f"{len(wanted) - len(unread)} of {len(wanted)} releases read, {wrong} disagreements")
    if unread:
        print(f"not to be had from the Go proxy: {' '.join(unread)}; give --git FOLDER")
    return 1 if wrong else 0


def _asked(versions: Sequence[str]) -> int:
    """What these releases' programs say against the data."""
    from . import asking

    wrong = 0
    for version in versions:
        found = asking.disagreements(version) + asking.refusals(version)
        wrong += len(found)
        print("\n".join(f"{version}: {line}" for line in found) or f"{version}: agrees")
    return 1 if wrong else 0


def _folder(version: str, git: Path | None, scratch: Path) -> Path | None:
    """The release's source: from the proxy, or from the clone."""
    try:
        return derive.source(version)
    except RuntimeError:
        if git is None:
            return None
    scratch.mkdir()
    archive = subprocess.run(
        ["git", "-C", str(git), "archive", f"v{version}", "core", "plugin", "plugin.cfg"], capture_output=True, timeout=120
    )
    subprocess.run(["tar", "-x", "-C", str(scratch)], input=archive.stdout, check=True, timeout=120)
    return scratch


if __name__ == "__main__":
    sys.exit(main())
