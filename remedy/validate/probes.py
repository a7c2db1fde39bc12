"""Which names are looked up, with which search list, and what is assumed of them.

A prover that computes or holds its own upstream is given names of every kind, and they exist by being on the list. A real one is asked for
names that every cluster has, or nobody; what else exists there is not remedy's to guess.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from collections.abc import Iterable
from typing import NamedTuple

from remedy.answers.message import Kind
from remedy.answers.model import kubernetes_zones
from remedy.answers.questions import ROOT_NAMES, changed, changed_zones, names
from remedy.answers.template import Template
from remedy.answers.zones import absolute, covers, variable
from remedy.clients import Family, Resolv
from remedy.corefile.tree import Corefile
from remedy.validate.prover import Probe


class Asking(NamedTuple):
    """What an operator asks for beside the defaults.

    `probes` are names (`--probe`): with a dot at the end absolute, else looked up as in a pod. `search` are the nodes' own search domains
    (`--search`), which stand behind those of the cluster. `strict`: whatever is unknown makes a validation inconclusive. `version` is the
    CoreDNS release that reads the Corefile, None where nobody said; `to` the one that reads it after the change, None for the same.
    """

    probes: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    strict: bool = False
    version: str | None = None
    to: str | None = None


class Lookups(NamedTuple):
    """What clients look up: names, the pods' resolv.conf, families; `promised` are those that a repair may heal, None for all of them."""

    probes: tuple[Probe, ...]
    resolv: Resolv
    families: tuple[Family, ...] = ("UNSPEC",)
    promised: frozenset[str] | None = None
    notes: tuple[str, ...] = ()


NOTHING = Asking()
_NDOTS = 5  # kubelet's, for ClusterFirst


def world(probes: Iterable[Probe]) -> dict[str, Kind]:
    """What a prover without real upstreams holds: the absolute names, by their kinds; a relative name exists by those it stands for."""
    return {name: kind for name, kind in probes if name.endswith(".")}  # type: ignore[misc]


def assumed(before: Corefile, after: Corefile, asking: Asking = NOTHING) -> Lookups:
    """Names of every kind in every zone and `match` that a template touches, taken to exist; for the model and the sandbox."""
    held = names(before, after, zones=changed_zones(before, after) if before is not after else ())
    clusters, resolv = _pods(before, after, asking)
    short: dict[str, None] = {}
    if clusters:
        short["kubernetes.default"] = None
    if resolv.search:
        held.setdefault(f"dual.{ROOT_NAMES}", "dual")
        short[f"dual.{ROOT_NAMES.rstrip('.')}"] = None
    for domain in [absolute(each) for each in asking.search][:1]:
        held.setdefault(f"dual.{domain}", "dual")
        short["dual"] = None
        if clusters:  # a host with the name of a Namespace
            held.setdefault(f"default.{domain}", "v4")
            short["default"] = None
    given = [_stands_for(name, clusters, resolv) for name in asking.probes]
    for name, full in zip(asking.probes, given, strict=True):
        held.setdefault(full, "v4")
        if not name.endswith("."):
            short[name.lower()] = None
    notes = [f"assumed to exist, with an A record only: {', '.join(dict.fromkeys(given))}"] if given else []
    return _lookups(before, after, held, short, resolv, [*notes, *_notes(before, after, held, resolv, asking)])


def real(before: Corefile, after: Corefile, label: str, asking: Asking = NOTHING) -> Lookups:
    """Names that every cluster has, names that nobody has (made up from `label`), and those given; for a canary and for live replicas.

    Of other zones only their own names are asked for, where the change is about just these zones.
    """
    clusters, resolv = _pods(before, after, asking)
    held: dict[str, Kind] = {}
    short: dict[str, None] = {}
    for zone in clusters:
        held |= {f"kubernetes.default.svc.{zone}": "v4", f"default.svc.{zone}": "namespace", zone: "apex"}
        short |= dict.fromkeys(("kubernetes.default", "kubernetes.default.svc"))
    for domain in resolv.search:
        held[f"{label}.{absolute(domain)}"] = "absent"
    if resolv.search:
        short[label] = None
    touched = [*(zone for template in changed(before, after) for zone in template.zones), *changed_zones(before, after)]
    for zone in touched:
        if zone != "." and not zone.endswith(".arpa."):
            held.setdefault(zone, "apex")
            held.setdefault(f"{label}.{zone}", "absent")
    for name in asking.probes:
        if name.endswith("."):
            held.setdefault(name.lower(), "v4")
        else:
            short[name.lower()] = None
    return _lookups(before, after, held, short, resolv, _notes(before, after, held, resolv, asking))


def _lookups(before: Corefile, after: Corefile, held: dict[str, Kind], short: Iterable[str], resolv: Resolv, notes: list[str]) -> Lookups:
    templates = changed(before, after)
    scoped = not before.same(after) and not (templates and all("." in each.zones and not each.has_match for each in templates))
    probes = (*(Probe(name, kind) for name, kind in held.items()), *(Probe(name, "short") for name in short))
    denies_a = any(each.type_.text in ("A", "ANY") for each in templates)
    healed = [each for each in templates if each.type_.text in ("AAAA", "ANY")]
    promised = frozenset(name for name in held if any(_answers(each, name) for each in healed)) if healed else None
    families: tuple[Family, ...] = ("UNSPEC",)
    if scoped:
        families = ("UNSPEC", "INET6", "INET") if denies_a else ("UNSPEC", "INET6")
    return Lookups(probes, resolv, families, promised, tuple(notes))


def _answers(template: Template, name: str) -> bool:
    if not template.has_match:
        return any(covers(zone, name) for zone in template.zones)
    from remedy.answers.sample import matches  # only a few templates have one

    return matches(template, name)


def _pods(before: Corefile, after: Corefile, asking: Asking) -> tuple[list[str], Resolv]:
    """The cluster's zones, and resolv.conf in a pod: kubelet puts the cluster's domains first and the node's own behind them."""
    zones = [zone for text in (before, after) for zone in kubernetes_zones(text) if not variable(zone)]
    clusters = list(dict.fromkeys(zones))
    inside = [f"{prefix}{zone}" for zone in clusters for prefix in ("default.svc.", "svc.", "")]
    search = dict.fromkeys(each.rstrip(".") for each in (*inside, *(absolute(each) for each in asking.search)))
    return clusters, Resolv(search=tuple(search), ndots=_NDOTS)


def _stands_for(name: str, clusters: list[str], resolv: Resolv) -> str:
    """The absolute name that a given one is taken to mean: `web` is a Service beside the pod, `web.shop` one in another Namespace."""
    labels = name.rstrip(".").lower().split(".")
    if name.endswith(".") or not resolv.search:
        return absolute(name)
    if len(labels) == 1:
        return absolute(f"{name}.{resolv.search[0]}")
    if clusters and (len(labels) == 2 or labels[2:] == ["svc"]):
        return absolute(f"{'.'.join(labels[:2])}.svc.{clusters[0]}")
    return absolute(name)


def _notes(before: Corefile, after: Corefile, held: Iterable[str], resolv: Resolv, asking: Asking) -> list[str]:
    notes = []
    for template in changed(before, after):
        if template.has_match and not any(_answers(template, name) for name in held):
            patterns = ", ".join(word.text for option in template.directive.option("match") for word in option.arguments)
            notes.append(f"no name could be made up that `match {patterns}` matches: name one with --probe")
    if resolv.search:
        others = "" if asking.search else "; those of the nodes are not known, name them with --search"
        notes.append(f"pods search {', '.join(resolv.search)}{others}")
    return list(dict.fromkeys(notes))
