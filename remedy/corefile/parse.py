"""From a Corefile's text to its tree: lexer, imports, and the grammar in grammar.lark.

lark drives the parse but the words are cut by our own lexer, since Go's rules need one; the tree is built bottom-up while the
parser runs, so that no depth of nesting can exhaust Python's stack.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import lark
from lark.lexer import Lexer

from remedy.corefile.expand import NAMEABLE, Expander, Settings
from remedy.corefile.files import Files, texts
from remedy.corefile.lexer import Span, Token
from remedy.corefile.tree import Corefile, Directive, ServerBlock

TABLES = "grammar.tables"
_FOLDER = os.path.dirname(__file__)


class Terminal(NamedTuple):
    """A word as lark wants it."""

    type: str
    value: Token


class _Options(NamedTuple):
    opening: Token
    options: tuple[Directive, ...]
    closing: Token


class _None(Lexer):
    """lark never asks for a word: an Expander hands them over."""

    def __init__(self, _configuration: object) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[lark.Token]:  # noqa: ARG002
        return iter(())


class _Builder(lark.Transformer[lark.Token, Any]):
    """One method a rule of the grammar; each is called once, with the finished children."""

    def corefile(self, blocks: list[ServerBlock]) -> tuple[ServerBlock, ...]:
        return tuple(block for block in blocks if block.keys)

    def block(self, children: list[Any]) -> ServerBlock:
        keys = children[0] if type(children[0]) is tuple else ()  # nodes are tuples too, of types of their own
        plugins = tuple(child for child in children if type(child) is Directive)
        last = children[-1]
        return ServerBlock(keys, plugins, last.value if type(last) is Terminal and last.type == "CLOSE" else None)

    def keys(self, children: list[Terminal]) -> tuple[Token, ...]:
        return tuple([child.value for child in children])

    def line(self, children: list[Any]) -> Directive:
        directive: Directive = children[0]
        return directive

    def directive(self, children: list[Any]) -> Directive:
        name: Token = children[0].value
        place = next((place for place, child in enumerate(children) if type(child) is _Options), None)
        if place is None:
            arguments = tuple([child.value for child in children[1:]])
            return Directive(name, arguments, None, (), None, (), _span(name, arguments))
        arguments = tuple([each.value for each in children[1:place]])
        child: _Options = children[place]
        rest = tuple(_flat(children[place + 1 :]))
        span = _span(name, (*arguments, *(each.span for each in child.options), child.closing, *rest))
        return Directive(name, arguments, child.opening, child.options, child.closing, rest, span)

    def options(self, children: list[Any]) -> _Options:
        return _Options(children[0].value, tuple(children[1:-1]), children[-1].value)


def _span(name: Token, others: Sequence[Token | Span]) -> Span:
    """From the name to the last place behind it in the same file."""
    for place in reversed(others):
        if place.file == name.file and place.end > name.end:
            return Span(name.start, place.end, name.file)
    return Span(name.start, name.end, name.file)


def _flat(children: list[Any]) -> Iterator[Token]:
    """The words behind a closing brace, further braces and what is in them included."""
    for child in children:
        if type(child) is _Options:
            yield child.opening
            for option in child.options:
                yield from option.tokens()
            yield child.closing
        else:
            yield child.value


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """A tree has no cycles, and the collector would walk all of it again and again while it grows: 40 % longer for 10 MB."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@cache
def grammar() -> lark.Lark:
    """The parser that grammar.lark describes, with the tree's builder inside.

    Its tables lie beside it (`make grammar`), since making them takes longer than most Corefiles; those of another grammar or another lark
    are made anew.
    """
    with open(os.path.join(_FOLDER, "grammar.lark"), encoding="utf-8") as file:
        text = file.read()
    with contextlib.suppress(OSError), open(os.path.join(_FOLDER, TABLES), "rb") as file:
        made = pickle.load(file)
        if made["of"] == (lark.__version__, text):
            found: lark.Lark = lark.Lark._load_from_dict(made["data"], made["memo"], transformer=_Builder())  # type: ignore[no-untyped-call]
            return found
    return lark.Lark(text, parser="lalr", lexer=_None, start="corefile", transformer=_Builder())


def _begin() -> Any:
    return grammar().parse_interactive("")


def parse(
    text: str,
    *,
    path: str = "Corefile",
    files: Files | Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    plugins: Container[str] | None = NAMEABLE,
    own: str = "",
) -> Corefile:
    """The tree of a Corefile; ParseError where CoreDNS would refuse to parse it.

    `files` are what it may import: texts by path, or a function (files.py); paths are as CoreDNS sees them, so `path` should be absolute
    then. A variable that is not in `environment` is empty. Without the two, imports and variables are reported in the tree and stay as they
    are. `plugins` are the build's; None allows any word, as CoreDNS's reload does when it looks for a change. `own` shows the tree from
    the side of one imported file: its text is the tree's, its words are those of file "", and the Corefile is the file `path`.
    """
    find = texts(files) if isinstance(files, Mapping) else files
    state = _begin()
    feed = state.feed_token
    settings = Settings(path, find, environment, plugins, own)
    with _no_collection():
        expander = Expander(text, lambda kind, token: feed(Terminal(kind, token)), settings)
        expander.run()
        blocks = state.feed_eof()
    imports = expander.imports
    text = imports.texts.get("", "")
    return Corefile(text, blocks, tuple(imports.comments), tuple(imports.unread), tuple(expander.unknown), imports.texts, imports.followed)
