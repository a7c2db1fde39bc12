"""`minimal`: a positive reply keeps its answer only; denials, errors and referrals pass as they are (plugin/minimal/minimal.go)."""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import SERVFAIL, Outcome, Query, classify
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:  # noqa: ARG001
    outcome = onward(query)
    message, version = outcome.message, onward.context.version
    if outcome.error or message is None:
        if not outcome.error and outcome.rcode != "SERVFAIL" and version < (1, 15):
            if version > (1, 10, 1):
                raise Unknown("minimal-version")
            return SERVFAIL  # it panicked where nothing was written
        return outcome._replace(message=None)
    if classify(message, version) == "success":
        message = message._replace(soa=False, delegates=False, extra=False)
    return outcome._replace(rcode="NOERROR", message=message)
