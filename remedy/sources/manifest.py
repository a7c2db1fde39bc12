"""The Corefiles inside a YAML or JSON text, in every form that one has there, and what these import from other keys and ConfigMaps.

The document is never dumped again: what a YAML library writes differs from what it read. Only the scalar's raw characters are replaced.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from remedy.corefile.edit import Edit
from remedy.errors import ManifestError, ParseError
from remedy.sources.composing import chunks, compose
from remedy.sources.document import ALONE, Around, Part
from remedy.sources.forms import KEY, LISTS, MAIN_KEYS, Form, forms, may_hold, must_be_read
from remedy.sources.nodes import Chunk, Node
from remedy.sources.reading import CUSTOM, FOLDER, alone, imported, is_fragment, read, with_custom
from remedy.sources.rendered import RenderedPart
from remedy.sources.scalar_part import ManifestPart, scalar_part

__all__ = ["ManifestPart", "linked", "parts"]
_DEEPEST = 3  # a text in a text in a text


class WrappedPart(NamedTuple):
    """A Part of a YAML or JSON text that is itself a scalar: HelmChartConfig's valuesContent, a patch, an add-on's configuration."""

    outer: ManifestPart
    inner: _Part

    @property
    def namespace(self) -> str | None:
        return self.inner.namespace

    @property
    def name(self) -> str | None:
        return self.inner.name

    @property
    def key(self) -> str | None:
        return self.inner.key

    @property
    def text(self) -> str:
        return self.inner.text

    @property
    def around(self) -> Around:
        return self.inner.around

    def obstacle(self, edits: Sequence[Edit]) -> str:
        return self.inner.obstacle(edits)

    def locate(self, offset: int) -> int:
        return self.outer.locate(self.inner.locate(offset))

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        return self.outer.edits(self.inner.edits(edits))


_Part = ManifestPart | RenderedPart | WrappedPart


def parts(text: str, path: str, around: Around = ALONE) -> tuple[_Part, ...]:
    """The Corefiles in the text and what they import from it, in file order; none is no error. ManifestError if one cannot be read.

    `around` is what other Documents hold of it. A document that cannot hold a Corefile, by its characters, is not read at all.
    """
    return linked(_found(text, path, 1), around)


def _found(text: str, path: str, depth: int) -> list[_Part]:
    found: list[_Part] = []
    for chunk in chunks(text, path):
        if not may_hold(chunk.text):
            continue
        try:
            nodes = compose(chunk)
        except ManifestError:
            if must_be_read(chunk.text):
                raise
            continue
        here: dict[int, list[_Part]] = {}
        for root in (node.children[0] for node in nodes if node.kind == "document" and node.children):
            for form in forms(chunk, root):
                if form.node.start not in here:
                    here[form.node.start] = list(_parts_of(chunk, nodes, form, depth))
        found += [part for start in sorted(here) for part in here[start]]
    return found


def _parts_of(chunk: Chunk, nodes: tuple[Node, ...], form: Form, depth: int) -> Iterator[_Part]:
    if form.kind in ("servers", "plugins"):
        yield RenderedPart.of(chunk, nodes, form)
        return
    try:
        part = scalar_part(chunk, nodes, form.node, form.namespace, form.name, form.key)
        if part is not None and form.kind == "text":
            yield part
        elif part is not None and depth < _DEEPEST:
            for inner in _found(part.text, chunk.path, depth + 1):
                yield WrappedPart(part._replace(key="the value"), inner)
    except ManifestError:
        if form.kind == "text" and (form.key == KEY or is_fragment(form.name, str(form.key))):
            raise


def linked(found: Sequence[_Part], around: Around) -> tuple[_Part, ...]:
    """The same parts, each with what CoreDNS reads it with; keys of a ConfigMap that nobody imports are left out."""
    custom = [part for part in found if part.name == CUSTOM]
    now = {str(part.key): part.text for part in custom}
    files = tuple((path, now.get(posixpath.basename(path), text)) for path, text in around.files)
    around = around._replace(files=files)
    mains = {id(part): _with(part, _around_main(part, found, custom, around)) for part in found if part.key in MAIN_KEYS}
    result: list[_Part] = []
    for part in found:
        if id(part) in mains:
            result.append(mains[id(part)])
        elif part.key in LISTS:
            result.append(part)
        elif (beside := _around_imported(part, list(mains.values()), around)) is not None:
            result.append(_with(part, beside))
        elif is_fragment(part.name or CUSTOM, str(part.key)):
            result.append(_with(part, alone(str(part.key))))
    return tuple(result)


def _with(part: _Part, around: Around) -> _Part:
    if isinstance(part, WrappedPart):
        return part._replace(inner=_with(part.inner, around))
    return part._replace(around=around)


def _around_main(part: _Part, found: Sequence[_Part], custom: Sequence[_Part], around: Around) -> Around:
    """Around a Corefile: the other keys of its ConfigMap, and those of `coredns-custom`, here or in other Documents."""
    mine = [each for each in found if part.name is not None and _same(each, part) and each.key not in MAIN_KEYS]
    result = Around(files=tuple((f"{FOLDER}/{each.key}", each.text) for each in mine))
    fragments = {str(each.key): each.text for each in custom if not each.namespace or part.namespace in (None, each.namespace)}
    if fragments:
        return with_custom(result, part.text, fragments)
    return around._replace(corefile="", files=(*result.files, *around.files)) if around != ALONE else result


def _same(part: Part, other: Part) -> bool:
    return (part.namespace, part.name) == (other.namespace, other.name)


def _around_imported(part: _Part, mains: Sequence[_Part], around: Around) -> Around | None:
    """Around a file that a Corefile imports, from that Corefile's side; None where none does."""
    candidates = [(main.text, main.around, _same(main, part)) for main in mains]
    if around.corefile:
        candidates.append((around.corefile, around._replace(corefile=""), False))
    for corefile, beside, same in candidates:
        try:
            paths = imported(read(corefile, beside))
        except ParseError:
            continue  # it is refused in its own place
        for path in paths:
            folder, _, name = path.rpartition("/")
            if name == part.key and (same if folder == FOLDER else part.name == CUSTOM):
                return beside._replace(corefile=corefile, own=path)
    return None
