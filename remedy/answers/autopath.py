"""`autopath`: a name of the client's search path is tried with the path's other zones until one is not NXDOMAIN (plugin/autopath).

The search path is that of the asking pod, or of a file. A reply to the first name that is no NXDOMAIN is the answer whatever the path is.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Outcome, Query, Record
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check, file_text, normal
from remedy.answers.zones import covers, origins
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    plugin = plugins[-1]
    check(plugin)
    words = [argument.text for argument in plugin.arguments]
    zones = origins(words[:-1]) if words[1:] else onward.served
    if not words or not any(covers(zone, query.name) for zone in zones):
        return onward(query)
    if words[-1].startswith("@"):
        return _of_a_pod(words[-1][1:], query, onward)
    text = file_text(words[-1], onward)
    if text is None:
        raise Unknown("autopath")
    search = _search(text)
    if not search or not covers(search[0], query.name):
        return onward(query)
    if query.name == search[0] or "." in search:
        raise Unknown("autopath")
    return _walk(query, search, onward)


def _search(text: str) -> list[str]:
    """The last `search` or `domain` line of a resolv.conf (miekg/dns clientconfig.go)."""
    found: list[str] = []
    for line in text.split("\n"):
        word, *rest = line.partition("#")[0].partition(";")[0].split() or [""]
        if word == "search":
            found = [normal(zone) for zone in rest]
        elif word == "domain" and rest:
            found = [normal(rest[0])]
    return found


def _walk(query: Query, search: list[str], onward: Next) -> Outcome:
    base = query.name[: -len(search[0])].rstrip(".")
    first: Outcome | None = None
    for zone in [*search, ""]:
        name = f"{base}.{zone}"
        outcome = onward(Query(name, query.type_))
        if outcome.error:
            return outcome
        first = first or outcome
        message = outcome.message
        if message is None and outcome.written and onward.context.version < (1, 15):
            raise Unknown("autopath")  # it panicked in some versions
        if not outcome.written or message is None or message.rcode == "NXDOMAIN":
            continue
        answer = message.answer
        if answer and (name != query.name or any(record.foreign for record in answer)):
            answer = (Record("CNAME", name), *answer)
        return outcome._replace(message=message._replace(answer=answer))
    assert first is not None
    return first if first.written else Outcome(first.rcode)


def _of_a_pod(word: str, query: Query, onward: Next) -> Outcome:
    """Every pod has a search path of its own: below `svc` in a cluster zone the name may be the first of it."""
    providers = onward.block.plugin(word)
    if word != "kubernetes":
        raise Unknown("autopath")
    pods = [argument.text for plugin in providers for option in plugin.option("pods") for argument in option.arguments]
    if pods[-1:] != ["verified"]:
        return onward(query)
    inside = [zone for plugin in providers for zone in (origins(a.text for a in plugin.arguments) or onward.served)]
    zone = max((each for each in inside if covers(each, query.name)), key=len, default="")
    labels = query.name[: -len(zone)].rstrip(".").split(".") if zone and query.name != zone else []
    if labels[-1:] != ["svc"] or len(labels) < 2:
        return onward(query)
    outcome = onward(query)
    message = outcome.message
    if len(labels) == 2 or outcome.error or not outcome.written or message is None or message.rcode == "NXDOMAIN":
        raise Unknown("autopath")
    return outcome
