"""Whose default the Corefiles in a Document are.

Most Corefiles are nobody's default, and a scan may read thousands: the table of them is read only for a text that looks like a cluster's,
and it is compared only where some default holds all of its plugins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from remedy.corefile.tree import Corefile
from remedy.sources.document import Document
from remedy.sources.reading import read

if TYPE_CHECKING:
    from remedy.shipped import Shipped


def ships(document: Document) -> tuple[Shipped, ...]:
    """The defaults that one of the Corefiles in a Document is."""
    found: dict[Shipped, None] = {}
    for corefile in _of_clusters(document):
        from remedy import shipped

        names = {plugin.name.text for _, plugin in corefile.walk() if not plugin.name.file}
        if any(all(name in each.text for name in names) for each in shipped.shipped()):
            found |= dict.fromkeys(shipped.recognised(corefile))
    return tuple(found)


def unlike(document: Document) -> list[tuple[Shipped, str]]:
    """For each Corefile of a cluster the default that it is nearest to, and what differs from it as a unified diff, "" for nothing."""
    from remedy.shipped import nearest_shipped

    return [nearest_shipped(corefile) for corefile in _of_clusters(document)]


def _of_clusters(document: Document) -> list[Corefile]:
    """The Corefiles that look like those of a cluster."""
    texts = [part for part in document.parts if not part.around.own and ("kubernetes" in part.text or "in-addr.arpa" in part.text)]
    return [read(part.text, part.around) for part in texts]
