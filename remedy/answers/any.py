"""`any`: questions of type ANY get a HINFO record (RFC 8482), all others go on."""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Message, Outcome, Query, Record, sent
from remedy.answers.server import Next
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:  # noqa: ARG001
    return sent(Message("NOERROR", (Record("HINFO"),)), "any") if query.type_ == "ANY" else onward(query)
