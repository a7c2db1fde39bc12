"""What a Corefile says: server blocks, plugins, options; every node knows where it stands in the text.

The original text stays the truth. A node is a place in it, so there is nothing here that prints a Corefile back. Nothing bounds the
depth of a text, so nothing here recurses, comparing and hashing included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from remedy.corefile.lexer import Span, Token


class Directive(NamedTuple):
    """A plugin in a server block, or an option in a plugin's block.

    `arguments` stand before the brace `opening`; `rest` is what follows the closing brace on its line, which no plugin expects. `span` ends
    with the last word that stands in the same file behind the name: a snippet or a file may bring some of the words from elsewhere.
    """

    name: Token
    arguments: tuple[Token, ...]
    opening: Token | None
    options: tuple[Directive, ...]
    closing: Token | None
    rest: tuple[Token, ...]
    span: Span

    @property
    def head(self) -> Span:
        """The name and the arguments."""
        return Span(self.name.start, (self.arguments or (self.name,))[-1].end, self.name.file)

    def walk(self) -> Iterator[Directive]:
        """Itself, its options, and theirs, in the order of the text."""
        left = [self]
        while left:
            each = left.pop()
            yield each
            left += reversed(each.options)

    def tokens(self) -> Iterator[Token]:
        """Every word in the order in which CoreDNS hands them to the plugin, braces too."""
        left: list[Directive | Token] = [self]
        while left:
            each = left.pop()
            if isinstance(each, Token):
                yield each
                continue
            left += reversed(each.rest)
            if each.opening is not None and each.closing is not None:
                left += (each.closing, *reversed(each.options))
                if each.opening is not each.name:  # a brace that begins its line is the option's name too
                    left.append(each.opening)
            left += (*reversed(each.arguments), each.name)

    def words(self) -> Iterator[Token]:
        """Every word of it and of its options, braces left out except where one is an option's name."""
        for each in self.walk():
            yield each.name
            yield from each.arguments
        for each in self.walk():
            yield from (word for word in each.rest if word.text not in ("{", "}"))

    def option(self, name: str) -> list[Directive]:
        return [option for option in self.options if option.name.text == name]

    def _flat(self) -> list[tuple[object, ...]]:
        """A tree is the same as another if this list is."""
        return [(each.name, each.arguments, each.opening, len(each.options), each.closing, each.rest, each.span) for each in self.walk()]

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Directive) and self._flat() == other._flat())

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.name, self.span, len(self.options)))

    def __repr__(self) -> str:
        return f"<{self.name.text} at {self.span}, {len(self.options)} options>"


class ServerBlock(NamedTuple):
    """The keys (zones with ports) and the plugins that serve them, with snippets already in place.

    `closing` is None without braces; at the end of a text it may be the brace that closes the last plugin's options too.
    """

    keys: tuple[Token, ...]
    plugins: tuple[Directive, ...]
    closing: Token | None = None

    def plugin(self, name: str) -> list[Directive]:
        return [plugin for plugin in self.plugins if plugin.name.text == name]


class Comments(NamedTuple):
    """The comments of a node: the lines directly above it, those inside, those behind its last word on that line."""

    above: tuple[Span, ...]
    inside: tuple[Span, ...]
    behind: tuple[Span, ...]


class Corefile(NamedTuple):
    """A text that CoreDNS can parse, read.

    `unread` names the files that it imports and that are not at hand, `unknown` the words with variables whose values are not. `texts` are
    all texts by file, the Corefile's own under ""; `followed` tells for the argument of an import what it named;
    `files` are those that lie beside the Corefile, by path: plugins read files too.
    """

    text: str
    blocks: tuple[ServerBlock, ...]
    comments: tuple[Span, ...]
    unread: tuple[Token, ...]
    unknown: tuple[Token, ...]
    texts: Mapping[str, str]
    followed: Mapping[Span, str]
    files: Mapping[str, str] = MappingProxyType({})

    def same(self, other: Corefile) -> bool:
        """Do both read the same texts, those beside them included?"""
        return self.text == other.text and self.files == other.files

    def walk(self) -> Iterator[tuple[ServerBlock, Directive]]:
        """Every plugin of every server block, in the order in which CoreDNS reads them."""
        for block in self.blocks:
            for plugin in block.plugins:
                yield block, plugin

    def source(self, span: Span) -> str:
        return self.texts[span.file][span.start : span.end]

    def comments_in(self, span: Span) -> list[Span]:
        return [comment for comment in self.comments if span.start <= comment.start < span.end and comment.file == span.file]

    def comments_of(self, node: Directive | ServerBlock) -> Comments:
        """The comments that belong to a plugin, an option or a server block."""
        return self.comments_at(_span(node))

    def comments_at(self, span: Span) -> Comments:
        """The comments that belong to what stands here."""
        text = self.texts[span.file]
        mine = [comment for comment in self.comments if comment.file == span.file]
        above: list[Span] = []
        top = _line_start(text, span.start)
        for comment in reversed([each for each in mine if each.end <= span.start]):
            start = _line_start(text, comment.start)
            if text[start : comment.start].strip() or text[comment.end : top].strip(" \t\r\n") or text.count("\n", comment.end, top) != 1:
                break
            above.insert(0, comment)
            top = start
        end = text.find("\n", span.end)
        inside = [each for each in mine if span.start <= each.start < span.end]
        behind = [each for each in mine if span.end <= each.start < (end if end >= 0 else len(text))]
        return Comments(tuple(above), tuple(inside), tuple(behind))

    def affected(self, span: Span) -> tuple[ServerBlock, ...]:
        """The server blocks that change when this place does: several, where it stands in a snippet or in an imported file."""
        return tuple(block for block in self.blocks if _touches(block, span))

    def __hash__(self) -> int:
        return hash((self.text, self.blocks))


def _touches(block: ServerBlock, span: Span) -> bool:
    tokens = [*block.keys, *(token for plugin in block.plugins for token in plugin.tokens())]
    return any(token.file == span.file and span.start <= token.start < max(span.end, span.start + 1) for token in tokens)


def _span(node: Directive | ServerBlock) -> Span:
    if isinstance(node, Directive):
        return node.span
    first, file = node.keys[0], node.keys[0].file
    ends = [first.end, *(each.span.end for each in node.plugins if each.span.file == file)]
    if node.closing is not None and node.closing.file == file and node.closing.end > first.start:
        ends = [node.closing.end]
    return Span(first.start, max(ends), file)


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1
