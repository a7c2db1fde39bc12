"""`acl`: the first policy that fits type and client address decides; without one the question goes on (plugin/acl/acl.go).

Of a directive that serves the name and has no policy that fits, the next directive is tried; nothing is blocked by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from remedy.answers.message import Message, Outcome, Query, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check, own_zones
from remedy.answers.zones import covers
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    for plugin in plugins:
        check(plugin)
        if not any(covers(zone, query.name) for zone in own_zones(plugin, onward)):
            continue
        action = next((found for policy in plugin.options if (found := _action(policy, query.type_, onward.context.client))), "")
        if action == "allow":
            break
        if action == "drop":
            return Outcome("NOERROR")
        if action:
            return sent(Message("REFUSED" if action == "block" else "NOERROR", extra=onward.context.version >= (1, 10, 0)), "acl")
    return onward(query)


def sections_of(policy: Directive) -> dict[str, list[str]]:
    """The types and the networks that a policy names; what it does not name, it does not limit."""
    sections: dict[str, list[str]] = {}
    section = ""
    for word in (argument.text for argument in policy.arguments):
        if word.lower() in ("type", "net"):
            section = word.lower()
            sections.setdefault(section, [])
        else:
            sections.setdefault(section, []).append(word)
    return sections


def _action(policy: Directive, type_: str, client: str) -> str:
    """The policy's action, if it is about this type and this client."""
    sections = sections_of(policy)
    types = sections.get("type", ["*"])
    if "*" not in types and type_ not in types:
        return ""
    networks = sections.get("net", ["*"])
    if "*" not in networks:
        if not client:
            raise Unknown("acl-client")
        address = ip_address(client.partition("%")[0])
        try:
            if not any(address in ip_network(network, strict=False) for network in networks):
                return ""
        except ValueError:
            raise Unknown("words", "acl") from None
    return policy.name.text.lower()
