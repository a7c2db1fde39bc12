"""Which questions to ask, and what should come back: for the table of a change, and for telling on a live replica which text it runs.

Computed answers may rest on names that remedy assumes to exist upstream. A question to a live replica may not: it is asked only where
the Corefile itself decides the answer, or where every cluster has the name.
"""

from __future__ import annotations

from typing import NamedTuple

from remedy.answers.model import Kind, Reply, kubernetes_zones, reply
from remedy.answers.template import Template, templates
from remedy.answers.words import is_name
from remedy.answers.zones import origins, zone_of_key
from remedy.corefile.tree import Corefile, Directive

_ROOT_NAMES = "example.org."  # stands for every name on earth: reserved by RFC 2606, in nobody's cluster zone
_ADDRESSES: tuple[Kind, ...] = ("v4", "dual", "v6", "absent")


def names(*corefiles: Corefile) -> dict[str, Kind]:
    """Names that cover every zone that templates and acl touch, and every kubernetes zone: the world of the computed answers."""
    found = [template for corefile in corefiles for block in corefile.blocks for template in templates(block)]
    zones = {zone for template in found for zone in template.zones}
    zones |= {zone for corefile in corefiles for _, plugin in corefile.walk() if plugin.name.text == "acl" for zone in _named(plugin)}
    if not zones:
        zones = {zone_of_key(key.text) for corefile in corefiles for block in corefile.blocks for key in block.keys}
    world: dict[str, Kind] = {}
    for zone in sorted(zone for zone in zones if not zone.endswith(".arpa.")):
        base = _ROOT_NAMES if zone == "." else zone
        world |= {f"{kind}.{base}": kind for kind in _ADDRESSES}
        if zone != ".":
            world[zone] = "apex"
    for template in found:
        if template.has_match and (name := _matched(template)):
            world.setdefault(name, "v4")
    for corefile in corefiles:
        for zone in kubernetes_zones(corefile):
            world |= {f"kubernetes.default.svc.{zone}": "v4", f"absent.default.svc.{zone}": "absent"}
    return world


def _named(plugin: Directive) -> tuple[str, ...]:
    return tuple(zone for zone in origins(argument.text for argument in plugin.arguments) if is_name(zone))


def _matched(template: Template) -> str:
    from remedy.answers.sample import name_for  # only a few templates have an expression

    patterns = [word.text for option in template.directive.option("match") for word in option.arguments]
    return next((name for zone in template.zones if (name := name_for(patterns, zone))), "")


class Question(NamedTuple):
    """A question for a live replica, the verdict the new text promises, and the one that the old text gives."""

    name: str
    type_: str
    old: str
    new: str

    @property
    def tells(self) -> bool:
        """Does the answer tell the two texts apart?"""
        return self.old != self.new


def questions(old: Corefile, new: Corefile, label: str) -> tuple[Question, ...]:
    """What to ask a replica to learn which text it runs, those that tell the two apart first. `label` makes up a name that nobody has."""
    world = {name.replace("absent.", f"{label}.", 1) if kind == "absent" else name: kind for name, kind in names(old, new).items()}
    found = []
    for name, kind in world.items():
        real = name.startswith("kubernetes.default.svc.")
        for type_ in ("A", "AAAA"):
            before, after = (reply(text, name, type_, world, trusting=True) for text in (old, new))
            decided = after.by == "template" or (real and after.by == "kubernetes")
            if after.unknown or not decided or not (real or kind == "absent"):
                continue
            found.append(Question(name, type_, "unknown" if not _certain(before, real=real) else before.verdict, after.verdict))
    return tuple(sorted(found, key=lambda question: (not question.tells, question.old == "unknown")))


def _certain(before: Reply, *, real: bool) -> bool:
    return not before.unknown and (before.by == "template" or (real and before.by == "kubernetes"))
