"""`minimal`: a positive reply keeps its answer only; denials, errors and referrals pass as they are (plugin/minimal/minimal.go)."""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Outcome, Query, classify
from remedy.answers.server import Next
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:  # noqa: ARG001
    outcome = onward(query)
    message = outcome.message
    if outcome.error or message is None:
        return outcome._replace(message=None)
    if classify(message, onward.context.version) == "success":
        message = message._replace(soa=False, delegates=False, extra=False)
    return outcome._replace(rcode="NOERROR", message=message)
