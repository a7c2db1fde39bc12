"""What a Corefile says: server blocks, plugins, options; every node knows where it stands in the text.

The original text stays the truth. A node is a place in it, so there is nothing here that prints a Corefile back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from remedy.corefile.lexer import Span, Token


class Directive(NamedTuple):
    """A plugin in a server block, or an option in a plugin's block.

    `arguments` stand before the brace `opening`; `rest` are words behind the closing brace on its line, which no plugin expects.
    """

    name: Token
    arguments: tuple[Token, ...]
    opening: Token | None
    options: tuple[Directive, ...]
    rest: tuple[Token, ...]
    span: Span

    @property
    def head(self) -> Span:
        """The name and the arguments."""
        return Span(self.name.start, (self.arguments or (self.name,))[-1].end, self.name.file)

    def words(self) -> Iterator[Token]:
        """Every word of it and of its options, braces left out."""
        left: list[Directive | Token] = [self]  # no recursion: nothing bounds the depth of a text
        while left:
            each = left.pop()
            if isinstance(each, Token):
                yield each
            else:
                left += reversed((each.name, *each.arguments, *each.options, *each.rest))

    def option(self, name: str) -> list[Directive]:
        return [option for option in self.options if option.name.text == name]


class ServerBlock(NamedTuple):
    """The keys (zones with ports) and the plugins that serve them, with snippets already in place.

    `closing` is None without braces; at the end of a text it may be the brace that closes the last plugin's options too.
    """

    keys: tuple[Token, ...]
    plugins: tuple[Directive, ...]
    closing: Token | None = None

    def plugin(self, name: str) -> list[Directive]:
        return [plugin for plugin in self.plugins if plugin.name.text == name]


class Corefile(NamedTuple):
    """A text that CoreDNS can parse, read; `unread` names the files that it imports and that are not at hand."""

    text: str
    blocks: tuple[ServerBlock, ...]
    comments: tuple[Span, ...]
    unread: tuple[Token, ...]

    def walk(self) -> Iterator[tuple[ServerBlock, Directive]]:
        """Every plugin of every server block, in the order of the text."""
        for block in self.blocks:
            for plugin in block.plugins:
                yield block, plugin

    def comments_in(self, span: Span) -> list[Span]:
        return [comment for comment in self.comments if span.start <= comment.start < span.end]
