"""`local`: localhost and its reverse zones (plugin/local/local.go).

Names that begin with the label localhost are answered as well; those that end in it are too, in newer versions.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Message, Outcome, Query, Record, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check
from remedy.answers.zones import covers
from remedy.corefile.tree import Directive

_ZONES = ("localhost.", "0.in-addr.arpa.", "127.in-addr.arpa.", "255.in-addr.arpa.")


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    for plugin in plugins:
        check(plugin)
    name, type_ = query
    version = onward.context.version
    below = name.endswith(".localhost.")
    prefixes = [word.text for plugin in plugins for option in plugin.option("localhost_prefix") for word in option.arguments]
    begins = name.startswith("localhost.") and name != "localhost."
    if (below or (begins and prefixes)) and (1, 10, 1) < version < (1, 15):
        raise Unknown("local-version")
    if version >= (1, 15) and prefixes[-1:] == ["off"]:  # older ones read no options and did not say so
        begins = False
    if begins or (below and version >= (1, 15)) or name == "localhost.":
        addresses = type_ in ("A", "AAAA")
        return sent(Message("NOERROR", (Record(type_),) if addresses else (), soa=not addresses), "local")
    if not any(covers(zone, name) for zone in _ZONES):
        return onward(query)
    if name == "1.0.0.127.in-addr.arpa." and type_ == "PTR":
        return sent(Message("NOERROR", (Record("PTR"),)), "local")
    exists = name in _ZONES or name == "1.0.0.127.in-addr.arpa."
    return sent(Message("NOERROR" if exists else "NXDOMAIN", soa=True), "local")
