"""What the files of one folder, or of one command line, hold of each other's Corefiles.

A Corefile imports what a `coredns-custom` elsewhere holds. The two belong together only if they stand side by side and nothing else could
be meant: of two such ConfigMaps for one namespace neither is taken, and the import stays unread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remedy.errors import RemedyError
from remedy.sources.document import ALONE, Around, Part
from remedy.sources.plain import FileSource
from remedy.sources.reading import CUSTOM, folders, with_custom


def arounds(paths: Sequence[str]) -> dict[str, Around]:
    """For each of these files what the others hold of it; of those that stand alone, or cannot be read, nothing."""
    custom: dict[str | None, dict[str, dict[str, str]]] = {}  # by namespace and file, the texts by key
    mains: list[tuple[str, Part]] = []
    for path, part in _parts(paths):
        if part.name == CUSTOM:
            custom.setdefault(part.namespace, {}).setdefault(path, {})[part.key or ""] = part.text
        elif not part.around.own and folders(part.text):
            mains.append((path, part))
    found: dict[str, Around] = {}
    for namespace, files in custom.items():
        (path, fragments), *others = files.items()
        mine = [(where, part) for where, part in mains if where != path and (not namespace or part.namespace in (None, namespace))]
        if others:
            continue
        for where, part in mine:
            found[where] = with_custom(ALONE, part.text, fragments)
        if len(mine) == 1:
            where, part = mine[0]
            found[path] = with_custom(part.around, part.text, fragments)._replace(corefile=part.text)
    return found


def _parts(paths: Sequence[str]) -> Iterator[tuple[str, Part]]:
    for path in paths:
        try:
            document = FileSource(path).read()
        except RemedyError:
            continue  # it is read again, and then said
        yield from ((path, part) for part in document.parts)
