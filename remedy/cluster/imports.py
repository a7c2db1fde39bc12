"""What a live Corefile imports: other keys of its ConfigMap, and `coredns-custom`, where a distribution lets its users add to what it owns.

Only what may be read is known. Each file is a Document of its own, shown and written in its own place; the replicas that read it are those
of the Corefile that imports it.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.cluster.door import ConfigMap, Door
from remedy.errors import ClusterError, ParseError
from remedy.sources.document import Around, Document, Target, WholePart
from remedy.sources.reading import CUSTOM, FOLDER, folders, imported, read, with_custom


def around(door: Door, held: ConfigMap, key: str) -> Around:
    """Around the live Corefile: its ConfigMap's other keys, and `coredns-custom` if it imports from there and that may be read."""
    text = held.data[key]
    beside = Around(files=tuple((f"{FOLDER}/{name}", said) for name, said in sorted(held.data.items()) if name != key))
    if not folders(text):
        return beside
    try:
        fragments = door.configmap(held.namespace, CUSTOM).data
    except ClusterError as error:
        if not str(error).startswith("not found"):
            return beside._replace(why=str(error))
        fragments = {}  # the volume is optional: its folder is empty
    return with_custom(beside, text, fragments)


def fragments(door: Door, document: Document) -> Iterator[Document]:
    """The files that a live Corefile imports, as Documents of their own."""
    target, part = document.target, document.parts[0]
    try:
        paths = list(imported(read(part.text, part.around)))
    except ParseError:
        return  # whoever asks for the Corefile is told
    held = dict(part.around.files)
    for path in paths:
        folder, _, key = path.rpartition("/")
        name = target.name or "" if folder == FOLDER else CUSTOM
        found = door.configmap(target.namespace or "", name)
        beside = part.around._replace(corefile=part.text, own=path, home=target)
        inside = WholePart(held[path], found.namespace, name, key, beside)
        there = Target("cluster", None, target.context, found.uid, found.namespace, name, key)
        yield Document(there, held[path], (inside,), found.resource_version, document.version, beside)
