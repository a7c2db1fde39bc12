"""CFG011 next-on-nodata: the plugin forward asks the next server at NODATA, and its answer counts, be it NXDOMAIN.

What it does
    Finds `forward` blocks with the option `next_on_nodata` that have another forward behind them.

Why is this bad?
    A name with A records only is NODATA for AAAA. With this option that question, and not the one for A, goes to the next forward. In a
    split horizon that one does not know the name: A is answered by the first server and AAAA with NXDOMAIN by the second.

Example
    forward . 192.0.2.1 {
        next_on_nodata
    }
    forward . 192.0.2.2

Use instead
    forward . 192.0.2.1
    forward . 192.0.2.2

Fix safety
    `delete` the option is unsafe: names whose AAAA records only the second server has lose them.

Sources
    CoreDNS plugin/forward/forward.go, since 1.14.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.lines import without_options
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    found = []
    for block in corefile.blocks:
        forwards = block.plugin("forward")
        found += [(option, block) for forward in forwards[:-1] for option in forward.option("next_on_nodata")]
    for option, blocks in by_place(found):
        message = (
            "a name with A records only is asked for AAAA at the next forward: if that one does not know it, musl (alpine) drops the A"
        )
        yield Problem(option.span, message + imported(option, blocks), _delete(corefile, blocks[0], option))


def _delete(corefile: Corefile, block: ServerBlock, option: Directive) -> tuple[Fix, ...]:
    if not whole(corefile, option):
        return ()
    forward = next(each for each in block.plugin("forward") if option in each.options)
    why = "names whose AAAA records only the next server has lose them"
    return (Fix("take NODATA for an answer", "delete", without_options(corefile, forward, [option]), "unsafe", why),)
