"""CFG009 erratic: the plugin erratic is for tests; it drops and delays questions on purpose.

What it does
    Finds the plugin *erratic*.

Why is this bad?
    It leaves every second question without a reply unless told otherwise, and answers the rest with addresses of its own making. musl fails
    as soon as one of its two questions is dropped.

Example
    erratic {
        drop 2
    }

Fix safety
    No fix: what should answer instead, a person has to say.

Sources
    CoreDNS plugin/erratic/erratic.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem
from rewrite_rules._scope import by_place, imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    for plugin, blocks in by_place((plugin, block) for block, plugin in corefile.walk() if plugin.name.text == "erratic"):
        message = "erratic drops, delays and makes up replies: it is for tests of clients, not for a cluster"
        yield Problem(plugin.span, message + imported(plugin, blocks))
