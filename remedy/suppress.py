"""Comments that silence a finding: `# remedy: ignore AAAA001 reason`, above its directive or at the end of one of its lines.

A comment without a reason silences nothing: whoever reads it in a year has to be told why.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from remedy.corefile.lexer import Span
from remedy.corefile.tree import Corefile

_IGNORE = re.compile(r"#\s*remedy:\s*ignore\b[\s:]*((?:[A-Z]+[0-9]+(?:\s*,\s*|\b))*)[\s:-]*(.*)", re.DOTALL)


class Ignore(NamedTuple):
    """What a comment says: the codes that it silences, and why; either may be empty."""

    codes: tuple[str, ...]
    reason: str


def read(comment: str) -> Ignore | None:
    """The comment's words, or None if it is any other comment."""
    found = _IGNORE.fullmatch(comment.strip())
    return found and Ignore(tuple(re.findall(r"\w+", found[1])), found[2].strip())


def reason(corefile: Corefile, span: Span, code: str) -> str | None:
    """Why a finding of this code is to stay: the words of a comment on its lines or directly above them."""
    near = corefile.comments_at(span)
    for comment in (*near.above, *near.inside, *near.behind):
        said = read(corefile.source(comment))
        if said is not None and said.reason and code in said.codes:
            return said.reason
    return None
