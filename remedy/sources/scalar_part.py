"""One scalar of a manifest as a Part: edits on its value are made inside its own raw characters.

An edit is proposed in several ways, and the first that reads back as wanted is taken: the document is composed again to see that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from remedy.corefile.edit import Edit, apply
from remedy.errors import ManifestError
from remedy.sources.composing import STRANGE, chunks, compose
from remedy.sources.document import ALONE, Around
from remedy.sources.nodes import Chunk, Node
from remedy.sources.scalar import Run, Span, locate, read, value
from remedy.sources.scalar_edit import proposals, tidy

_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_NULLS = ("", "~", "null", "Null", "NULL")


class ManifestPart(NamedTuple):
    """The text of one scalar (a Part), mostly the Corefile of a ConfigMap."""

    namespace: str | None
    name: str | None
    key: str | None
    text: str
    chunk: Chunk
    nodes: tuple[Node, ...]
    span: Span
    runs: tuple[Run, ...]
    around: Around = ALONE

    def obstacle(self, _edits: Sequence[Edit]) -> str:
        return ""  # a scalar can be written anew in any case

    def locate(self, offset: int) -> int:
        return self.chunk.offset + locate(self.runs, self.span, offset)

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Edits inside the scalar that read back as exactly these edits on the text; ManifestError if there are none."""
        after = apply(self.text, edits)
        if after == self.text:
            return ()
        chunk = self.chunk
        for proposal in proposals(chunk.text, self.span, self.runs, self.text, tidy(self.text, edits), after):
            if _holds(chunk, self.nodes, self.span, proposal, after):
                return tuple(Edit(chunk.offset + edit.start, chunk.offset + edit.end, edit.new) for edit in proposal)
        raise chunk.error(
            self.span.start,
            f"this change of {self.key} cannot be written here without changing the rest of the document",
            "write the value as a literal block scalar (|), then run remedy again",
        )


def scalar_part(chunk: Chunk, nodes: tuple[Node, ...], node: Node | None, *identity: str | None) -> ManifestPart | None:
    """The Part that a scalar holds; `identity`: namespace, name, key. None for an empty one, ManifestError for what is no text."""
    if node is None:
        return None
    namespace, name, key = identity
    if node.kind != "scalar" or node.tag not in _TEXT_TAGS:
        kind = f"a {node.kind}" if node.kind != "scalar" else f"tagged {node.tag}"
        raise chunk.error(node.start, f"the value of {key} is {kind}, not text", f"write it as a literal block scalar: {key}: |")
    if node.span is None or (node.tag is None and node.span.style == "" and node.value in _NULLS):
        return None
    runs = _runs(chunk, node, node.span, str(key))
    return ManifestPart(namespace, name, key, value(chunk.text, runs), chunk, nodes, node.span, runs)


def _runs(chunk: Chunk, scalar: Node, span: Span, key: str) -> tuple[Run, ...]:
    """How the scalar is written, checked against what ruamel.yaml read."""
    hint = f"write it as a literal block scalar: {key}: |"
    try:
        runs = read(chunk.text, span)
    except ValueError as error:
        raise chunk.error(scalar.start, f"{key} cannot be read: {error}", hint) from error
    said = "".join(STRANGE.sub("\ue000", chunk.text[run.start : run.end]) if run.char is None else run.char for run in runs)
    if said != scalar.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass"):
        raise chunk.error(scalar.start, f"{key} can be read in more than one way here", hint)
    return runs


def _holds(chunk: Chunk, nodes: Sequence[Node], span: Span, proposal: Sequence[Edit], after: str) -> bool:
    """Whether the edited document reads back as `after` there and as it was everywhere else."""
    changed = chunk._replace(text=apply(chunk.text, proposal))
    followed = chunk.offset + len(chunk.text) < len(chunk.whole)
    if [each.text for each in chunks(changed.text, chunk.path)] != [changed.text] or (followed and changed.text[-1] not in "\r\n"):
        return False
    try:
        again = compose(changed)
        if len(again) != len(nodes):
            return False
        for old, new in zip(nodes, again, strict=True):
            if old.span == span and old.kind == "scalar":
                if new.span is None or (new.tag, new.anchor) != (old.tag, old.anchor):
                    return False
                if value(changed.text, _runs(changed, new, new.span, "")) != after:
                    return False
            elif old.says() != new.says():
                return False
    except ManifestError:
        return False
    return True
