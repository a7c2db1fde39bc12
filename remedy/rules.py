"""What a rule is made of: Rule, Problem, Fix, and the choices that an operator has in how a fix is written.

A rule proposes edits and says whether they are safe; it never decides whether they are made. Safe = no lookup that succeeded before
can fail after, for any modelled client, and no comment is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Span
from remedy.corefile.tree import Corefile

Severity = Literal["error", "warning", "info"]
Safety = Literal["safe", "unsafe"]
Style = Literal["documented", "explicit", "minimal"]
STYLES: tuple[Style, ...] = ("documented", "explicit", "minimal")


class Choices(NamedTuple):
    """How fixes are written."""

    style: Style = "documented"


class Fix(NamedTuple):
    """One way to repair a problem: edits on the Corefile's text. `why` says what makes it unsafe."""

    title: str
    name: str
    edits: tuple[Edit, ...]
    safety: Safety
    why: str = ""


class Problem(NamedTuple):
    """What a rule's check found: the whole directive's place, a sentence, and the fix if there is one."""

    span: Span
    message: str
    fix: Fix | None = None


class Rule(NamedTuple):
    """A code, a name that says the pattern, and the check. Its documentation is the docstring of the module it stands in."""

    code: str
    name: str
    severity: Severity
    check: Callable[[Corefile, Choices], Iterator[Problem]]
