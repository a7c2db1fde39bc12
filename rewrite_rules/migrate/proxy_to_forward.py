"""MIG003 proxy-to-forward: the plugin proxy is gone since 1.5.0, and CoreDNS does not start with it; `forward` takes its place.

What it does
    Finds `proxy` where the release that is to read the Corefile has none; with `--eager` from 1.4.0 on, where it is deprecated.

Why is this bad?
    CoreDNS refuses the whole Corefile: "Unknown directive 'proxy'".

Example
    .:53 {
        errors
        cache 30
        proxy corp.example 192.0.2.1
        proxy . 192.0.2.53 {
            policy first
            protocol dns force_tcp
            fail_timeout 5s
        }
    }

Use instead
    .:53 {
        errors
        cache 30
        forward . 192.0.2.53 {
            policy sequential
            force_tcp
        }
    }
    corp.example:53 {
        errors
        cache 30
        forward . 192.0.2.1
    }

Releases
    1.3.1 to 1.15.0

Options
    `except`, `max_fails` and `policy` with random, round_robin and sequential stay; `policy first` is sequential. `protocol dns force_tcp`
    is force_tcp. The interval of `health_check` stays, its path goes: forward asks over DNS. `protocol grpc` makes it the plugin grpc.
    `fail_timeout`, `policy least_conn` and `spray` have no counterpart: a server that does not answer is asked again by the health check,
    the servers are chosen at random, and if all of them are down, one is asked all the same.
    Several of them in a server block: each but that for all names gets a server block of its own, with what the block did to its names.
    Where that cannot be, they stay: from 1.9.4 on several may, in the order of the file, so the longer zone is put above the shorter one.

Fix safety
    Safe. Unsafe where a plugin of the server block would not see the names of the new one any more, and for `protocol https_google` before
    1.2.0: its servers were never asked.

Sources
    CoreDNS 1.4.0 plugin/proxy/upstream.go, proxy.go (match); plugin/forward/setup.go (one a server block before 1.9.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from remedy import releases, suppress
from remedy.answers.plugins import version_of
from remedy.answers.server import zones_of
from remedy.answers.zones import covers, variable
from remedy.corefile.edit import Edit
from remedy.corefile.lines import without, without_block, word
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem, Severity
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import Move, move_of, status
from rewrite_rules.migrate._stub import FORWARDERS, Immovable, above, cut, dead, moved, placed, zone_of

_SEVERAL = "1.9.4"  # the first release that takes several forwards in a server block
_OVER_GRPC = ("grpc", "except", "policy")  # what grpc knows of forward's options
_GOOGLE = "before 1.2.0 protocol https_google asked a service of Google's over HTTPS, and never the servers that are named"


class _Step(NamedTuple):
    """What becomes of one proxy: its edits, a server block of its own ("" if none), what has no counterpart, what makes it unsafe."""

    edits: tuple[Edit, ...]
    block: str
    dropped: tuple[str, ...]
    why: str
    obstacle: str = ""


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    line = status(move, "proxy")
    gone = "proxy" not in releases.plugins(move.reader)
    if not gone and not (choices.eager and line):
        return
    steps: dict[object, _Step] = {}
    for block in corefile.blocks:
        for plugin in block.plugin("proxy"):
            steps.setdefault(plugin.span, _step(corefile, block, plugin, move))
    for plugin, blocks in by_place((plugin, block) for block in corefile.blocks for plugin in block.plugin("proxy")):
        yield _problem(corefile, move, plugin, blocks, steps, gone=gone)


def _problem(
    corefile: Corefile, move: Move, plugin: Directive, blocks: list[ServerBlock], steps: dict[object, _Step], *, gone: bool
) -> Problem:
    """One proxy; its fix makes those of the whole server block, since they may depend on each other."""
    mine = steps[plugin.span]
    state = "has no plugin proxy any more and does not start with this Corefile" if gone else "deprecates the plugin proxy"
    message = f"CoreDNS {move.reader} {state}: forward takes its place"
    if mine.dropped:
        message += f"; without a counterpart: {', '.join(mine.dropped)}"
    message += imported(plugin, blocks)
    severity: Severity | None = None if gone else "info"
    if mine.obstacle:
        return Problem(plugin.span, f"{message}; {mine.obstacle}, so it has to be written by hand", (), severity)
    others = blocks[0].plugin("proxy") if len(blocks) == 1 else []
    left = {each.span for each in others if steps[each.span].obstacle or suppress.reason(corefile, each.span, "MIG003")} - {plugin.span}
    together = [steps[each.span] for each in others if each.span not in left] or [mine]
    edits = [edit for step in together for edit in step.edits]
    new = [step.block for step in together if step.block]
    if new:
        edits.append(placed(corefile, blocks[0], new))
    why = next((step.why for step in together if step.why), "")
    title = "write forward" + (", and a server block for each zone" if new else "")
    fix = Fix(title, "forward", tuple(dict.fromkeys(edits)), "unsafe" if why else "safe", why)
    return Problem(plugin.span, message, (fix,), severity)


def _step(corefile: Corefile, block: ServerBlock, plugin: Directive, move: Move) -> _Step:
    if not whole(corefile, plugin) or len(plugin.arguments) < 2:
        return _Step((), "", (), "", "its words stand in several places")
    others = [each for each in block.plugins if each.name.text in FORWARDERS and each is not plugin]
    earlier = [
        each for each in block.plugins[: block.plugins.index(plugin)] if each.name.text == "proxy" and zone_of(each) == zone_of(plugin)
    ]
    if dead(corefile, block, plugin, [*earlier, *(each for each in others if each.name.text == "forward")]):
        return _Step((without(corefile, plugin),), "", ("all of it, since it is never asked",), "")
    edits, dropped, why = _written(corefile, plugin, move)
    whole_block = all(covers(zone_of(plugin) or "none", zone) for zone in zones_of(block))
    if not others or whole_block or (variable(plugin.arguments[0].text) and not others):
        return _Step(edits, "", dropped, why)
    try:
        text, lost = moved(corefile, block, plugin, [*edits, word(corefile, plugin.arguments[0], ".")])
        if not lost or not move.at_least(_SEVERAL):
            return _Step((cut(corefile, plugin),), text, dropped, why or lost)
    except Immovable as reason:
        if not move.at_least(_SEVERAL):
            return _Step((), "", dropped, "", str(reason))
    if _over_grpc(plugin) and any(covers(zone_of(each) or "none", zone_of(plugin)) and not _over_grpc(each) for each in others):
        return _Step((), "", dropped, "", "forward is asked before grpc, whatever stands first")
    return _Step(_in_order(corefile, block, plugin, edits), "", dropped, why)


def _in_order(corefile: Corefile, block: ServerBlock, plugin: Directive, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """It stays in the server block, above those that would take its names: forwards are asked in the order of the file."""
    earlier = [each for each in block.plugins[: block.plugins.index(plugin)] if each.name.text == "proxy" and zone_of(each)]
    wider = next((each for each in earlier if zone_of(plugin) and covers(zone_of(each), zone_of(plugin))), None)
    if wider is None:
        return edits
    try:
        return (cut(corefile, plugin), above(corefile, wider, plugin, edits))
    except Immovable:
        return edits


def _written(corefile: Corefile, plugin: Directive, move: Move) -> tuple[tuple[Edit, ...], tuple[str, ...], str]:
    """The edits that make it a forward (or a grpc) where it stands, what is dropped, and what makes that unsafe."""
    name, why = "forward", ""
    edits: list[Edit] = []
    dropped: list[str] = []
    kept = 0
    grpc = _over_grpc(plugin)
    for option in plugin.options:
        words = [each.text for each in (option.name, *option.arguments)]
        new, lost = _option(words)
        if grpc and new and new.partition(" ")[0] not in _OVER_GRPC:
            new, lost = "", " ".join(words)
        if new.startswith("grpc"):
            if "grpc" not in releases.plugins(move.reader):
                why = f"CoreDNS {move.reader} has no plugin that asks over gRPC: the servers are asked over plain DNS"
                new, lost = "", "protocol grpc"
            else:
                name, new = "grpc", new[5:]
        if lost:
            dropped.append(lost)
        if lost.startswith("protocol https_google") and move.source and version_of(move.source) < (1, 2, 0):
            why = _GOOGLE
        if new and new != corefile.source(option.head):
            edits.append(Edit(option.head.start, option.head.end, new, option.head.file))
        elif not new:
            edits.append(without(corefile, option))
        kept += bool(new)
    collapsed = without_block(corefile, plugin, plugin.head.end)
    if plugin.opening is not None and not kept and not corefile.comments_in(plugin.span) and collapsed:
        edits = [collapsed]
    return (word(corefile, plugin.name, name), *edits), tuple(dropped), why


def _over_grpc(plugin: Directive) -> bool:
    return plugin.name.text == "grpc" or any(
        [each.text for each in option.arguments[:1]] == ["grpc"] for option in plugin.option("protocol")
    )


def _option(words: list[str]) -> tuple[str, str]:
    """What is written instead, "" for nothing, and what is lost by it."""
    match words:
        case ["policy", "first"]:
            return "policy sequential", ""
        case ["policy", "least_conn"]:
            return "", "policy least_conn"
        case ["fail_timeout", *_]:
            return "", " ".join(words)
        case ["spray", *_]:
            return "", ""
        case ["health_check", path, interval]:
            return f"health_check {interval}", f"the path {path} of health_check"
        case ["health_check", path]:
            return "", f"health_check {path}"
        case ["protocol", "dns", "force_tcp"]:
            return "force_tcp", ""
        case ["protocol", "dns"]:
            return "", ""
        case ["protocol", "grpc", "insecure"]:
            return "grpc ", ""
        case ["protocol", "grpc", *rest]:
            return "grpc " + " ".join(["tls", *rest]), ""
        case ["protocol", *_]:
            return "", " ".join(words)
    return " ".join(words), ""
