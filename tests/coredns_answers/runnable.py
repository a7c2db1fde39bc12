"""A Corefile as it can run on loopback: other ports, other upstreams, and without what binds, dials out or needs a cluster.

The model reads the original text, so each of these changes has to leave the answers alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from remedy.answers.server import zones_of
from remedy.answers.zones import origins, port_of_key, scheme_of_key, variable
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from tests.coredns_answers.world import FILES, cluster_zone

# Gone: nothing here changes an answer of class IN over plain UDP.
_LEFT_OUT = frozenset((
    "bind", "health", "ready", "prometheus", "pprof", "reload", "loop", "trace", "dnstap", "transfer", "tls", "log", "errors", "debug",
    "geoip", "sign", "multisocket", "timeouts", "root",
))  # fmt: skip
RUNNING = frozenset((
    "template", "acl", "rewrite", "hosts", "file", "dns64", "any", "erratic", "whoami", "forward", "cache", "local", "minimal", "header",
    "chaos", "loadbalance", "nsid", "bufsize", "cancel", "metadata", "view", "autopath", "kubernetes",
))  # fmt: skip


class NotRunnable(Exception):
    """It cannot run here; the message says why."""


def runnable(corefile: Corefile, ports: Mapping[str, int], upstream: int, folder: Path) -> str:
    """The text to run; `ports` says where each port of the original is served instead."""
    if corefile.unread:
        raise NotRunnable("imports a file")
    return "".join(_block(corefile, block, ports, upstream, folder) for block in corefile.blocks)


def _block(corefile: Corefile, block: ServerBlock, ports: Mapping[str, int], upstream: int, folder: Path) -> str:
    keys = [key for key in block.keys if scheme_of_key(key.text) == "dns"]
    if not keys:
        return ""
    if len(keys) != len(block.keys):
        raise NotRunnable("serves another transport beside DNS")
    if any(variable(key.text) for key in keys):
        raise NotRunnable("uses the environment")
    shown = " ".join(f"{zone}:{ports[port_of_key(key.text)]}" for key in keys for zone in _zones(key.text))
    kept = [_plugin(corefile, block, plugin, upstream, folder) for plugin in block.plugins if plugin.name.text not in _LEFT_OUT]
    others = "" if any(kept) or not _answers(block) else " errors\n"  # a block without any plugin answers REFUSED
    return f"{shown} {{\n bind 127.0.0.1\n{others}{''.join(kept)}}}\n"


def _zones(key: str) -> tuple[str, ...]:
    host = key.removeprefix("dns://")
    return tuple(zone for zone in origins([host])) or (host,)


def _answers(block: ServerBlock) -> bool:
    return bool(
        {plugin.name.text for plugin in block.plugins}
        & {"loop", "log", "errors", "prometheus", "trace", "dnstap", "transfer", "geoip", "autopath"}
    )


def _plugin(corefile: Corefile, block: ServerBlock, plugin: Directive, upstream: int, folder: Path) -> str:
    word = plugin.name.text
    if word not in RUNNING:
        raise NotRunnable(f"needs the plugin {word}")
    if plugin.span.file or any(token.file for token in plugin.words()):
        raise NotRunnable("imports a file")
    if any(variable(token.text) for token in plugin.words()):
        raise NotRunnable("uses the environment")
    if word == "kubernetes":
        return _cluster(block, plugin, folder)
    if word == "forward":
        kept = [
            option
            for option in plugin.options
            if option.name.text in ("except", "next", "next_on_nodata", "policy", "max_fails", "failover")
        ]
        options = "".join(f"  {corefile.text[option.span.start : option.span.end]}\n" for option in kept)
        return f" forward {plugin.arguments[0].text} 127.0.0.1:{upstream} {{\n{options}  max_fails 0\n }}\n"
    if word == "autopath" and plugin.arguments[-1].text.startswith("@"):
        return ""  # who asks from loopback is no pod
    if word == "file" and plugin.arguments[0].text not in FILES:
        raise NotRunnable("needs a zone file")
    if (
        any(comment.start < plugin.span.end and plugin.span.start < comment.start for comment in corefile.comments)
        and "\r" in corefile.text
    ):
        raise NotRunnable("has comments that a copy would change")
    return f" {corefile.text[plugin.span.start : plugin.span.end]}\n"


def _cluster(block: ServerBlock, plugin: Directive, folder: Path) -> str:
    """A stand-in: the same names in zone files, at the next place of the chain."""
    if block.plugin("file"):
        raise NotRunnable("has kubernetes beside file")
    through = plugin.option("fallthrough")
    option = f"  fallthrough {' '.join(word.text for word in through[-1].arguments)}\n" if through else ""
    lines = []
    for zone in origins(word.text for word in plugin.arguments) or zones_of(block):
        name = f"cluster-{zone.strip('.') or 'root'}"
        (folder / name).write_text(cluster_zone(zone))
        lines.append(f" file {name} {zone} {{\n{option} }}\n")
    if not {each.name.text for each in block.plugins} & {"forward", "erratic", "whoami"}:  # the last of a chain, `file` refuses
        lines.append(" forward nobody.invalid 127.0.0.1:1\n")
    return "".join(lines)
