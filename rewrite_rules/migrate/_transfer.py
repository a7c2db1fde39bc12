"""Who hands zones to other servers: an option of four plugins up to 1.7.1, a plugin of its own since 1.8.0 (it is there since 1.6.5)."""

from __future__ import annotations

from remedy.corefile.lexer import Token
from remedy.corefile.tree import Directive

OWNERS = {"kubernetes": 0, "file": 1, "auto": 0, "secondary": 0}  # arguments in front of the zones


def recipients(plugin: Directive) -> list[Directive]:
    """The options of such a plugin that say who gets its zones."""
    return [
        option for option in plugin.option("transfer") if [word.text for word in option.arguments[:1]] == ["to"] and option.arguments[1:]
    ]


def zones_of_owner(plugin: Directive) -> tuple[Token, ...]:
    """The zones that such a plugin names; none for those of its server block."""
    return plugin.arguments[OWNERS[plugin.name.text] :]
