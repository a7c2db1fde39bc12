"""MIG004 several-forwards: CoreDNS before 1.9.4 takes one `forward` in a server block, and does not start with more.

What it does
    Finds server blocks with several `forward` where the release that is to read the Corefile takes only one.

Why is this bad?
    CoreDNS refuses the whole Corefile: "this plugin can only be used once per Server Block".

Example
    .:53 {
        errors
        cache 30
        forward corp.example 192.0.2.1
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        errors
        cache 30
        forward . 192.0.2.53
    }
    corp.example:53 {
        errors
        cache 30
        forward . 192.0.2.1
    }

Releases
    1.15.0 to 1.8.0

Fix safety
    Safe where each but that for all names can have a server block of its own, with what the block did to its names, and for one that is
    never asked. Unsafe where a plugin of the block would not see those names any more, and for a second one for the same names.

Sources
    CoreDNS plugin/forward/setup.go at 1.9.3 (plugin.ErrOnce) and 1.9.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.server import zones_of
from remedy.answers.zones import covers
from remedy.corefile.edit import Edit
from remedy.corefile.lines import without, word
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import imported, whole
from rewrite_rules.migrate._move import move_of
from rewrite_rules.migrate._stub import Immovable, cut, dead, moved, placed, zone_of

_AGAIN = "it is asked where the first one passes a question on, and no more then"


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or move.at_least("1.9.4"):
        return
    said = f"CoreDNS {move.reader} does not start with this Corefile: before 1.9.4 a server block holds one forward"
    seen = set()
    for block in corefile.blocks:
        forwards = block.plugin("forward")
        kept = next((each for each in forwards if all(covers(zone_of(each) or "none", zone) for zone in zones_of(block))), None)
        for forward in forwards if len(forwards) > 1 else ():
            if forward is not kept and forward.span not in seen:
                seen.add(forward.span)
                fix = _fix(corefile, block, forward, forwards)
                message = said + imported(forward, [block])
                yield Problem(
                    forward.span, message if isinstance(fix, Fix) else f"{message}; {fix}", (fix,) if isinstance(fix, Fix) else ()
                )


def _fix(corefile: Corefile, block: ServerBlock, forward: Directive, forwards: list[Directive]) -> Fix | str:
    """The fix, or why a person has to write it."""
    if not whole(corefile, forward) or not forward.arguments:
        return "its words stand in several places"
    before = forwards[: forwards.index(forward)]
    if dead(corefile, block, forward, before):
        return Fix("delete it, since it is never asked", "delete", (without(corefile, forward),), "safe")
    try:
        text, why = moved(corefile, block, forward, [word(corefile, forward.arguments[0], ".")])
        edits: tuple[Edit, ...] = (cut(corefile, forward), placed(corefile, block, [text]))
        return Fix("give its zone a server block", "split", edits, "unsafe" if why else "safe", why)
    except Immovable as reason:
        if before and any(zone_of(each) == zone_of(forward) for each in before):
            return Fix("delete it", "delete", (without(corefile, forward),), "unsafe", _AGAIN)
        return str(reason)
