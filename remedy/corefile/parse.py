"""From a Corefile's text to its tree: lexer, imports, and the grammar in grammar.lark.

lark drives the parse but the words are cut by our own lexer, since Go's rules need one; the tree is built bottom-up while the
parser runs, so that no depth of nesting can exhaust Python's stack.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import lark
from lark.lexer import Lexer

from remedy.corefile.expand import Expander
from remedy.corefile.lexer import Span, Token, lex
from remedy.corefile.tree import Corefile, Directive, ServerBlock


class _Options(NamedTuple):
    opening: Token
    options: tuple[Directive, ...]
    closing: Token


class _Terminals(Lexer):
    """Hands the terminals of an Expander to lark's parser."""

    def __init__(self, _configuration: object) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[lark.Token]:  # noqa: ARG002
        for kind, token in lexer_state:  # not a state: lark hands a lexer of this kind what parse() was given
            yield lark.Token(kind, token)


class _Builder(lark.Transformer[lark.Token, Any]):
    """One method a rule of the grammar; each is called once, with the finished children."""

    def corefile(self, blocks: list[ServerBlock]) -> tuple[ServerBlock, ...]:
        return tuple(block for block in blocks if block.keys)

    def block(self, children: list[Any]) -> ServerBlock:
        keys = children[0] if type(children[0]) is tuple else ()  # nodes are tuples too, of types of their own
        closing = next((child.value for child in children if isinstance(child, lark.Token) and child.type == "CLOSE"), None)
        return ServerBlock(keys, tuple(child for child in children if isinstance(child, Directive)), closing)

    def keys(self, children: list[lark.Token]) -> tuple[Token, ...]:
        return tuple(_key(child.value) for child in children if child.value.text)  # CoreDNS passes over ""

    def line(self, children: list[Any]) -> Directive:
        directive: Directive = children[0]
        return directive

    def directive(self, children: list[Any]) -> Directive:
        brace = next((place for place, child in enumerate(children) if not isinstance(child, lark.Token)), len(children))
        words = [child.value for child in children[:brace]]
        blocks = [child for child in children if isinstance(child, _Options)]
        rest = tuple(child.value for child in children[brace:] if isinstance(child, lark.Token))
        end = rest[-1].end if rest else blocks[-1].closing.end if blocks else words[-1].end
        options = tuple(option for block in blocks for option in block.options)
        opening = blocks[0].opening if blocks else None
        return Directive(words[0], tuple(words[1:]), opening, options, rest, Span(words[0].start, end, words[0].file))

    def options(self, children: list[Any]) -> _Options:
        return _Options(children[0].value, tuple(child for child in children if isinstance(child, Directive)), children[-1].value)


def _key(token: Token) -> Token:
    """A key without the comma that says another follows."""
    return token._replace(text=token.text[:-1], end=token.end - 1) if token.text.endswith(",") else token


@cache
def _parser() -> lark.Lark:
    with open(os.path.join(os.path.dirname(__file__), "grammar.lark"), encoding="utf-8") as file:
        grammar = file.read()
    return lark.Lark(grammar, parser="lalr", lexer=_Terminals, start="corefile", transformer=_Builder())


def parse(text: str) -> Corefile:
    """The tree of a Corefile; CorefileError where CoreDNS would refuse to parse it."""
    words = lex(text)
    expander = Expander(text, words.tokens)
    blocks: Any = _parser().parse(expander.terminals())
    return Corefile(text, blocks, tuple(words.comments), tuple(expander.unread))
