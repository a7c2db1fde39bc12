"""CFG003 plugin-as-zone: a line outside every server block has become a server block of its own, and its words have become zones.

What it does
    Finds server blocks without plugins whose first key is the name of a plugin, and keys that are only a brace.

Why is this bad?
    A stray `}` ends the server block early. What follows is read as keys: `forward corp.example 192.0.2.1` is then a server block for the
    zones `forward`, `corp.example` and `192.0.2.1` without a plugin in it, so that every name in corp.example is REFUSED. CoreDNS loads it;
    a brace that became a zone is only warned about when it starts.

Example
    .:53 {
        errors
        }
        forward corp.example 192.0.2.1
    }

Fix safety
    No fix: where the server block should end, a person has to say. A last brace too many does no harm and is only a remark.

Sources
    github.com/coredns/caddy caddyfile/parse.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.plugins import ORDER
from remedy.corefile.lexer import Span
from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem

_PLUGINS = frozenset(ORDER) | {"import", "proxy"}


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    for block in corefile.blocks:
        keys = block.keys
        if not block.plugins and keys[0].text in _PLUGINS:
            zones = ", ".join(key.text for key in keys)
            message = f"this line stands outside every server block: CoreDNS serves the zones {zones} and refuses all their names"
            yield Problem(Span(keys[0].start, keys[-1].end, keys[0].file), message)
        for key in keys:
            if key.text in ("}", "{"):
                yield Problem(key.span, f"a `{key.text}` too many: CoreDNS takes it for a zone of that name", severity="info")
