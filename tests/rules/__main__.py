"""`python -m tests.rules`: write docs/rules.md anew, or with `--check` say whether it is up to date."""

from __future__ import annotations

import sys

from tests.rules.table import PATH, rendered

if sys.argv[1:] == ["--check"]:
    sys.exit(PATH.read_text("utf-8") != rendered() and "docs/rules.md is out of date: make rules")
PATH.write_text(rendered(), "utf-8")
