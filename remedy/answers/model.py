"""What a Corefile answers, computed: server block, templates, and behind them a backend that holds exactly the names it is given.

CoreDNS runs plugins in the order of its build, never of the file: `template` always stands before kubernetes and forward. A plugin that
could change the answer and is not modelled here makes the whole answer unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from remedy.answers.plugins import PASSIVE
from remedy.answers.template import templates
from remedy.answers.zones import absolute, covers, port_of_key, scheme_of_key, variable, zone_of_key
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Corefile, Directive, ServerBlock

Kind = Literal["v4", "dual", "v6", "absent", "apex"]

_MODELLED = PASSIVE | {"template", "kubernetes", "forward"}
_HAS = {"A": ("v4", "dual"), "AAAA": ("v6", "dual")}


class Reply(NamedTuple):
    """`by` is the plugin that decides, "" for the server itself; where `unknown` gives a reason the rest means nothing."""

    rcode: str
    has_records: bool = False
    by: str = ""
    unknown: str = ""

    @property
    def verdict(self) -> str:
        """What a resolver sees: ok, nodata, or the rcode in lower case; `unknown` where the model cannot tell."""
        if self.unknown:
            return "unknown"
        return self.rcode.lower() if self.rcode != "NOERROR" else "ok" if self.has_records else "nodata"


def server_block(corefile: Corefile, name: str) -> ServerBlock | None:
    """The block whose zone is the longest match for an absolute name (core/dnsserver/server.go), among those that speak plain DNS.

    Where blocks listen on several ports, those on 53 are meant: it is what clients ask.
    """
    keyed = [(key.text, block) for block in corefile.blocks for key in block.keys if scheme_of_key(key.text) == "dns"]
    asked = [(key, block) for key, block in keyed if port_of_key(key) == "53"] or keyed
    zones = [(zone_of_key(key), block) for key, block in asked]
    matching = [(zone.count(".") if zone != "." else 0, -place, block) for place, (zone, block) in enumerate(zones) if covers(zone, name)]
    return max(matching, key=lambda match: match[:2])[2] if matching else None


def reply(corefile: Corefile, name: str, type_: str, world: Mapping[str, Kind], *, trusting: bool = False) -> Reply:
    """The answer to one question of class IN; `world` says for absolute names what kubernetes and the upstreams hold, others are absent.

    With `trusting`, what is not modelled is taken to pass the question on: for predictions that a live replica then confirms or refutes.
    """
    name = absolute(name)
    if corefile.unread and not trusting:
        return Reply("", unknown=f"the file that `import {corefile.unread[0].text}` reads is not at hand")
    if not trusting and any(variable(zone_of_key(key.text)) for block in corefile.blocks for key in block.keys):
        return Reply("", unknown="the zone of a server block is an environment variable")
    block = server_block(corefile, name)
    if block is None or not block.plugins:
        return Reply("REFUSED")
    if not trusting and (reason := _unmodelled(block, name)):
        return Reply("", unknown=reason)
    for template in templates(block):
        if not template.decides(type_, name):
            continue
        if reason := template.unknown or ("a `match` is not modelled" if template.has_match else ""):
            return Reply("", unknown=reason)
        if not template.answers(type_):
            return Reply("", unknown="an `answer` of another type is not modelled")
        return Reply(template.rcode, has_records=template.has_answer, by="template")
    for plugin in block.plugin("kubernetes"):
        zones = [absolute(zone.text) for zone in plugin.arguments] or [zone_of_key(key.text) for key in block.keys]
        if any(covers(zone, name) for zone in zones):
            return _held(world, name, type_, "kubernetes")
    for plugin in block.plugin("forward"):
        if plugin.arguments and covers(absolute(plugin.arguments[0].text), name) and not _excepted(plugin, name):
            return _held(world, name, type_, "forward")
    return Reply("SERVFAIL")


def kubernetes_zones(corefile: Corefile) -> list[str]:
    """The zones that the kubernetes plugin serves, reverse zones left out, in file order."""
    zones = [absolute(argument.text) for _, plugin in corefile.walk() if plugin.name.text == "kubernetes" for argument in plugin.arguments]
    return list(dict.fromkeys(zone for zone in zones if not zone.endswith(".arpa.")))


def _held(world: Mapping[str, Kind], name: str, type_: str, by: str) -> Reply:
    kind = world.get(name, "absent")
    return Reply("NXDOMAIN" if kind == "absent" else "NOERROR", kind in _HAS.get(type_, ()), by)


def _excepted(forward: Directive, name: str) -> bool:
    return any(covers(absolute(zone.text), name) for option in forward.option("except") for zone in option.arguments)


def _unmodelled(block: ServerBlock, name: str) -> str:
    """Why this block's answer cannot be computed, or nothing."""
    for plugin in block.plugins:
        word = plugin.name.text
        if any(variable(zone.text) for zone in _zones(plugin)):
            return f"the zones of `{word}` are an environment variable"
        if word not in _MODELLED and not (word == "hosts" and _passes(plugin, name)):
            return f"the plugin `{word}` is not modelled"
    return ""


def _zones(plugin: Directive) -> list[Token]:
    """The words of a modelled plugin that say which questions are its own."""
    if plugin.name.text == "forward":
        return [*plugin.arguments[:1], *(zone for option in plugin.option("except") for zone in option.arguments)]
    return list(plugin.arguments) if plugin.name.text in ("template", "kubernetes") else []


def _passes(hosts: Directive, name: str) -> bool:
    """Does a `hosts` block hand this name on? Its file is not read: the names asked for here stand in nobody's."""
    inline = {absolute(word.text) for option in hosts.options for word in option.arguments}
    return bool(hosts.option("fallthrough")) and not any(option.arguments for option in hosts.option("fallthrough")) and name not in inline
