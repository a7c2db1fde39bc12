"""A rule's page, read from its documentation: a sentence, sections, and the example as a diff.

The docstring of the rule's module is the only source: `CODE name: sentence.`, then titles at its left edge with indented text below them.
`Example` and `Use instead` hold plugins of one server block, in front of a forward, or a whole Corefile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import dedent, indent
from typing import Any, NamedTuple

from remedy.answers.plugins import ORDER
from remedy.diff import unified
from remedy.rules import Rule

EXAMPLE, INSTEAD = "Example", "Use instead"


class Page(NamedTuple):
    """`sections` are titles with their text, in the order of the docstring, without the example; `before` and `after` may be ""."""

    code: str
    name: str
    severity: str
    summary: str
    sections: tuple[tuple[str, str], ...]
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The lines of the example, marked as in a diff; just the example where nothing is to be used instead."""
        if not self.after:
            return self.before
        lines = unified(self.before, self.after, "Corefile").splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(("--- ", "+++ ", "@@ ")))

    def to_data(self) -> dict[str, Any]:
        """One of the rules of the document `remedy.explain/1`."""
        plain = {name: getattr(self, name) for name in ("code", "name", "severity", "summary")}
        example = {"before": self.before, "after": self.after or None, "diff": self.diff if self.after else None}
        sections = [{"title": title, "text": text} for title, text in self.sections]
        return {**plain, "sections": sections, "example": example if self.before else None}


def page(rule: Rule) -> Page:
    """The page of a rule."""
    head, *rest = re.split(r"\n+(?=\S)", rule.doc)
    sections: dict[str, str] = {}
    for part in rest:
        title, _, text = part.partition("\n")
        if text.strip():
            sections[title.strip()] = dedent(text).strip("\n") + "\n"
        else:  # a sentence of more than one line
            head += "\n" + title
    _, _, summary = " ".join(head.split()).partition(": ")
    before, after = sections.pop(EXAMPLE, ""), sections.pop(INSTEAD, "")
    return Page(rule.code, rule.name, rule.severity, summary[:1].upper() + summary[1:], tuple(sections.items()), before, after)


def whole(example: str) -> str:
    """An example as a Corefile: plugins are put in a server block for all names, with a forward behind them if there is none."""
    words = [line.split()[0] for line in example.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not words or words[0] not in ORDER:
        return example
    behind = "" if "forward" in words else "    forward . 192.0.2.53\n"
    return f".:53 {{\n{indent(example, '    ')}{behind}}}\n"


def to_data(rules: Iterable[Rule]) -> dict[str, Any]:
    """The document `remedy.explain/1`."""
    return {"schema": "remedy.explain/1", "rules": [page(rule).to_data() for rule in rules]}
