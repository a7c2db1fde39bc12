"""A zone file that answers as `kubernetes` does for names that are said to exist: the sandbox's stand-in for a cluster. Pure.

A name without records has a TXT record, or `file` would take it for absent where it falls through; nobody asks for TXT here.
"""

from __future__ import annotations

from collections.abc import Mapping

from remedy.answers.message import Kind
from remedy.answers.zones import covers

_HAS = {"v4": ("A",), "v6": ("AAAA",), "dual": ("A", "AAAA")}
_DATA = {"A": "192.0.2.7", "AAAA": "2001:db8::7"}


def zone_file(zone: str, world: Mapping[str, Kind], *, pods: bool) -> str:
    """The zone's text: services and pods of the world, Namespaces, `svc` and `pod`. With `pods`, a Namespace has its pods' zone too."""
    below = "" if zone == "." else zone
    names = {name: kind for name, kind in world.items() if kind != "absent" and _served(zone, name)}
    empty = {zone, f"svc.{below}", f"pod.{below}"}
    for name in names:
        *_, namespace, kind = _labels(zone, name)
        empty.add(f"{namespace}.{kind}.{below}")
        if kind == "svc" and pods:
            empty.add(f"{namespace}.pod.{below}")
    lines = [f"{zone} 5 IN SOA ns.invalid. hostmaster.invalid. 1 7200 1800 86400 5"]
    lines += [f"{name} 5 IN {type_} {_DATA[type_]}" for name, kind in names.items() for type_ in _HAS.get(kind, ())]
    empty.update(name for name, kind in names.items() if kind not in _HAS)
    lines += [f'{name} 5 IN TXT "-"' for name in sorted(empty)]
    return "\n".join(lines) + "\n"


def unplayable(zone: str, name: str, world: Mapping[str, Kind], *, pods: bool) -> bool:
    """Would a cluster answer this name by what nobody has said: its own name server, a pod's address, or a part of a longer name?"""
    labels = _labels(zone, name)
    if labels == ["ns", "dns"] or (pods and len(labels) == 3 and labels[-1] == "pod" and name not in world):
        return True
    return (
        len(labels) > 2
        and world.get(name, "absent") == "absent"
        and any(each.endswith(f".{name}") and kind != "absent" for each, kind in world.items())
    )


def _labels(zone: str, name: str) -> list[str]:
    return name[: len(name) - len(zone)].rstrip(".").split(".") if zone != "." else name.rstrip(".").split(".")


def _served(zone: str, name: str) -> bool:
    labels = _labels(zone, name) if covers(zone, name) and name != zone else []
    return len(labels) > 1 and labels[-1] in ("svc", "pod")
