"""MIG014 refused-use: the release that is to read this Corefile knows every word of it, and refuses how one is used.

What it does
    Finds values, arguments and neighbours that other releases take and this one does not: arguments of `any` and `local` (refused since
    1.14.4), a jitter of 0s (before 1.14.2), `k8s_external` without kubernetes (since 1.11.0), upstreams of a kind that `forward` does not
    know there, and more.

Why is this bad?
    CoreDNS refuses the whole Corefile.

Example
    any example.org
    forward . 192.0.2.53

Use instead
    any
    forward . 192.0.2.53

Releases
    1.14.3 to 1.15.0

Fix safety
    Safe where the word did nothing, or the nearest that the release takes stands in its place. Everything else is left to a person.

Sources
    CoreDNS plugin/*/setup.go of the releases that are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from remedy import releases
from remedy.answers.zones import scheme_of_key, variable
from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Token
from remedy.corefile.lines import after, without_block, without_options, word
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._later import Wrong, later
from rewrite_rules.migrate._listeners import SERVED, listeners
from rewrite_rules.migrate._move import Move, instead_of, known_anywhere, move_of

# Plugins that looked at no word of their block that they do not know, and since when they do; ready did before 1.12.2, too.
_STRICT = {"chaos": "1.14.4", "trace": "1.14.4", "local": "1.14.5", "ready": "1.14.4"}
_ADDRESS = re.compile(r"[0-9.]+(:[0-9]+)?|[\[\]0-9a-fA-F:.%]+|/.*|\.\.?/.*")
_KINDS = {"https": "1.14.5", "quic": "1.15.0", "tls": "1.0.0", "dns": "1.0.0"}  # since when forward takes them


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    head = f"CoreDNS {move.reader} does not start with this Corefile: "
    for plugin, blocks in by_place((plugin, block) for block, plugin in corefile.walk()):
        if any(variable(token.text) for token in plugin.words()):
            continue
        for wrong in _wrong(corefile, move, plugin, blocks[0]):
            fix = Fix(wrong.title, "use", wrong.edits, "safe") if wrong.edits and whole(corefile, plugin) else None
            yield Problem(wrong.span, head + wrong.said + imported(plugin, blocks), (fix,) if fix else ())
    for span, said in listeners(corefile, move):
        yield Problem(span, head + said, ())
    for block in corefile.blocks:
        for key in block.keys:
            since = SERVED.get(scheme_of_key(key.text))
            if since and not move.at_least(since):
                yield Problem(
                    key.span, f"CoreDNS {move.reader} does not serve {scheme_of_key(key.text)}:// (before {since})", (), "warning"
                )


def _wrong(corefile: Corefile, move: Move, plugin: Directive, block: ServerBlock) -> Iterator[Wrong]:
    name = plugin.name.text
    yield from _alone(corefile, move, plugin)
    yield from later(corefile, move, plugin)
    if name in _STRICT and (move.at_least(_STRICT[name]) or (name == "ready" and not move.at_least("1.12.2"))):
        for option in plugin.options:
            if option.name.text not in _options(move, plugin) and not known_anywhere(name, option.name.text):
                said = f"{name} has no {option.name.text}, which other releases pass over"
                yield Wrong(option.span, said, without_options(corefile, plugin, [option]), f"delete {option.name.text}")
    if name == "k8s_external" and move.at_least("1.11.0") and not block.plugin("kubernetes") and not corefile.unread:
        yield Wrong(plugin.span, "k8s_external needs the plugin kubernetes in its server block since 1.11.0")
    if name == "health" and not move.at_least("1.6.6") and len(block.keys) > 1:
        yield Wrong(plugin.span, "before 1.6.6 health listens once for each key of its server block, which the second time is refused")
    if name == "secondary" and move.at_least("1.12.2") and not _froms(plugin) and not plugin.option("catalog"):
        yield Wrong(plugin.span, "secondary needs `transfer from` since 1.12.2")
    if name == "reload" and not move.at_least("1.14.2") and [each.text for each in plugin.arguments[1:]] in (["0s"], ["0"]):
        yield Wrong(plugin.span, "reload takes a jitter of 0s since 1.14.2 only", (word(corefile, plugin.arguments[1], "1s"),), "write 1s")
    if name == "multisocket" and move.at_least("1.13.2") and any(_over(each, 1024) for each in plugin.arguments[:1]):
        edit = word(corefile, plugin.arguments[0], "1024")
        yield Wrong(plugin.span, "multisocket takes no more than 1024 sockets since 1.13.2", (edit,), "write 1024")
    if name == "dns64" and move.at_least("1.15.0"):
        prefixes = [*plugin.arguments, *(each for option in plugin.option("prefix") for each in option.arguments)]
        yield from (
            Wrong(plugin.span, f"the prefix {each.text} of dns64 has no length of RFC 6052, which 1.15.0 asks for")
            for each in prefixes
            if each.text.endswith(("/72", "/80", "/88"))
        )
    if name == "kubernetes" and not move.at_least("1.3.0"):
        for option in plugin.option("ttl"):
            if option.arguments and option.arguments[0].text in ("0", "1", "2", "3", "4"):
                edit = word(corefile, option.arguments[0], "5")
                yield Wrong(option.span, "the ttl of kubernetes is 5 or more before 1.3.0", (edit,), "write 5")
    yield from _cache(corefile, move, plugin)
    yield from _files(corefile, move, plugin)
    if name == "forward":
        yield from _upstreams(move, plugin)


def _alone(corefile: Corefile, move: Move, plugin: Directive) -> Iterator[Wrong]:
    """Arguments and blocks of plugins that take none."""
    name = plugin.name.text
    if name in ("any", "local") and move.at_least("1.14.4") and (plugin.arguments or (plugin.opening and not _options(move, plugin))):
        edit = without_block(corefile, plugin, plugin.name.end)
        if _options(move, plugin):
            edit = Edit(plugin.name.end, plugin.head.end, "", plugin.span.file)
        said = f"{name} takes no arguments since 1.14.4; before, they were passed over"
        yield Wrong(plugin.span, said, (edit,) if edit else (), f"write {name} alone")
    words = [each.text for each in plugin.arguments]
    if name == "loadbalance" and len(words) == 1 and move.at_least("1.2.0") and words[0] not in (*_options(move, plugin), "weighted"):
        edit = Edit(plugin.name.end, plugin.head.end, "", plugin.span.file)
        yield Wrong(plugin.span, f"loadbalance has no {words[0]}; before 1.2.0 every word was taken", (edit,), "write loadbalance alone")


def _options(move: Move, plugin: Directive) -> frozenset[str]:
    return releases.options(move.reader, plugin.name.text) or frozenset()


def _froms(plugin: Directive) -> list[Directive]:
    return [option for option in plugin.option("transfer") if [each.text for each in option.arguments[:1]] == ["from"]]


def _over(number: Token, limit: int) -> bool:
    return number.text.isdecimal() and int(number.text) > limit


def _cache(corefile: Corefile, move: Move, plugin: Directive) -> Iterator[Wrong]:
    if plugin.name.text != "cache":
        return
    for option in plugin.options:
        name, words = option.name.text, option.arguments
        if name in ("success", "denial") and len(words) > 2 and not move.at_least("1.2.3"):
            edit = Edit(words[1].end, words[2].end, "", words[2].file)
            yield Wrong(option.span, f"{name} of cache takes no lowest TTL before 1.2.3", (edit,), "leave it out")
        if name == "serve_stale" and len(words) > 2 and not move.at_least("1.14.4"):
            edit = Edit(words[1].end, words[2].end, "", words[2].file)
            yield Wrong(option.span, "serve_stale verify takes no timeout before 1.14.4", (edit,), "leave it out")
        if name == "keepttl" and plugin.arguments[1:] and move.reader in ("1.10.1", "1.11.0"):
            said = "cache takes no keepttl beside zones in 1.10.1 and 1.11.0"
            yield Wrong(option.span, said, without_options(corefile, plugin, [option]), "delete keepttl")


def _files(corefile: Corefile, move: Move, plugin: Directive) -> Iterator[Wrong]:
    if plugin.name.text == "file" or (plugin.name.text == "auto" and move.at_least("1.8.7")):
        for option in plugin.option("reload"):
            if not option.arguments:
                edit = Edit(option.name.end, option.name.end, " 1m", option.name.file)
                yield Wrong(option.span, f"reload of {plugin.name.text} needs a time", (edit,), "write the default")
    for option in plugin.option("directory") if plugin.name.text == "auto" else ():
        words = option.arguments
        if len(words) == 4 and words[3].text.isdecimal() and move.at_least("1.5.0"):
            edits = [Edit(words[2].end, words[3].end, "", words[3].file)]
            if not plugin.option("reload") and len(plugin.options) > 0:
                never = instead_of(move, "auto", "no_reload")
                edits.append(after(corefile, option, f"reload {words[3].text}s" if words[3].text.strip("0") else never))
            yield Wrong(option.span, "directory of auto takes no number since 1.5.0: it is the option reload", tuple(edits), "write reload")
        if len(words) == 2 and move.at_least("1.5.1"):
            yield Wrong(option.span, "an expression of directory needs a template behind it since 1.5.1")


def _upstreams(move: Move, plugin: Directive) -> Iterator[Wrong]:
    for option in plugin.option("failover"):
        if any(each.text == "NOERROR" for each in option.arguments) and move.at_least("1.13.2"):
            yield Wrong(option.span, "failover of forward takes no NOERROR since 1.13.2")
    for each in plugin.arguments[1:]:
        scheme, found, host = each.text.rpartition("://")
        since = _KINDS.get(scheme, "")
        old = scheme == "https" and not move.at_least("1.6.9")
        if found and not old and (not since or not move.at_least(since)):
            yield Wrong(plugin.span, f"forward takes no upstream {scheme}://" + (f" before {since}" if since else ""))
        elif "%" in host and not move.at_least("1.6.7"):
            behind = "name of a server" if scheme == "tls" else "name of an interface"
            yield Wrong(plugin.span, f"forward takes no {behind} behind % before 1.6.7")
        elif not move.at_least("1.14.4") and _name(host.partition("%")[0]):
            yield Wrong(plugin.span, f"forward takes no name as an upstream before 1.14.4: {each.text}")


def _name(host: str) -> bool:
    """Is it the name of a host, and neither an address nor a file?"""
    return not _ADDRESS.fullmatch(host) and not host.endswith(".conf") and ("." in host or host.isalnum())
