"""`erratic`: addresses for A and AAAA, SERVFAIL for the rest, and every so-manieth question dropped (plugin/erratic/erratic.go).

`drop 2` is the default, unless `delay` or `truncate` is given.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import SERVFAIL, Message, Outcome, Query, Record, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:  # noqa: ARG001
    for plugin in plugins:
        check(plugin)
    options = [option for plugin in plugins for option in plugin.options]
    drops = [option.arguments[0].text for option in options if option.name.text == "drop" and option.arguments]
    others = [
        option for option in options if option.name.text in ("delay", "truncate") and [word.text for word in option.arguments[:1]] != ["0"]
    ]
    drop = drops[-1] if drops else "0" if others else "2"
    if drop == "1":
        return Outcome("NOERROR")
    if drop != "0":
        raise Unknown("erratic")
    if query.type_ in ("A", "AAAA"):
        return sent(Message("NOERROR", (Record(query.type_),)), "erratic")
    return SERVFAIL
