"""`whoami`: success without an answer; what it tells stands in the additional section, where resolvers do not look."""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Message, Outcome, Query, sent
from remedy.answers.server import Next
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:  # noqa: ARG001
    return sent(Message("NOERROR", extra=True), "whoami")
