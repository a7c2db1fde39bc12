"""What stands behind the templates of a server block: the plugins that a name reaches when no template answers it.

Their order is the release's, not the file's. A plugin that remedy does not know may answer anything, so it counts as one that does.
"""

from __future__ import annotations

from remedy.answers.plugins import ORDER, PASSIVE
from remedy.answers.server import zones_of
from remedy.answers.zones import covers, origins
from remedy.corefile.tree import Directive, ServerBlock

_BEFORE = frozenset(ORDER[: ORDER.index("template") + 1])
_SKIPPED = {"hosts": 1, "file": 1, "route53": 99, "azure": 99, "clouddns": 99, "nomad": 0}  # arguments in front of the zones
_FROM = ("forward", "grpc", "proxy")  # one zone, and servers behind it
_EVERYTHING = ("erratic", "whoami", "route53", "azure", "clouddns")
SELF = ("kubernetes", "file", "auto", "secondary", "etcd", "k8s_external")  # an existing name without AAAA is NODATA with them


def behind(block: ServerBlock, zone: str) -> list[Directive]:
    """The plugins that may answer names of a zone, in the order in which they are asked."""
    found = [plugin for plugin in block.plugins if plugin.name.text not in _BEFORE | PASSIVE and _reaches(plugin, block, zone)]
    return sorted(found, key=lambda plugin: ORDER.index(plugin.name.text) if plugin.name.text in ORDER else len(ORDER))


def overlap(zone: str, other: str) -> bool:
    """Do two zones have names in common?"""
    return covers(zone, other) or covers(other, zone)


def _reaches(plugin: Directive, block: ServerBlock, zone: str) -> bool:
    word, words = plugin.name.text, [argument.text for argument in plugin.arguments]
    if word not in ORDER or word in _EVERYTHING:
        return True
    named = words[:1] if word in _FROM else words[_SKIPPED.get(word, 0) :]
    return any(overlap(each, zone) for each in (origins(named) if named else zones_of(block)))
