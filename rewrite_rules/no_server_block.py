"""CFG001 no-server-block: a Corefile without a server block is valid, and answers every question with nothing.

What it does
    Finds Corefiles that are empty, hold only comments, or only snippets that nothing imports.

Why is this bad?
    CoreDNS takes its built-in default instead: the plugins *whoami* and *log* for every name. Every A and AAAA question is answered NOERROR
    without an address. A reload to such a file reports success; no name resolves any more.

Example
    (forward) {
        forward . 192.0.2.53
    }

Fix safety
    No fix: which zones were meant, a person has to say. A snippet needs a server block that imports it.

Sources
    CoreDNS core/dnsserver/register.go (DefaultInput).
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.lexer import Span
from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    if not corefile.blocks and not corefile.unread:
        message = "there is no server block, so CoreDNS answers every question NOERROR without an address (plugin whoami)"
        end = len(corefile.text.rstrip())
        yield Problem(Span(corefile.text.rfind("\n", 0, end) + 1, end), message)
