"""What a Corefile answers, computed: server block, the chain of its plugins, and behind them the names that are said to exist.

The upstreams and kubernetes hold exactly these names, and a name above one of them exists without records. Where an answer depends on
anything else it is unknown, with the reason: a wrong prediction is worse than none.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from remedy.answers.message import Kind, Query
from remedy.answers.plugins import NEWEST, version_of
from remedy.answers.reasons import Unknown
from remedy.answers.server import Context, listening, serve
from remedy.answers.template import refused
from remedy.answers.zones import absolute, variable, zone_of_key
from remedy.corefile.tree import Corefile

__all__ = ["NEWEST", "Kind", "Reply", "kubernetes_zones", "replies", "reply"]

_NAME = re.compile(r"(?:[-_*/0-9a-z]{1,63}\.)+|\.")


class Reply(NamedTuple):
    """`by` is the plugin that decides, "" for the server itself; where `unknown` gives a reason the rest means nothing.

    `has_records` means records of the type that was asked for, `other_records` those of another (an alias); without an rcode no reply
    comes at all.
    """

    rcode: str
    has_records: bool = False
    by: str = ""
    unknown: str = ""
    has_soa: bool = False
    other_records: bool = False

    @property
    def verdict(self) -> str:
        """What a resolver sees: ok, nodata, drop for silence, or the rcode in lower case; `unknown` where the model cannot tell."""
        if self.unknown:
            return "unknown"
        if not self.rcode:
            return "drop"
        return self.rcode.lower() if self.rcode != "NOERROR" else "ok" if self.has_records else "nodata"


def reply(
    corefile: Corefile,
    name: str,
    type_: str,
    world: Mapping[str, Kind],
    *,
    trusting: bool = False,
    version: str = NEWEST,
    client: str = "",
    files: Mapping[str, str] | None = None,
    port: str = "",
) -> Reply:
    """The answer to one question of class IN over UDP, without EDNS.

    `world` says for absolute names what kubernetes and the upstreams hold; `version` is the CoreDNS release; `client` the address that
    asks; `files` the text of hosts and zone files by path (None: those beside the Corefile); `port` the one that is asked, 53 or the
    only one. With `trusting`, what is not modelled is taken to pass the question on: for predictions that a live replica then confirms or
    refutes.
    """
    context = Context((), world, version_of(version), client, corefile.files if files is None else files, trusting, {})
    return _answers(corefile, context, [(name, type_)], port)[0]


def replies(
    corefile: Corefile, asked: Sequence[tuple[str, str]], world: Mapping[str, Kind], *, version: str = NEWEST
) -> dict[tuple[str, str], Reply]:
    """The answers to many questions, each a name and a type, with the files beside the Corefile; faster than a `reply` for each."""
    context = Context((), world, version_of(version), "", corefile.files, trusting=False, chains={})
    return dict(zip(asked, _answers(corefile, context, asked, ""), strict=True))


def _answers(corefile: Corefile, context: Context, asked: Sequence[tuple[str, str]], port: str) -> list[Reply]:
    try:
        if corefile.unread and not context.trusting:
            raise Unknown("import", corefile.unread[0].text)
        if not context.trusting and any(variable(zone_of_key(key.text)) for block in corefile.blocks for key in block.keys):
            raise Unknown("key-variable")
    except Unknown as unknown:
        return [Reply("", by=unknown.plugin, unknown=str(unknown))] * len(asked)
    if refused(corefile):
        return [Reply("")] * len(asked)  # CoreDNS does not start with it
    if not corefile.blocks:
        return [Reply("NOERROR", by="whoami")] * len(asked)  # CoreDNS's own default
    ports = listening(corefile)
    wanted = [port] if port else ["53"] if "53" in ports else list(ports)
    contexts = [context._replace(keyed=ports.get(each, ())) for each in wanted]
    return [_answer(contexts, absolute(name), type_) for name, type_ in asked]


def _answer(contexts: Sequence[Context], name: str, type_: str) -> Reply:
    """The one answer that all ports give."""
    try:
        if len(name) > 254 or not _NAME.fullmatch(name):
            raise Unknown("name")
        found = {_reply(each, Query(name, type_)) for each in contexts} or {Reply("REFUSED")}
        if len(found) > 1 and not contexts[0].trusting:
            raise Unknown("ports")
        return found.pop() if len(found) == 1 else _reply(contexts[0], Query(name, type_))
    except Unknown as unknown:
        return Reply("", by=unknown.plugin, unknown=str(unknown))


def _reply(context: Context, query: Query) -> Reply:
    if len(context.keyed) > 1 and not context.trusting:
        binds = {tuple(word.text for plugin in block.plugin("bind") for word in plugin.words()) for _, block in context.keyed}
        if len(binds) > 1:
            raise Unknown("bind", plugin="bind")
    outcome = serve(context, query)
    message = outcome.sent
    if message is None:
        return Reply("", by=outcome.by)
    asked = [record for record in message.answer if query.type_ in (record.type_, "ANY")]
    others = len(asked) < len(message.answer)
    return Reply(message.rcode, bool(asked), message.by, has_soa=message.soa, other_records=others)


def kubernetes_zones(corefile: Corefile) -> list[str]:
    """The zones that the kubernetes plugin serves, those of its server block if it names none; in file order, without reverse zones."""
    zones = []
    for block, plugin in corefile.walk():
        if plugin.name.text == "kubernetes":
            named = [absolute(argument.text) for argument in plugin.arguments]
            zones += named or [zone_of_key(key.text) for key in block.keys]
    return list(dict.fromkeys(zone for zone in zones if zone != "." and not zone.endswith(".arpa.")))
