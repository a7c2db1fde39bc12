"""Which releases of CoreDNS load a text, by the data on releases alone: no program is started.

The steps of a migration know it: what they call an error is what their release does not start with. That nothing is found is no promise,
for neither values nor the plugins of other makers are in that data.
"""

from __future__ import annotations

from remedy import releases, suppress
from remedy.answers.plugins import NEWEST
from remedy.corefile.lexer import line_and_column
from remedy.corefile.tree import Corefile
from remedy.rules import Choices
from rewrite_rules import RULES


def likely(corefile: Corefile) -> str:
    """The newest release that has as many of a text's plugins as any: a guess at what runs it, where nobody says.

    A text whose plugins are gone today runs somewhere, or nobody would move it. Neither rules nor documents are told this.
    """
    words = {plugin.name.text for _, plugin in corefile.walk()}
    if words <= releases.plugins(NEWEST):
        return NEWEST
    newest_first = [release.version for release in reversed(releases.releases())]
    return max(newest_first, key=lambda version: len(words & releases.plugins(version)))


def refused(corefile: Corefile, release: str) -> tuple[tuple[str, str], ...]:
    """What keeps a release that is known here from starting with a text: places and sentences, but for what a comment silences."""
    found = []
    for rule in RULES:
        if not rule.code.startswith("MIG"):
            continue
        for problem in rule.check(corefile, Choices(version=release)):
            wrong = (problem.severity or rule.severity) == "error" and not problem.span.file
            if wrong and suppress.reason(corefile, problem.span, rule.code) is None:
                line, column = line_and_column(corefile.text, problem.span.start)
                found.append((f"Corefile:{line}:{column}", problem.message))
    return tuple(found)
