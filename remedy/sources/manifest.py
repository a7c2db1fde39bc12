"""The Corefiles inside a YAML or JSON text: every ConfigMap's `Corefile`, with its edits mapped to the lines of its own scalar.

The document is never dumped again: what a YAML library writes differs from what it read. Only the scalar's raw characters are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ruamel.yaml import events as yaml
from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from ruamel.yaml.tokens import ScalarToken

from remedy.corefile.edit import Edit, apply
from remedy.errors import ManifestError
from remedy.sources.nodes import Chunk, Node, config_maps, get, text_of
from remedy.sources.scalar import Run, Span, locate, read, value
from remedy.sources.scalar_edit import proposals, tidy

KEY = "Corefile"
_DEEPEST = 200  # levels; a scanner of flow collections is quadratic in them, and no manifest comes near
_MARKER = re.compile(r"(?:\A|(?<=[\r\n]))---(?=[ \t\r\n]|\Z)")
# What ruamel.yaml refuses or takes for a line break where YAML 1.2.2 §5.4 has none is composed as a private character.
_STRANGE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_NULLS = ("", "~", "null", "Null", "NULL")


class ManifestPart(NamedTuple):
    """The Corefile of one ConfigMap (a Part)."""

    namespace: str | None
    name: str | None
    key: str | None
    text: str
    chunk: Chunk
    nodes: tuple[Node, ...]
    span: Span
    runs: tuple[Run, ...]

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
            f"this change of {KEY} cannot be written here without changing the rest of the document",
            "write the value as a literal block scalar (|), then run remedy again",
        )


def parts(text: str, path: str) -> tuple[ManifestPart, ...]:
    """The Corefiles of all ConfigMaps in the text, in file order; none is no error. ManifestError if a document with one cannot be read.

    A document in which the word Corefile does not stand is not read at all.
    """
    found: list[ManifestPart] = []
    for chunk in _chunks(text, path):
        if KEY not in chunk.text:
            continue
        here: dict[int, ManifestPart] = {}
        nodes = _nodes(chunk)
        for root in (node.children[0] for node in nodes if node.kind == "document" and node.children):
            for config_map in config_maps(chunk, root):
                scalar = _corefile(chunk, config_map)
                if scalar is not None and scalar.span is not None and scalar.start not in here:
                    runs = _runs(chunk, scalar, scalar.span)
                    metadata = get(chunk, config_map, "metadata")
                    namespace, name = text_of(get(chunk, metadata, "namespace")), text_of(get(chunk, metadata, "name"))
                    here[scalar.start] = ManifestPart(namespace, name, KEY, value(chunk.text, runs), chunk, nodes, scalar.span, runs)
        found += [here[start] for start in sorted(here)]
    return tuple(found)


def _chunks(text: str, path: str) -> Iterator[Chunk]:
    """Cut at `---`, which nothing inside a document can contain at the start of a line; directives go with the marker after them."""
    begin = 0
    for marker in _MARKER.finditer(text):
        end = at = marker.start()
        while at > begin:
            line = text.rfind("\n", begin, at - 1) + 1 or begin
            if text[line] == "%":
                end = line
            elif text[line:at].strip() and not text[line:at].lstrip().startswith("#"):
                break
            at = line
        if end > begin:
            yield Chunk(path, text, begin, text[begin:end])
            begin = end
    yield Chunk(path, text, begin, text[begin:])


class _Events(Reader, Scanner, Parser):
    """ruamel.yaml up to its events: no resolver, no constructor, no recursion; and where each scalar itself starts."""

    def __init__(self, text: str) -> None:
        self.comment_handling = None
        self.doc_infos = [DocInfo(requested_version=None)]
        self._resolver = self
        self.spans: dict[int, Span] = {}
        Reader.__init__(self, text, loader=self)
        Scanner.__init__(self, loader=self)
        Parser.__init__(self, loader=self)

    @property
    def processing_version(self) -> tuple[int, int]:
        return self.yaml_version or (1, 2)

    def scan_block_scalar(self, style: str, rt: bool | None = False) -> ScalarToken:  # noqa: FBT001, FBT002  # as in ruamel
        return self._keep(self.indent, super().scan_block_scalar(style, rt))

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        return self._keep(self.indent, super().scan_flow_scalar(style))

    def scan_plain(self) -> ScalarToken:
        return self._keep(self.indent, super().scan_plain())

    def _keep(self, base: int, token: ScalarToken) -> ScalarToken:
        start, end = token.start_mark.index, token.end_mark.index
        self.spans[end] = Span(start, end, token.style or "", max(base, 0))
        return token


def _nodes(chunk: Chunk) -> tuple[Node, ...]:
    """All nodes in file order; the documents are nodes too."""
    text = _STRANGE.sub("\ue000", chunk.text)
    try:
        return _composed(chunk, _Events("\ufeff" + text[1:] if chunk.text[:1] == "\ufeff" else text))
    except ManifestError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(str(each) for each in (error.context, error.problem) if each)
        raise chunk.error(mark.index if mark else 0, f"not valid YAML: {what}", _hint(chunk)) from error
    except Exception as error:  # ruamel.yaml lets ValueError, AttributeError and AssertionError out on odd input
        raise chunk.error(0, "not valid YAML: the reader gave up on this document", _hint(chunk)) from error


def _hint(chunk: Chunk) -> str:
    if "{{" in chunk.text:
        return "if this is a template, render it first (helm template) and give remedy the result; else correct the YAML there"
    return "correct the YAML there; kubectl cannot read it either"


def _composed(chunk: Chunk, events: _Events) -> tuple[Node, ...]:
    nodes: list[Node] = []
    path: list[Node] = []
    anchors: dict[str, Node] = {}
    while events.check_event():
        event = events.get_event()
        start = event.start_mark.index
        if isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent):
            continue
        if isinstance(event, yaml.CollectionEndEvent | yaml.DocumentEndEvent):
            path.pop()
            continue
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                hint = f"write &{event.anchor} where the value stands"
                raise chunk.error(start, f"the alias *{event.anchor} has no anchor before it", hint)
            node = Node("alias", start, value=event.anchor, children=[anchors[event.anchor]])
        elif isinstance(event, yaml.ScalarEvent):
            node = Node("scalar", start, event.tag, event.anchor, event.value, events.spans.get(event.end_mark.index))
        elif isinstance(event, yaml.DocumentStartEvent):
            anchors.clear()
            node = Node("document", start)
        else:
            kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
            node = Node(kind, start, None if event.ctag is None else str(event.ctag), event.anchor)
        if node.anchor is not None:
            anchors[node.anchor] = node
        nodes.append(node)
        if path:
            path[-1].children.append(node)
        if node.kind in ("document", "mapping", "sequence"):
            path.append(node)
            if len(path) > _DEEPEST:
                raise chunk.error(start, f"nested more than {_DEEPEST} levels deep", "give remedy the ConfigMap alone")
    return tuple(nodes)


def _corefile(chunk: Chunk, config_map: Node) -> Node | None:
    node = get(chunk, get(chunk, config_map, "data"), KEY)
    if node is None:
        return None
    if node.kind != "scalar" or node.tag not in _TEXT_TAGS:
        kind = f"a {node.kind}" if node.kind != "scalar" else f"tagged {node.tag}"
        raise chunk.error(node.start, f"the value of {KEY} is {kind}, not text", f"write it as a literal block scalar: {KEY}: |")
    empty = node.span is None or (node.tag is None and node.span.style == "" and node.value in _NULLS)
    return None if empty else node


def _runs(chunk: Chunk, scalar: Node, span: Span) -> tuple[Run, ...]:
    """How the scalar is written, checked against what ruamel.yaml read."""
    try:
        runs = read(chunk.text, span)
    except ValueError as error:
        raise chunk.error(scalar.start, f"{KEY} cannot be read: {error}", f"write it as a literal block scalar: {KEY}: |") from error
    said = "".join(_STRANGE.sub("\ue000", chunk.text[run.start : run.end]) if run.char is None else run.char for run in runs)
    if said != scalar.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass"):
        raise chunk.error(scalar.start, f"{KEY} can be read in more than one way here", f"write it as a literal block scalar: {KEY}: |")
    return runs


def _holds(chunk: Chunk, nodes: Sequence[Node], span: Span, proposal: Sequence[Edit], after: str) -> bool:
    """Whether the edited document reads back as `after` there and as it was everywhere else."""
    changed = chunk._replace(text=apply(chunk.text, proposal))
    followed = chunk.offset + len(chunk.text) < len(chunk.whole)
    if [each.text for each in _chunks(changed.text, chunk.path)] != [changed.text] or (followed and changed.text[-1] not in "\r\n"):
        return False
    try:
        again = _nodes(changed)
        if len(again) != len(nodes):
            return False
        for old, new in zip(nodes, again, strict=True):
            if old.span == span and old.kind == "scalar":
                if new.span is None or (new.tag, new.anchor) != (old.tag, old.anchor):
                    return False
                if value(changed.text, _runs(changed, new, new.span)) != after:
                    return False
            elif old.says() != new.says():
                return False
    except ManifestError:
        return False
    return True
