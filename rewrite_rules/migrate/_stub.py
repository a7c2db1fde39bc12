"""A server block of its own for a zone that some server of a block is asked for: before 1.9.4 a block holds one `forward` only.

The plugin proxy asked the one of its servers with the longest zone, whatever stood first; forwards ask in the order of the file. In blocks
of their own it is again the longest zone that decides. What else the block does with such names goes with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.behind import overlap
from remedy.answers.server import zones_of
from remedy.answers.zones import covers, longest, origins, port_of_key, scheme_of_key, variable
from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import Token
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from rewrite_rules._scope import whole

# What a block does with every name that passes through it.
_ALONG = (
    "root", "metadata", "cancel", "tls", "nsid", "bufsize", "bind", "debug", "prometheus", "errors", "log", "dnstap", "local", "dns64",
    "any", "chaos", "loadbalance", "tsig", "rewrite", "acl", "cache", "header", "minimal", "template", "hosts", "loop", "erratic",
    "kubernetes", "file", "auto", "secondary", "etcd",
)  # fmt: skip
_ONCE = (
    "reload",
    "ready",
    "health",
    "pprof",
    "trace",
    "shed",
    "multisocket",
    "timeouts",
    "on",
    "startup",
    "shutdown",
    "federation",
    "autopath",
)
_ZONES = {"template": 2, "hosts": 1, "kubernetes": 0, "file": 1, "auto": 0, "secondary": 0, "etcd": 0}  # arguments in front of the zones
_NAMED = ("k8s_external", "transfer", "dnssec")  # they do not go along, and are about the zones that they name
_OWN = ("kubernetes", "file", "auto", "secondary", "etcd")  # without zones they serve those of their server block
_PASSING = ("except", "next", "next_on_nodata", "failover")  # with these a forward leaves questions to the next one
FORWARDERS = ("forward", "proxy", "grpc")


class Immovable(Exception):
    """Why a person has to write the server block."""


def zone_of(forwarder: Directive) -> str:
    """The zone that a forward or a proxy is for; "" where nobody can tell."""
    words = [word.text for word in forwarder.arguments[:1]]
    zones = origins(words) if words and not variable(words[0]) else ()
    return zones[0] if len(zones) == 1 else ""


def dead(corefile: Corefile, block: ServerBlock, forwarder: Directive, before: Sequence[Directive]) -> bool:
    """Is it never asked, since one of these takes all of its names?"""
    zone = zone_of(forwarder)
    taken = any(zone_of(each) and covers(zone_of(each), zone) and not any(each.option(word) for word in _PASSING) for each in before)
    return bool(zone) and (taken or (not _keys(corefile, block, zone) and not any(covers(zone, each) for each in zones_of(block))))


def moved(corefile: Corefile, block: ServerBlock, forwarder: Directive, edits: Sequence[Edit]) -> tuple[str, str]:
    """The text of the new server block, the forwarder in it with these edits; and what may be lost. Immovable where it cannot be done."""
    zone, file = zone_of(forwarder), forwarder.span.file
    first, closing = block.keys[0], block.closing
    if not zone or closing is None or any(variable(key.text) for key in block.keys):
        raise Immovable("a word is a variable, or the server block has no braces")
    inside = first.file == file == closing.file and first.start < forwarder.span.start < forwarder.span.end <= closing.start
    if not inside or not whole(corefile, forwarder) or forwarder.closing is closing:
        raise Immovable("it stands in a snippet or an imported file")
    if any(covers(zone, each) for each in zones_of(block)):
        raise Immovable(f"the server block serves names of {zone} only")
    keys = _keys(corefile, block, zone)
    if not keys:
        raise Immovable("another server block answers its zone")
    text = corefile.texts[file]
    newline = "\r\n" if text[: closing.end + 2].endswith("\r\n") or "\r\n" in text[first.start : closing.start] else "\n"
    indent = _indent(text, forwarder.span.start)
    along = [each for each in block.plugins if each.name.text in _ALONG and _concerns(each, zone)]
    lines = [line for each in along for line in _copied(corefile, each, indent)]
    outer = _indent(text, first.start)
    body = _own(corefile, forwarder, edits)
    return f"{outer}{' '.join(keys)} {{{newline}" + "".join(
        f"{line}{newline}" for line in lines
    ) + f"{indent}{body}{newline}{outer}}}", _lost(corefile, block, zone)


def above(corefile: Corefile, other: Directive, forwarder: Directive, edits: Sequence[Edit]) -> Edit:
    """The forwarder's own lines, with these edits, above another one of its server block."""
    text, start = corefile.texts[other.span.file], other.span.start
    comments = corefile.comments_of(other).above
    start = comments[0].start if comments else start
    if other.span.file != forwarder.span.file or text[text.rfind("\n", 0, start) + 1 : start].strip(" \t"):
        raise Immovable("other words share its line")
    newline = "\r\n" if "\r\n" in text else "\n"
    return Edit(start, start, _own(corefile, forwarder, edits) + newline + _indent(text, start), other.span.file)


def placed(corefile: Corefile, block: ServerBlock, texts: Sequence[str]) -> Edit:
    """New server blocks behind this one, its last comment included."""
    assert block.closing is not None
    file, place = block.closing.file, block.closing.end
    text = corefile.texts[file]
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    newline = "\r\n" if "\r\n" in text else "\n"
    stop = end - 1 if text[end - 1 : end] == "\r" else end
    return Edit(stop, stop, "".join(newline + each for each in texts), file)


def _own(corefile: Corefile, forwarder: Directive, edits: Sequence[Edit]) -> str:
    """The forwarder's own lines, from its first comment to the last behind it."""
    span, text = forwarder.span, corefile.texts[forwarder.span.file]
    comments = corefile.comments_of(forwarder)
    start = comments.above[0].start if comments.above else span.start
    end = comments.behind[-1].end if comments.behind else span.end
    return apply(text[start:end], (Edit(each.start - start, each.end - start, each.new) for each in edits)).rstrip("\r")


def cut(corefile: Corefile, forwarder: Directive) -> Edit:
    """The forwarder's own lines taken out, comments and all: they stand in the new server block."""
    span, text = forwarder.span, corefile.texts[forwarder.span.file]
    comments = corefile.comments_of(forwarder)
    start = text.rfind("\n", 0, comments.above[0].start if comments.above else span.start) + 1
    end = comments.behind[-1].end if comments.behind else span.end
    if text[start : comments.above[0].start if comments.above else span.start].strip(" \t"):
        raise Immovable("other words share its line")
    after = text.find("\n", end)
    if after < 0 or text[end:after].strip(" \t\r"):
        raise Immovable("other words share its line")
    return Edit(start, after + 1, "", span.file)


def _keys(corefile: Corefile, block: ServerBlock, zone: str) -> list[str]:
    """The keys of the new server block: the zone with the scheme and the port of each key by which the block is asked for it."""
    every = [(_listener(key), each) for other in corefile.blocks for key in other.keys for each in zones_of(ServerBlock((key,), ()))]
    keys = []
    for key in block.keys:
        nearest = longest((each for listener, each in every if listener == _listener(key)), zone)
        if nearest != zone and nearest in zones_of(ServerBlock((key,), ())):
            scheme, found, port = key.text.rpartition("://")[0], "://" in key.text, key.text.rpartition(":")[2]
            suffix = f":{port}" if port.isdecimal() else ""
            keys.append(f"{scheme}://{zone.rstrip('.')}{suffix}" if found else f"{zone.rstrip('.')}{suffix}")
    return list(dict.fromkeys(keys))


def _listener(key: Token) -> tuple[str, str]:
    return scheme_of_key(key.text), port_of_key(key.text)


def _concerns(plugin: Directive, zone: str) -> bool:
    skipped = _ZONES.get(plugin.name.text)
    words = [word.text for word in plugin.arguments[skipped:]] if skipped is not None else []
    if not words:
        return plugin.name.text not in _OWN
    return any(overlap(each, zone) for each in origins(words))


def _copied(corefile: Corefile, directive: Directive, indent: str) -> list[str]:
    """A directive again, without its comments: they stand where they stood."""
    words = " ".join(corefile.source(word.span) for word in (directive.name, *directive.arguments))
    if directive.opening is None or directive.opening is directive.name:
        return [f"{indent}{words}"]
    text, first = corefile.texts[directive.span.file], directive.options[0].name if directive.options else directive.name
    own, deeper = _indent(text, directive.span.start), _indent(text, first.start) if first.file == directive.span.file else ""
    step = indent + (deeper.removeprefix(own) if deeper.startswith(own) and deeper != own else "\t" if indent.endswith("\t") else "    ")
    inner = [line for option in directive.options for line in _copied(corefile, option, step)]
    return [f"{indent}{words} {{", *inner, f"{indent}}}"]


def _lost(corefile: Corefile, block: ServerBlock, zone: str) -> str:
    """Which plugin of the block would no longer see these names; empty if none."""
    for plugin in block.plugins:
        name = plugin.name.text
        goes_along = name in _ALONG and (name not in _OWN or plugin.arguments[_ZONES[name] :])
        zones = origins(word.text for word in plugin.arguments) if name in _NAMED else ()
        elsewhere = zones and not any(overlap(each, zone) for each in zones)
        if not goes_along and not elsewhere and name not in (*_ONCE, *FORWARDERS):
            return f"{name} of the server block does not see names of {zone.rstrip('.')} any more"
    if corefile.unread:
        return "what the server block imports and is not at hand does not see its names any more"
    return ""


def _indent(text: str, place: int) -> str:
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return line[: len(line) - len(line.lstrip(" \t"))]
