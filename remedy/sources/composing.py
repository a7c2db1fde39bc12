"""A YAML or JSON text as nodes in file order, with the place of every scalar. The only user of ruamel.yaml.

Nothing is constructed: what a YAML library makes of a document, and writes again, differs from what it read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ruamel.yaml import events as yaml
from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from ruamel.yaml.tokens import ScalarToken

from remedy.errors import ManifestError
from remedy.sources.nodes import Chunk, Node
from remedy.sources.scalar import Span

_DEEPEST = 200  # levels; a scanner of flow collections is quadratic in them, and no manifest comes near
_MARKER = re.compile(r"(?:\A|(?<=[\r\n]))---(?=[ \t\r\n]|\Z)")
# What ruamel.yaml refuses or takes for a line break where YAML 1.2.2 §5.4 has none is composed as a private character.
STRANGE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def chunks(text: str, path: str) -> Iterator[Chunk]:
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


def compose(chunk: Chunk) -> tuple[Node, ...]:
    """All nodes in file order; the documents are nodes too."""
    text = STRANGE.sub("\ue000", chunk.text)
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
            path.pop().end = event.end_mark.index
            continue
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                hint = f"write &{event.anchor} where the value stands"
                raise chunk.error(start, f"the alias *{event.anchor} has no anchor before it", hint)
            node = Node("alias", start, value=event.anchor, children=[anchors[event.anchor]])
        elif isinstance(event, yaml.ScalarEvent):
            end = event.end_mark.index
            node = Node("scalar", start, event.tag, event.anchor, event.value, events.spans.get(end), end)
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
