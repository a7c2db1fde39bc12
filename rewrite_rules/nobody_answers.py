"""CFG008 nobody-answers: a server block without any plugin that answers refuses every name of its zones.

What it does
    Finds server blocks whose plugins only log, cache or set things up.

Why is this bad?
    The longest zone wins: names of that zone come here and nowhere else. With plugins such as *log* and *cache* only, each question is
    SERVFAIL; with none but those that only set up, REFUSED. musl takes both for no answer and waits until its timeout, at the first name
    of its search list, too.

Example
    corp.example:53 {
        errors
        cache 30
    }

Fix safety
    No fix: where the zone is answered, a person has to say. To deny a zone on purpose, `template ANY ANY` with `rcode NXDOMAIN` is quicker
    for clients.

Sources
    CoreDNS core/dnsserver/server.go, plugin/plugin.go (NextOrFailure).
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.plugins import ORDER, PASSIVE, SETUP
from remedy.answers.zones import scheme_of_key
from remedy.corefile.lexer import Span
from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem

_ANSWERS = frozenset(ORDER) - PASSIVE - {"acl", "rewrite", "minimal", "dns64", "any", "tsig", "autopath", "local", "siit", "dynupdate"}
_OWN = {"chaos", "view", "import"}  # chaos answers a class of its own; a view is judged with its neighbours


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    for block in corefile.blocks:
        words = {plugin.name.text for plugin in block.plugins}
        foreign = words - set(ORDER)
        plain = all(scheme_of_key(key.text) == "dns" for key in block.keys) and block.keys[0].text not in (
            *ORDER,
            "}",
            "{",
            "import",
            "proxy",
        )
        if words & (_ANSWERS | _OWN) or foreign or corefile.unread or not plain:
            continue
        zones = ", ".join(key.text for key in block.keys)
        refusal = "SERVFAIL" if words - SETUP else "REFUSED"
        message = f"no plugin of this server block answers: every name in {zones} is {refusal}, for every type"
        yield Problem(Span(block.keys[0].start, block.keys[-1].end, block.keys[0].file), message)
