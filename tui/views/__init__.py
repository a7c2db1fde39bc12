"""What screens show, as pure functions from data to lines; a screen only holds them.

A role is a colour, and never says what a sign or a word does not say too.
"""

from __future__ import annotations

import textwrap

from remedy.mask import visible
from tui.paint import Line


def sentence(words: str, columns: int, *, first: str = "", rest: str = "", role: str = "") -> list[Line]:
    """As many lines as it needs, with a hanging indent; what a terminal would obey is spelled out, secrets are masked."""
    found: list[Line] = []
    for paragraph in visible(words).split("\n"):
        start = rest if found else first
        broken = textwrap.wrap(paragraph, max(columns, 20), initial_indent=start, subsequent_indent=rest, break_on_hyphens=False)
        found += [((each, role),) for each in broken or [""]]
    return found
