"""What is said to exist: the names behind the plugins, in an upstream or in kubernetes."""

from __future__ import annotations

from collections.abc import Mapping

from remedy.answers.message import Kind, Message, Query, Record
from remedy.answers.reasons import Unknown

_HAS = {"A": ("v4", "dual"), "AAAA": ("v6", "dual")}


def exists(world: Mapping[str, Kind], name: str) -> bool:
    """Is it one of the names, or above one?"""
    if world.get(name, "absent") != "absent":
        return True
    suffix = "." if name == "." else "." + name
    return name == "." or any(kind != "absent" and each.endswith(suffix) for each, kind in world.items())


def held(world: Mapping[str, Kind], query: Query, by: str) -> Message:
    """The reply of a server that holds these names and nothing else, with an SOA where it denies."""
    if query.type_ == "ANY":
        raise Unknown("type", query.type_)
    if world.get(query.name, "absent") in _HAS.get(query.type_, ()):
        return Message("NOERROR", (Record(query.type_),), by=by)
    return Message("NOERROR" if exists(world, query.name) else "NXDOMAIN", soa=True, by=by)
