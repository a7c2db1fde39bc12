"""Which questions to ask, and what should come back: for the table of a change, and for telling on a live replica which text it runs.

Computed answers may rest on names that remedy assumes to exist upstream. A question to a live replica may not: it is asked only where
the Corefile itself decides the answer, or where every cluster has the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from remedy.answers.model import NEWEST, Kind, Reply, kubernetes_zones, reply
from remedy.answers.template import Template, templates
from remedy.answers.words import is_name
from remedy.answers.zones import absolute, covers, origins, zone_of_key
from remedy.corefile.tree import Corefile, Directive

ROOT_NAMES = "example.org."  # stands for every name on earth: reserved by RFC 2606, in nobody's cluster zone
_ZONE = r"(?:[-_\w]{1,63}\.)*[-_\w]*[a-zA-Z][-_\w]*\.|(?:[-_\w]{1,63}\.)+[a-zA-Z][-\w]*"
_ADDRESSES: tuple[Kind, ...] = ("v4", "dual", "v6", "absent")


def names(*corefiles: Corefile, zones: Iterable[str] = ()) -> dict[str, Kind]:
    """Names that cover every zone and `match` of templates, every zone of acl and kubernetes: the world of the computed answers.

    `zones` are covered, too.
    """
    found = {_same(each): each for corefile in corefiles for block in corefile.blocks for each in templates(block)}
    acls = (plugin for corefile in corefiles for _, plugin in corefile.walk() if plugin.name.text == "acl")
    covered = {*zones, *(zone for template in found.values() for zone in template.zones), *(zone for acl in acls for zone in _named(acl))}
    if not covered:
        covered = {zone_of_key(key.text) for corefile in corefiles for block in corefile.blocks for key in block.keys}
    clusters = list(dict.fromkeys(zone for corefile in corefiles for zone in kubernetes_zones(corefile)))
    world: dict[str, Kind] = {}
    for zone in sorted(zone for zone in covered if not zone.endswith(".arpa.")):
        base = _base(zone, clusters)
        world |= {f"{kind}.{base}": kind for kind in _ADDRESSES}
        if zone != ".":
            world[zone] = "apex"
    for zone in clusters:
        world |= {f"kubernetes.default.svc.{zone}": "v4", f"absent.default.svc.{zone}": "absent"}
        world |= {f"default.svc.{zone}": "namespace", zone: "apex"}
    for template in found.values():
        if template.has_match:
            from remedy.answers.sample import sampled  # only a few templates have one

            world |= {name: "v4" for name in sampled(template, list(world)) if name and name not in world}
    return world


def _named(plugin: Directive) -> tuple[str, ...]:
    return tuple(zone for zone in origins(argument.text for argument in plugin.arguments) if is_name(zone))


def changed(before: Corefile, after: Corefile) -> tuple[Template, ...]:
    """The templates that only one of the two texts has."""
    old, new = ({_same(each): each for block in text.blocks for each in templates(block)} for text in (before, after))
    return tuple(each for one, other in ((old, new), (new, old)) for same, each in one.items() if same not in other)


def changed_zones(before: Corefile, after: Corefile) -> tuple[str, ...]:
    """The zones, or names, that stand in plugins which only one of the two texts has; templates aside."""
    old, new = ({tuple(word.text for word in plugin.words()) for _, plugin in text.walk()} for text in (before, after))
    words = sorted({word for plugin in old ^ new if plugin[0] != "template" for word in plugin[1:] if len(word) < 255})
    return tuple(absolute(word) for word in words if re.fullmatch(_ZONE, word, re.ASCII))


def _same(template: Template) -> tuple[str, ...]:
    """What two templates have in common that answer alike."""
    return (*(word.text for word in template.directive.words()), "in", *template.zones)


def _base(zone: str, clusters: list[str]) -> str:
    """The domain in which the names of a zone are made up: in a cluster zone that of a Namespace, since elsewhere it has none."""
    if zone == ".":
        return ROOT_NAMES
    return next((f"default.svc.{each}" for each in clusters if covers(zone, f"default.svc.{each}") and covers(each, zone)), zone)


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


def questions(old: Corefile, new: Corefile, label: str, version: str | None = None) -> tuple[Question, ...]:
    """What to ask a replica to learn which text it runs, those that tell the two apart first. `label` makes up a name that nobody has.

    `version` is the CoreDNS release (None: the newest).
    """
    world = {name.replace("absent.", f"{label}.", 1) if kind == "absent" else name: kind for name, kind in names(old, new).items()}
    made_up = _made_up(changed(old, new))
    found = []
    for name, kind in (world | dict.fromkeys(made_up, "v4")).items():
        real = name.startswith("kubernetes.default.svc.")
        for type_ in ("A", "AAAA"):
            before, after = (reply(text, name, type_, world, trusting=True, version=version or NEWEST) for text in (old, new))
            decided = after.by == "template" or (real and after.by == "kubernetes")
            if after.unknown or not decided or not (real or kind == "absent" or name in made_up):
                continue
            found.append(Question(name, type_, "unknown" if not _certain(before, real=real) else before.verdict, after.verdict))
    return tuple(sorted(found, key=lambda question: (not question.tells, question.old == "unknown")))


def _made_up(templates: Sequence[Template]) -> set[str]:
    """Names that a `match` of these matches; whoever has them, the template answers first."""
    if not any(template.has_match for template in templates):
        return set()
    from remedy.answers.sample import sampled  # only a few templates have one

    return {sampled(template, ()).matching for template in templates if template.has_match} - {""}


def _certain(before: Reply, *, real: bool) -> bool:
    return not before.unknown and (before.by == "template" or (real and before.by == "kubernetes"))
