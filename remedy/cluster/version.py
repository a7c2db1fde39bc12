"""Which CoreDNS release reads a Corefile: by the tag of the image, and where that tells nothing, by the pods' own metrics.

A tag is a name that somebody chose: suffixes are common, and some vendors number their add-on instead of CoreDNS. What does not look like a
CoreDNS release is unknown, and a digest tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from remedy.answers.plugins import NEWEST, version_of
from remedy.cluster.discover import Installation
from remedy.cluster.door import Door
from remedy.cluster.metrics import build, fetch, port_of
from remedy.corefile.parse import parse
from remedy.errors import ClusterError, ParseError

_TAG = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?![0-9])", re.ASCII)
_AHEAD = 5  # minor releases beyond the newest that is known here; an add-on's own number lies far beyond


class Release(NamedTuple):
    """The oldest of those that run, since all of them have to understand the Corefile; None where one of them is unknown.

    `by` is what says so, `seen` every release, the oldest first.
    """

    version: str | None = None
    by: Literal["tag", "metric", ""] = ""
    seen: tuple[str, ...] = ()


def release(door: Door, installation: Installation, read: Callable[[], str]) -> Release:
    """Of its pods. They are asked, on the port that the Corefile which `read` yields names, only where a tag tells nothing."""
    by_tag = _oldest(map(of_image, installation.images))
    if by_tag:
        return Release(by_tag[0], "tag", by_tag)
    by_metric = () if installation.node_local else _oldest(_builds(door, installation, read()))
    return Release(by_metric[0], "metric", by_metric) if by_metric else Release()


def of_images(images: Iterable[str]) -> str | None:
    """The oldest of several, as far as tags tell; None where one of them is unknown."""
    return next(iter(_oldest(map(of_image, images))), None)


def _oldest(found: Iterable[str | None]) -> tuple[str, ...]:
    """All of them, the oldest first; nothing where one is unknown."""
    versions = set(found)
    return () if None in versions else tuple(sorted((each for each in versions if each), key=version_of))


def _builds(door: Door, installation: Installation, text: str) -> list[str | None]:
    try:
        port = port_of(parse(text))
        replicas = door.replicas(installation.namespace, installation.configmap) if port else ()
    except (ClusterError, ParseError):
        return []
    found: list[str | None] = []
    for replica in replicas:
        body = fetch(door, installation.namespace, replica, port or 0)
        found.append(_release(build(body)) if body else None)
        if found[-1] is None:  # one that does not tell is enough, and asking the others takes time
            break
    return found


def of_image(image: str) -> str | None:
    """`1.11.1` for `…/eks/coredns:v1.11.1-eksbuild.4`; None for digests, for other programs and for what is no CoreDNS release."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    return _release(tag) if "coredns" in name else None


def _release(word: str) -> str | None:
    match = _TAG.match(word)
    if not match:
        return None
    found = tuple(int(number) for number in match.groups())
    newest = version_of(NEWEST)
    if found[0] not in (0, newest[0]) or found > (newest[0], newest[1] + _AHEAD):
        return None
    return ".".join(match.groups())
