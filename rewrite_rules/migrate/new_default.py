"""MIG011 new-default: what became usual between two releases and is not in this Corefile.

What it does
    Names plugins and options that newer releases have in their default Corefile: `loop` beside a forward, `ready` beside kubernetes,
    `lameduck` of health, `ttl` of kubernetes, `max_concurrent` of forward. Only on the way to a newer release.

Why is this bad?
    It is not: the Corefile works as it is. A Deployment of the newer release may ask for it, as its probes do for *ready*.

Example
    .:53 {
        errors
        health
        kubernetes cluster.local
        forward . 192.0.2.53
    }

Use instead
    .:53 {
        errors
        health {
            lameduck 5s
        }
        ready
        kubernetes cluster.local {
            ttl 30
        }
        loop
        forward . 192.0.2.53 {
            max_concurrent 1000
        }
    }

Releases
    1.1.3 to 1.8.0 defaults

Fix safety
    Safe; made with `--defaults` only.

Sources
    CoreDNS notes of 1.2.1, 1.5.0, 1.6.5 and 1.7.0; the default Corefiles of Kubernetes 1.13 to 1.19.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy import releases
from remedy.answers.plugins import version_of
from remedy.corefile.edit import Edit
from remedy.corefile.lines import before
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.releases import Changed
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import move_of
from rewrite_rules.migrate._option import with_option

_BESIDE = {"loop": ("forward", "proxy"), "ready": ("kubernetes",)}  # the plugins in front of which a new one belongs


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None or choices.to is None:
        return
    source = move.source or (releases.releases()[0].version if choices.defaults else move.reader)
    if version_of(source) >= version_of(move.reader):
        return
    lines = [line for line in releases.between(source, move.reader) if line.kind == "default"]
    lacking = [(plugin, block) for block in corefile.blocks for plugin in block.plugins if _lacks(plugin, block, lines)]
    for plugin, blocks in by_place(lacking):
        missing = _lacks(plugin, blocks[0], lines)
        said = ", ".join(f"{_named(line)} (since {line.version})" for line in missing)
        fix = _fix(corefile, plugin, missing) if choices.defaults and whole(corefile, plugin) else None
        message = f"not here, and in the default Corefiles of newer releases: {said}"
        yield Problem(plugin.span, message + imported(plugin, blocks), (fix,) if fix else (), "info")


def _named(line: Changed) -> str:
    return f"{line.option} of {line.plugin}" if line.option else line.plugin


def _lacks(plugin: Directive, block: ServerBlock, lines: list[Changed]) -> list[Changed]:
    """What is missing in a plugin, or in front of it."""
    name, found = plugin.name.text, []
    for line in lines:
        if line.option:
            lacks = name == line.plugin and not plugin.option(line.option.split()[0])
        else:
            near = _BESIDE.get(line.plugin, ())
            first = next((each for each in block.plugins if each.name.text in near), None)
            lacks = first is plugin and not block.plugin(line.plugin)
        found += [line] if lacks else []
    return found


def _fix(corefile: Corefile, plugin: Directive, missing: list[Changed]) -> Fix | None:
    plugins = [line.plugin for line in missing if not line.option]
    options = [line.option for line in missing if line.option]
    edits: list[Edit | None] = [before(corefile, plugin, "\n".join(plugins))] if plugins else []
    edits += [with_option(corefile, plugin, "\n".join(options))] if options else []
    made = tuple(edit for edit in edits if edit)
    return Fix(f"add {', '.join(plugins + options)}", "add", made, "safe") if len(made) == len(edits) else None
