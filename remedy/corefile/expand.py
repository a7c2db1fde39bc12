"""Name the terminals of the grammar and splice snippets where they are imported, on words, as CoreDNS does (caddyfile/parse.go).

A spliced word keeps its own place in the text, so lines may run backwards. "On a new line" is therefore decided here, word by word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from remedy.corefile.lexer import Token, line_and_column
from remedy.errors import CorefileError

MAX_EXPANSIONS = 10_000


class Terminal(NamedTuple):
    kind: str
    token: Token


class _Pending(NamedTuple):
    token: Token
    fresh: bool | None  # on a new line; None: to be decided against the word before it


class Expander:
    """One pass over the words of a Corefile. `unread` collects the imports of files, which CoreDNS would read and remedy did not."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self.unread: list[Token] = []
        self._pending = [_Pending(token, None) for token in reversed(tokens)]
        self._before: Token | None = None
        self._snippets: dict[str, list[Token]] = {}
        self._expansions = 0
        self._kind = ""  # of the last terminal

    def terminals(self) -> Iterator[Terminal]:
        while self._pending:
            yield from self._block()

    def _peek(self) -> Token | None:
        return self._pending[-1].token if self._pending else None

    def _fresh(self) -> bool:
        """Does the next word begin a line (parse.go isNewLine)?"""
        token, fresh = self._pending[-1]
        if fresh is not None:
            return fresh
        before = self._before
        return before is None or before.file != token.file or before.last_line < token.line

    def _same_line(self) -> bool:
        """Is the next word an argument of the one before it (dispenser.go NextArg)?"""
        token, fresh = self._pending[-1]
        before = self._before
        return fresh is None and before is not None and before.file == token.file and before.last_line == token.line

    def _next(self) -> Token:
        self._before = self._pending.pop().token
        return self._before

    def _emit(self, kind: str, token: Token) -> Iterator[Terminal]:
        if kind != "NL" or self._kind not in ("", "NL", "OPEN"):
            self._kind = kind
            yield Terminal(kind, token)

    def _block(self) -> Iterator[Terminal]:
        keys: list[Token] = []
        comma = False
        while (token := self._peek()) is not None and token.text != "{":
            fresh = self._fresh()
            if token.text == "import" and fresh:
                self._import()
                continue
            if keys and fresh and not comma:
                yield from self._key_terminals(keys)
                yield from self._emit("NL", token)
                yield from self._body(closed=False)
                return
            keys.append(self._next())
            comma = token.text.endswith(",")
        if comma and token is None:
            raise self._error("Unexpected EOF", keys[-1], "a key that ends in a comma needs another key after it")
        if comma and token is not None:
            raise self._error("Expected another address but had '{' - check for extra comma", token, "remove the comma before {")
        if len(keys) == 1 and keys[0].text.startswith("(") and keys[0].text.endswith(")") and token is not None:
            self._define(keys[0])
            return
        yield from self._key_terminals(keys)
        if token is None:
            if keys:
                yield from self._emit("NL", keys[-1])
            return
        yield from self._emit("OPEN", self._next())
        yield from self._body(closed=True)

    def _key_terminals(self, keys: list[Token]) -> Iterator[Terminal]:
        for key in keys:
            yield from self._emit("COMMA" if key.text.endswith(",") else "WORD", key)

    def _body(self, *, closed: bool) -> Iterator[Terminal]:
        """The directives of a server block, up to and with the brace that closes it."""
        depth, first = 0, True
        opened: list[Token] = []
        while (token := self._peek()) is not None:
            if token.text == "{" and not first:
                depth += 1
                opened.append(token)
                yield from self._emit("OPEN", self._next())
            elif depth == 0 and (first or self._fresh()):
                if not first:
                    yield from self._emit("NL", token)
                if token.text == "import":
                    self._import()
                    first = True
                    continue
                self._next()
                if token.text == "}":
                    yield from self._emit("CLOSE", token)
                    return
                if token.text == "{":
                    raise self._error("Unknown directive '{'", token, "a plugin's name must stand before its opening brace")
                yield from self._emit("WORD", token)
                first = False
            else:
                if not self._same_line():
                    yield from self._emit("NL", token)
                    if token.text == "import" and self._fresh():
                        self._import()
                        continue
                self._next()
                if token.text == "}" and depth == 0:
                    hint = "a closing brace needs a line of its own" if closed else "no block is open here"
                    raise self._error("Unexpected '}' because no matching opening brace", token, hint)
                depth -= token.text == "}"
                yield from self._emit("CLOSE" if token.text == "}" else "WORD", token)
        last = self._before
        if last is not None and depth:
            raise self._error("Unexpected EOF", opened[-depth], "this brace is never closed")
        if last is not None and closed:
            raise self._error(f"Unexpected token '{last.text}', expecting '}}'", last, "a server block is not closed; add a line with }")
        if last is not None:
            yield from self._emit("NL", last)

    def _argument(self) -> Token:
        """The one argument of the `import` that was just read."""
        word = self._next()
        if not self._pending or not self._same_line():
            raise self._error(f"Wrong argument count or unexpected line ending after '{word.text}'", word, "write: import NAME")
        argument = self._next()
        if not argument.text:
            raise self._error("Import requires a non-empty filepath", argument, "write: import NAME")
        if self._pending and self._same_line():
            raise self._error("Import takes only one argument (glob pattern or file)", self._next(), "write one import a line")
        return argument

    def _import(self) -> None:
        argument = self._argument()
        body = self._snippets.get(argument.text)
        if body is None:
            self.unread.append(argument)
            return
        self._expansions += 1
        if self._expansions > MAX_EXPANSIONS:
            raise self._error(f"maximum snippet import depth ({MAX_EXPANSIONS}) exceeded", argument, "snippets import each other")
        self._pending += [_Pending(token, True if place == 0 else None) for place, token in reversed(list(enumerate(body)))]

    def _define(self, key: Token) -> None:
        """Keep a snippet's words for its imports; nothing of it is a server block."""
        name = key.text[1:-1]
        if name in self._snippets:
            raise self._error(f"redeclaration of previously declared snippet {name}", key, "give one of the two another name")
        opening = self._next()
        body: list[Token] = []
        depth = 1
        while self._pending:
            token = self._next()
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                self._snippets[name] = body
                return
            body.append(token)
        raise self._error(
            f"Unexpected token '{self._before.text if self._before else ''}', expecting '}}'", opening, "this brace is never closed"
        )

    def _error(self, message: str, token: Token, hint: str) -> CorefileError:
        return CorefileError(message, *line_and_column(self._text, token.start), hint)
