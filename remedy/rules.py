"""What a rule is made of: Rule, Problem, Fix, and the choices that an operator has in how a fix is written.

A rule proposes edits and says whether they are safe; it never decides whether they are made. Safe = no lookup that succeeded before
can fail after, for any modelled client, and no comment is lost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Span
from remedy.corefile.tree import Corefile

Severity = Literal["error", "warning", "info"]
Safety = Literal["safe", "unsafe"]
Style = Literal["documented", "explicit", "minimal"]
STYLES: tuple[Style, ...] = ("documented", "explicit", "minimal")


class Choices(NamedTuple):
    """How fixes are written, and for what: `version` is the CoreDNS that the text runs on (None: the newest), `search` are domains that
    clients search beside those of the cluster, `chosen` names the fix that is wanted for a code or for a finding's id. `to` is the release
    that it should run on (None: no migration); then `eager` replaces what is only deprecated there, and `defaults` adds what became usual.
    """

    style: Style = "documented"
    soa: bool = False
    version: str | None = None
    search: tuple[str, ...] = ()
    chosen: Mapping[str, str] = MappingProxyType({})
    to: str | None = None
    eager: bool = False
    defaults: bool = False

    @property
    def reader(self) -> str | None:
        """The release that reads what is written: the one to come, else the one that runs; None: nobody said, so the newest."""
        return self.to or self.version


class Fix(NamedTuple):
    """One way to repair a problem: edits on the Corefile's text. `why` says what makes it unsafe."""

    title: str
    name: str
    edits: tuple[Edit, ...]
    safety: Safety
    why: str = ""


class Problem(NamedTuple):
    """What a rule's check found: the whole directive's place, a sentence, the ways to repair it, and a severity other than the rule's.

    The first fix is the one that is proposed, the others are alternatives to choose by name; no two have the same name.
    """

    span: Span
    message: str
    fixes: tuple[Fix, ...] = ()
    severity: Severity | None = None


class Rule(NamedTuple):
    """A code, a name that says the pattern, and the check. Its documentation is the docstring of the module it stands in."""

    code: str
    name: str
    severity: Severity
    check: Callable[[Corefile, Choices], Iterator[Problem]]

    @property
    def doc(self) -> str:
        """The rule's page, as it stands in its module."""
        __import__(self.check.__module__)  # a rule's module may not be loaded before its check is run
        return (sys.modules[self.check.__module__].__doc__ or "").strip()
