"""docs/rules.md, made from the rules' own pages and their fixtures: `python -m tests.rules` writes it, `--check` tells whether it is so.

Nothing in that file is written by hand; a sentence that is wrong is wrong in a rule, in an about.toml or in idioms.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from remedy.page import page
from remedy.rules import Rule
from rewrite_rules import RULES
from tests.rules.cases import FOLDER, Case, cases

PATH = Path(__file__).parents[2] / "docs" / "rules.md"
_HEAD = """\
# Rules

Made by `make rules` from the rules' own pages (`remedy explain CODE`) and their fixtures in fixtures/rules/. Each rule is shown on a real
CoreDNS: what it finds breaks a client, what its fix makes of it does not, and nothing else changes.

| code | name | severity | what is found | fixtures | look-alikes |
|---|---|---|---|---:|---:|
"""
_IDIOMS = """
## Ways to break AAAA

| in the Corefile | AAAA is answered | rule, or why there is none |
|---|---|---|
"""
_SHAPES = "\n## {code} {name}\n\n| fixture | shape | what remedy does |\n|---|---|---|\n"


def rendered() -> str:
    """The whole text."""
    return _HEAD + "".join(_rules()) + _IDIOMS + "".join(_idioms()) + "".join(_fixtures(rule) for rule in RULES)


def idioms() -> list[dict[str, str]]:
    """Every way that is known, with `rule` or `none`."""
    found: list[dict[str, str]] = tomllib.loads((FOLDER / "idioms.toml").read_text("utf-8"))["idiom"]
    return found


def _rules() -> Iterator[str]:
    for rule in RULES:
        mine = [case for case in cases() if case.code == rule.code]
        clean = sum(case.clean for case in mine)
        yield f"| {rule.code} | {rule.name} | {rule.severity} | {_cell(page(rule).summary)} | {len(mine) - clean} | {clean} |\n"


def _idioms() -> Iterator[str]:
    names = {rule.code: rule.name for rule in RULES}
    for each in idioms():
        rule = f"{each['rule']} {names[each['rule']]}" if "rule" in each else each["none"]
        yield f"| {_cell(each['what'])} | {_cell(each['aaaa'])} | {_cell(rule)} |\n"


def _fixtures(rule: Rule) -> str:
    mine = [case for case in cases() if case.code == rule.code]
    rows = (f"| {case.name.partition('-')[2]} | {_cell(case.about['source'])} | {_cell(_does(case))} |\n" for case in mine)
    return _SHAPES.format(code=rule.code, name=rule.name) + "".join(rows)


def _does(case: Case) -> str:
    """What the tests hold remedy to."""
    if case.clean:
        kept = f"a careless rewrite makes {case.about['changes']}" if "changes" in case.about else case.about["unchanged"]
        return f"leaves it alone: {kept}"
    if case.safety == "none":
        return "leaves it to a person"
    others = f"; or {', '.join(case.alternatives)}" if case.alternatives else ""
    (first, *_) = (finding.fix for finding in case.scan() if finding.code == case.code and finding.fix)
    return f"{case.safety} fix: {first.name}{others}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
