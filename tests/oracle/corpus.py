"""Corefiles that other people wrote, and those in which remedy and CoreDNS's parser were once found to differ."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.corefile.test_documentation import documented
from tests.oracle.ask import Case
from tests.oracle.golang import Token, tokens
from tests.testbed.build import COREDNS, module_dir

FIXTURES = Path(__file__).parents[2] / "fixtures"
FOUND = FIXTURES / "corefiles" / "oracle"
_VERB = re.compile(rb"%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]")


def fixtures() -> Iterator[tuple[str, Case]]:
    """Every Corefile of the project, by its path."""
    for path in sorted(FIXTURES.rglob("*Corefile")):
        if FOUND not in path.parents:
            yield str(path.relative_to(FIXTURES)), Case(path.read_bytes())


def found() -> Iterator[tuple[str, Case]]:
    """Where the two once differed; the name says what it was."""
    for about in sorted(FOUND.glob("*/about.toml")):
        folder = about.parent
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path != about}
        yield folder.name, Case(files.pop("Corefile"), files, tomllib.loads(about.read_text()).get("environment", {}))


def documentation() -> Iterator[tuple[str, Case]]:
    for place, text in documented().items():
        yield place, Case(text.encode())


def coredns_tests() -> tuple[list[tuple[str, Case]], list[str]]:
    """The Corefiles in CoreDNS's own tests; and the places of those that are no Corefile before something is put into them."""
    whole, verbs = [], []
    root = module_dir("github.com/coredns/coredns", f"v{COREDNS}") / "test"
    for path in sorted(root.glob("*_test.go")):
        for number, text in enumerate(_assigned(tokens(path.read_text()))):
            place = f"{path.name}:{number}"
            if _VERB.search(text):
                verbs.append(place)
            else:
                whole.append((place, Case(text)))
    return whole, verbs


def _assigned(words: list[Token]) -> Iterator[bytes]:
    """The literals behind `corefile :=` or `corefile =`, in any spelling of the name."""
    for name, sign, value in zip(words, words[1:], words[2:], strict=False):
        if isinstance(name, str) and name.lower().startswith("corefile") and sign in (":=", "=") and isinstance(value, bytes):
            yield value
