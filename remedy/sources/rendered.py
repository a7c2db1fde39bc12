"""Lists of plugins that something else renders to a Corefile: `servers` in the values of a Helm chart, `plugins` of a vendor's add-on.

Rules see the rendered text, laid out as the CoreDNS chart does. An edit on it is taken back to the entry it stands in: to its `parameters`
or its `configBlock`, or to the whole entry. What neither can say is not written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from remedy.corefile.edit import Edit, apply
from remedy.errors import ManifestError
from remedy.sources.composing import compose
from remedy.sources.document import ALONE, Around
from remedy.sources.forms import Form, forms
from remedy.sources.nodes import Chunk, Node, follow, get, text_of
from remedy.sources.reading import alone
from remedy.sources.scalar_part import ManifestPart, scalar_part

_HINT = "make it by hand in this list, and look at it again with remedy scan"
_STEP = "    "


class Piece(NamedTuple):
    """Text that was rendered at `at`: a scalar's value from `offset` on, or what stands around it, shown at `anchor` in the chunk."""

    at: int
    anchor: int
    scalar: ManifestPart | None = None
    offset: int = 0


class Entry(NamedTuple):
    """A plugin of the list, and the rendered lines [start:end] that it becomes, with their indentation."""

    start: int
    end: int
    indent: str
    node: Node
    list: Node


class RenderedPart(NamedTuple):
    """The Corefile that a list of server blocks becomes, or the lines that a list of plugins becomes (a Part)."""

    chunk: Chunk
    nodes: tuple[Node, ...]
    form: Form
    text: str
    pieces: tuple[Piece, ...]
    entries: tuple[Entry, ...]
    around: Around
    namespace: str | None = None
    name: str | None = None

    @staticmethod
    def of(chunk: Chunk, nodes: tuple[Node, ...], form: Form) -> RenderedPart:
        rendering = _Rendering(chunk, nodes)
        rendering.servers(form.node) if form.kind == "servers" else rendering.plugins(form.node, "")
        around = ALONE if form.kind == "servers" else alone("plugins.override")
        return RenderedPart(chunk, nodes, form, "".join(rendering.out), tuple(rendering.pieces), tuple(rendering.entries), around)

    @property
    def key(self) -> str | None:
        return self.form.key

    def locate(self, offset: int) -> int:
        piece = self.pieces[max(bisect_right(self.pieces, offset, key=attrgetter("at")) - 1, 0)] if self.pieces else None
        if piece is None or piece.scalar is None:
            return self.chunk.offset + (piece.anchor if piece else self.form.node.start)
        return piece.scalar.locate(piece.offset + offset - piece.at)

    def obstacle(self, edits: Sequence[Edit]) -> str:
        try:
            self.edits(edits)
        except ManifestError as error:
            return f"its fix cannot be written in this form ({str(error).rpartition(': ')[2]}), so it has to be made by hand"
        return ""

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Edits of the entries that render to exactly these edits on the text; ManifestError if there are none."""
        after = apply(self.text, edits)
        if after == self.text:
            return ()
        mine = [[edit for edit in set(edits) if each.start <= edit.start < each.end and edit.end <= each.end] for each in self.entries]
        if sum(map(len, mine)) != len(set(edits)):
            raise self._error(self.form.node, "the change is not inside one entry")
        result = [edit for entry, those in zip(self.entries, mine, strict=True) if those for edit in self._entry(entry, those)]
        if not self._holds(result, after):
            raise self._error(self.form.node, "the changed list would not render to the changed text")
        return tuple(result)

    def _error(self, node: Node, why: str) -> ManifestError:
        return self.chunk.error(node.start, f"this change cannot be written in a list of plugins: {why}", _HINT)

    def _entry(self, entry: Entry, edits: Sequence[Edit]) -> Iterator[Edit]:
        """The entry's own keys changed so that it renders to its lines with these edits."""
        lines = apply(self.text[entry.start : entry.end], [Edit(e.start - entry.start, e.end - entry.start, e.new) for e in edits])
        if not lines.strip():
            yield self._moved(_without_item(self.chunk, entry) or self._fail(entry, "no other entry is left"))
            return
        name = text_of(get(self.chunk, entry.node, "name")) or ""
        said = _said(lines, entry.indent, name)
        if said is None:
            raise self._error(entry.node, "it is more than other parameters or another block of the plugin")
        for key, new in said.items():
            old = scalar_part(self.chunk, self.nodes, get(self.chunk, entry.node, key), None, None, key)
            if old is not None and new is not None:
                yield from old.edits([Edit(0, len(old.text), new)])
            elif old is not None:
                yield self._moved(_without_key(self.chunk, entry.node, key) or self._fail(entry, f"{key} stands in a merged mapping"))
            elif new is not None:
                yield self._moved(_with_key(self.chunk, entry.node, key, new) or self._fail(entry, f"a new {key} has no plain form"))

    def _fail(self, entry: Entry, why: str) -> Edit:
        raise self._error(entry.node, why)

    def _moved(self, edit: Edit) -> Edit:
        return Edit(self.chunk.offset + edit.start, self.chunk.offset + edit.end, edit.new)

    def _holds(self, edits: Sequence[Edit], after: str) -> bool:
        """Does the edited list render to this text, and says everything around it what it said?"""
        local = [Edit(edit.start - self.chunk.offset, edit.end - self.chunk.offset, edit.new) for edit in edits]
        try:
            changed = self.chunk._replace(text=apply(self.chunk.text, local))
            again = compose(changed)
            lists = [form for form in _lists(changed, again) if form.node.start == self.form.node.start]
            if len(lists) != 1 or RenderedPart.of(changed, again, lists[0]).text != after:
                return False
        except (ManifestError, ValueError):
            return False
        return _outside(self.nodes, self.form.node) == _outside(again, lists[0].node)


def _lists(chunk: Chunk, nodes: Sequence[Node]) -> Iterator[Form]:
    for root in (node.children[0] for node in nodes if node.kind == "document" and node.children):
        yield from (form for form in forms(chunk, root) if form.kind in ("servers", "plugins"))


def _outside(nodes: Sequence[Node], inside: Node) -> list[object]:
    return [node.says() for node in nodes if node.start < inside.start or node.start >= inside.end]


class _Rendering:
    """A text while it is rendered, as templates/configmap.yaml of the chart coredns/coredns 1.46 does it."""

    def __init__(self, chunk: Chunk, nodes: tuple[Node, ...]) -> None:
        self.chunk = chunk
        self.nodes = nodes
        self.out: list[str] = []
        self.pieces: list[Piece] = []
        self.entries: list[Entry] = []
        self._at = 0

    def _put(self, text: str, anchor: Node, scalar: ManifestPart | None = None, offset: int = 0) -> None:
        self.pieces.append(Piece(self._at, anchor.start, scalar, offset))
        self.out.append(text)
        self._at += len(text)

    def _scalar(self, mapping: Node, key: str) -> ManifestPart | None:
        node = get(self.chunk, mapping, key)
        return scalar_part(self.chunk, self.nodes, node, None, None, key) if node is not None and node.kind == "scalar" else None

    def servers(self, servers: Node) -> None:
        for item in servers.children:
            server = follow(item)
            zones = get(self.chunk, server, "zones")
            for zone in zones.children if zones is not None and zones.kind == "sequence" else []:
                scheme, name = (text_of(get(self.chunk, follow(zone), key)) for key in ("scheme", "zone"))
                self._put(f"{' ' if self.out and self.out[-1][-1:] != chr(10) else ''}{scheme or ''}{name or '.'}", follow(zone))
            port = self._scalar(server, "port")
            default = "" if zones is not None and zones.children else "."
            self._put(f"{default}{':' + port.text if port else ''} {{\n", server)
            plugins = get(self.chunk, server, "plugins")
            if plugins is not None:
                self.plugins(plugins, _STEP)
            self._put("}\n", server)

    def plugins(self, plugins: Node, indent: str) -> None:
        for item in plugins.children:
            entry, start = follow(item), self._at
            self._put(indent, entry)
            for key, before in (("name", ""), ("parameters", " ")):
                scalar = self._scalar(entry, key)
                if scalar is not None:
                    self._put(before, entry)
                    self._put(scalar.text, entry, scalar)
            block = self._scalar(entry, "configBlock")
            if block is not None:
                self._put(" {\n", entry)
                offset = 0
                for line in block.text.split("\n"):
                    self._put(indent + _STEP, entry)
                    self._put(line, entry, block, offset)
                    self._put("\n", entry)
                    offset += len(line) + 1
                self._put(indent + "}", entry)
            self._put("\n", entry)
            self.entries.append(Entry(start, self._at, indent, entry, plugins))


def _said(lines: str, indent: str, name: str) -> dict[str, str | None] | None:
    """What `parameters` and `configBlock` have to be for an entry to render to these lines; None where nothing can."""
    found = re.fullmatch(rf"{indent}{re.escape(name)}(?: ([^\n]*?))?(?: \{{\n(.*)\n{indent}\}})?\n", lines, re.DOTALL)
    if found is None:
        return None
    body = found[2].split("\n") if found[2] is not None else []
    step = indent + _STEP
    if any(not line.startswith(step) for line in body):
        return None
    return {"parameters": found[1] or None, "configBlock": "\n".join(line[len(step) :] for line in body) if body else None}


def _pairs(mapping: Node) -> list[tuple[Node, Node]]:
    return list(zip(mapping.children[::2], mapping.children[1::2], strict=True))


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _is_flow(chunk: Chunk, node: Node) -> bool:
    return chunk.text[node.start : node.start + 1] in ("{", "[")


def _without_key(chunk: Chunk, mapping: Node, key: str) -> Edit | None:
    pairs = _pairs(mapping)
    place = next((place for place, (name, _) in enumerate(pairs) if name.kind == "scalar" and name.value == key), None)
    if place is None:
        return None
    name, said = pairs[place]
    if not _is_flow(chunk, mapping) and not chunk.text[_line_start(chunk.text, name.start) : name.start].strip():
        return _lines_out(chunk, _line_start(chunk.text, name.start), _lines_end(chunk, said))
    if place + 1 < len(pairs):
        return Edit(name.start, pairs[place + 1][0].start, "")
    return Edit(pairs[place - 1][1].end, said.end, "") if place else None


def _lines_end(chunk: Chunk, node: Node) -> int:
    """Where the last line of a node's own text ends, its line break included."""
    text = chunk.text[node.start : node.end].rstrip(" \t\r\n")
    if node.span is not None and node.span.style in ("|", ">"):  # what follows a block scalar's last row may be a comment
        rows = re.match(rf"[^\n]*\n(?:[ \t]*\n|[ ]{{{node.span.base + 1},}}[^\n]*(?:\n|\Z))*", chunk.text[node.start : node.end])
        text = rows[0].rstrip(" \t\r\n") if rows else text
    end = chunk.text.find("\n", node.start + len(text))
    return end + 1 if end >= 0 else len(chunk.text)


def _with_key(chunk: Chunk, mapping: Node, key: str, value: str) -> Edit | None:
    pairs = _pairs(mapping)
    name, said = next(((name, said) for name, said in pairs if name.kind == "scalar" and name.value == "name"), (None, None))
    if name is None or said is None or "\n" in value or said.kind != "scalar":
        return None
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if _is_flow(chunk, mapping):
        return Edit(said.end, said.end, f', "{key}": {quoted}')
    plain = value if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./ -]* [A-Za-z0-9_./ -]*", value) else quoted
    end = _lines_end(chunk, said)
    newline = "\r\n" if chunk.text[end - 2 : end] == "\r\n" else "\n"
    line = " " * (name.start - _line_start(chunk.text, name.start)) + f"{key}: {plain}"
    return Edit(end, end, line + newline if chunk.text[end - 1 : end] == "\n" else newline + line)


def _without_item(chunk: Chunk, entry: Entry) -> Edit | None:
    items = [follow(item) for item in entry.list.children]
    place = next(place for place, item in enumerate(items) if item is entry.node)
    if len(items) == 1:
        return None
    if _is_flow(chunk, entry.list):
        if place + 1 < len(items):
            return Edit(entry.node.start, items[place + 1].start, "")
        return Edit(items[place - 1].end, entry.node.end, "")
    start = _line_start(chunk.text, entry.node.start)
    if chunk.text[start : entry.node.start].strip() != "-":
        return None
    return _lines_out(chunk, start, max(_lines_end(chunk, said) for _, said in _pairs(entry.node)))


def _lines_out(chunk: Chunk, start: int, end: int) -> Edit:
    """Whole lines away; a text that ended without a line break goes on doing so."""
    if end == len(chunk.text) and chunk.text[-1] not in "\r\n":
        start = len(chunk.text[:start].rstrip("\r\n"))
    return Edit(start, end, "")
