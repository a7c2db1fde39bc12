"""The pages of rules, for a terminal and as Markdown; text is wrapped anew, examples stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import indent, wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remedy.page import Page

_COLUMNS = 80


def text(page: Page) -> str:
    """One page, 80 columns wide but for examples, which stand as a diff where there is something to use instead."""
    title = f"{page.code} {page.name} ({page.severity})"
    parts = [f"{title}\n", _wrapped(page.summary, "")]
    for name, words in _sections(page):
        parts.append(f"{name}\n" + (indent(words, "    ") if words == page.diff else _wrapped(words, "    ")))
    return "\n".join(parts)


def markdown(page: Page) -> str:
    """The same with headings; the example in a block of code."""
    parts = [f"# {page.code} {page.name}\n", f"Severity: {page.severity}\n", _wrapped(page.summary, "")]
    for name, words in _sections(page):
        code = f"```{'diff' if page.after else ''}\n{words}```\n"
        parts.append(f"## {name}\n\n" + (code if words == page.diff else _wrapped(words, "")))
    return "\n".join(parts)


def listed(pages: Iterable[Page]) -> str:
    """All rules, two lines or more each."""
    return "".join(f"{page.code}  {page.severity:7}  {page.name}\n{_wrapped(page.summary, '    ')}" for page in pages)


def table(pages: Iterable[Page]) -> str:
    """All rules as a Markdown table."""
    rows = (" | ".join((page.code, page.name, page.severity, page.summary.replace("|", "\\|"))) for page in pages)
    return "| code | name | severity | finds |\n|---|---|---|---|\n" + "".join(f"| {row} |\n" for row in rows)


def _sections(page: Page) -> Iterator[tuple[str, str]]:
    """With the example where a reader looks for it: behind what and why."""
    shown = not page.before
    for name, words in page.sections:
        if name == "Fix safety" and not shown:
            yield "Example", page.diff
            shown = True
        yield name, words
    if not shown:
        yield "Example", page.diff


def _wrapped(words: str, margin: str) -> str:
    """Paragraphs stay apart, and so do the points of a list."""
    paragraphs = (re.split(r"\n(?=[-*] )", paragraph) for paragraph in words.strip("\n").split("\n\n"))
    return "\n".join("".join(_filled(each, margin) for each in points) for points in paragraphs)


def _filled(words: str, margin: str) -> str:
    return "\n".join(wrap(words, _COLUMNS, initial_indent=margin, subsequent_indent=margin)) + "\n"
