"""The nodes of a YAML document as it was written, and the ConfigMaps among them.

A key's value is not always under the key: aliases and merge keys (<<) put it elsewhere, and an edit has to go where it really stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from remedy.errors import ManifestError
from remedy.sources.scalar import Span


class Chunk(NamedTuple):
    """The documents from one `---` to the next; nodes hold offsets in `text`, which starts at `offset` of the whole."""

    path: str
    whole: str
    offset: int
    text: str

    def error(self, at: int, message: str, hint: str) -> ManifestError:
        before = self.whole[: self.offset + at]
        return ManifestError(f"{self.path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: {message}", hint)


@dataclass(slots=True)
class Node:
    """A node in file order; a mapping's children are keys and values in turn, an alias' only child is what it stands for."""

    kind: str
    start: int
    tag: str | None = None
    anchor: str | None = None
    value: str = ""
    span: Span | None = None
    end: int = 0
    children: list[Node] = field(default_factory=list)

    def says(self) -> tuple[str, str | None, str | None, str, int]:
        return self.kind, self.tag, self.anchor, self.value, len(self.children)


def follow(node: Node) -> Node:
    return node.children[0] if node.kind == "alias" else node


def get(chunk: Chunk, node: Node | None, key: str) -> Node | None:
    """The value of a key, merged mappings (<<) included."""
    todo = [] if node is None else [node]
    seen: set[int] = set()
    while todo:
        node = follow(todo.pop(0))
        if node.kind != "mapping" or id(node) in seen:
            continue
        seen.add(id(node))
        pairs = [(follow(name), follow(said)) for name, said in zip(node.children[::2], node.children[1::2], strict=True)]
        found = [(name, said) for name, said in pairs if name.kind == "scalar" and name.value == key]
        if len(found) > 1:
            hint = "remove one of them: YAML readers disagree about which one counts"
            raise chunk.error(found[1][0].start, f"the key {key} stands twice in the same mapping", hint)
        if found:
            return found[0][1]
        for name, said in pairs:
            if name.kind == "scalar" and name.value == "<<":
                todo += said.children if said.kind == "sequence" else [said]
    return None


def text_of(node: Node | None) -> str | None:
    return node.value if node is not None and node.kind == "scalar" else None


def config_maps(chunk: Chunk, root: Node) -> Iterator[Node]:
    """Lists may hold lists; the items of a ConfigMapList need no kind of their own."""
    todo: list[tuple[Node, str]] = [(root, "")]
    seen: set[int] = set()
    while todo:
        node, kind = todo.pop()
        node = follow(node)
        if node.kind != "mapping" or id(node) in seen:
            continue
        seen.add(id(node))
        kind = text_of(get(chunk, node, "kind")) or kind
        if kind == "ConfigMap":
            yield node
        elif kind.endswith("List"):
            items = get(chunk, node, "items")
            inner = "ConfigMap" if kind == "ConfigMapList" else ""
            todo += [(item, inner) for item in reversed(items.children)] if items is not None and items.kind == "sequence" else []
