"""CFG090 suppression-without-reason: a comment is to silence a finding, and silences nothing.

What it does
    Finds `# remedy: ignore` comments that name no code, or give no reason.

Why is this bad?
    Whoever wrote it believes that the finding is silenced; it is not. The reason is for those who read the Corefile later: without one
    nobody can tell whether the finding was looked at, or is in the way.

Example
    # remedy: ignore AAAA001
    template ANY AAAA {
        rcode NXDOMAIN
    }

Fix safety
    There is no fix: only a person knows the reason. Write it behind the code: `# remedy: ignore AAAA001 no name here has an address`.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy import suppress
from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem


def check(corefile: Corefile, _: Choices) -> Iterator[Problem]:
    for comment in corefile.comments:
        said = suppress.read(corefile.source(comment))
        if said is None or (said.codes and said.reason):
            continue
        missing = f"the reason is missing behind {','.join(said.codes)}" if said.codes else "it names no code"
        yield Problem(comment, f"this comment suppresses nothing: {missing}; write: # remedy: ignore CODE reason")
