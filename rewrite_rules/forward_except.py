"""CFG007 forward-except: the plugin forward leaves a zone out, and nothing else answers it.

What it does
    Finds zones behind `except` of *forward* that no other plugin of the server block and no other server block serves.

Why is this bad?
    The question goes to the next plugin. With none there, CoreDNS answers SERVFAIL for every type, and musl waits until its timeout.

Example
    forward . 192.0.2.53 {
        except corp.example
    }

Fix safety
    No fix: where the zone is answered, a person has to say. It needs a server block of its own, or another plugin in this one.

Sources
    CoreDNS plugin/forward/forward.go (match), plugin/plugin.go (NextOrFailure).
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.behind import behind
from remedy.answers.server import zones_of
from remedy.answers.template import templates
from remedy.answers.zones import covers, origins
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Problem
from rewrite_rules._denied import named
from rewrite_rules._scope import by_place, imported


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    found = [(option, block, zones) for block in corefile.blocks for option, zones in _left_out(corefile, block)]
    for option, blocks in by_place((option, block) for option, block, _ in found):
        zones = sorted({zone for each, _, zones in found if each.span == option.span for zone in zones})
        message = f"{named(zones)} are left out here, and nothing else answers them: SERVFAIL for every type"
        yield Problem(option.span, message + imported(option, blocks))


def _left_out(corefile: Corefile, block: ServerBlock) -> Iterator[tuple[Directive, list[str]]]:
    for forward in block.plugin("forward"):
        for option in forward.option("except"):
            zones = origins(word.text for word in option.arguments)
            lost = [zone for zone in zones if not _served(corefile, block, forward, zone)]
            if lost:
                yield option, lost


def _served(corefile: Corefile, block: ServerBlock, forward: Directive, zone: str) -> bool:
    elsewhere = any(covers(each, zone) and each != "." for other in corefile.blocks if other is not block for each in zones_of(other))
    here = any(each is not forward for each in behind(block, zone))
    template = any(covers(each, zone) and item.type_.text in ("A", "AAAA", "ANY") for item in templates(block) for each in item.zones)
    return elsewhere or here or template or not any(covers(each, zone) for each in zones_of(block))
