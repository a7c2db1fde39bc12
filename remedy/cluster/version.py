"""Which CoreDNS release an image holds, as far as its tag tells.

A tag is a name that somebody chose: suffixes are common, and some vendors number their add-on instead of CoreDNS. What does not look like a
CoreDNS release is unknown, and a digest tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from remedy.answers.plugins import NEWEST, version_of

_TAG = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?![0-9])", re.ASCII)
_AHEAD = 5  # minor releases beyond the newest that is known here; an add-on's own number lies far beyond


def of_image(image: str) -> str | None:
    """`1.11.1` for `…/eks/coredns:v1.11.1-eksbuild.4`; None for digests, for other programs and for what is no CoreDNS release."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    match = _TAG.match(tag)
    if "coredns" not in name or not match:
        return None
    found = tuple(int(number) for number in match.groups())
    newest = version_of(NEWEST)
    if found[0] not in (0, newest[0]) or found > (newest[0], newest[1] + _AHEAD):
        return None
    return ".".join(match.groups())


def of_images(images: Iterable[str]) -> str | None:
    """The oldest of several, since all of them have to understand the Corefile; None where one of them is unknown."""
    found = [of_image(image) for image in images]
    known = [each for each in found if each]
    return min(known, key=version_of) if found and len(known) == len(found) else None
