"""`dns64`: where AAAA has no address, the A records are asked for and answered as AAAA (plugin/dns64/dns64.go).

Only a denial of the name stops it: NXDOMAIN without an SOA does so from 1.14.5 on, errors never do.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Outcome, Query, Record, classify
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    for plugin in plugins:
        check(plugin)
    client, version = onward.context.client, onward.context.version
    asked = query.type_ == "AAAA"
    v4 = any(plugin.option("allow_ipv4") for plugin in plugins)
    if not asked or (client and ":" not in client and not v4):
        return onward(query)
    outcome = onward(query)
    message = outcome.message
    if message is None:
        return outcome
    if message.rcode == "NXDOMAIN" and classify(message, version) == "denial":
        return outcome
    everything = any(plugin.option("translate_all") for plugin in plugins)
    if not everything and any(record.type_ == "AAAA" for record in message.answer):
        return outcome
    if not client and not v4:
        raise Unknown("dns64-client")
    if outcome.rewritten:
        raise Unknown("dns64-rewrite")
    reply = onward.lookup(query._replace(type_="A"))
    if reply is None:
        return Outcome("SERVFAIL", error=True)
    if reply.rcode != "NOERROR" and version < (1, 15):
        if version > (1, 10, 1):
            raise Unknown("dns64-version")
        reply = reply._replace(rcode="NOERROR")  # the rcode of the A reply was not taken over
    answer = tuple(Record("AAAA") if record.type_ == "A" else record for record in reply.answer)
    return Outcome("NOERROR", reply._replace(answer=answer, by="dns64"))
