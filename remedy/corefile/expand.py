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


class Expander:
    """One pass over the words of a Corefile. `unread` collects the imports of files, which CoreDNS would read and remedy did not."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self.unread: list[Token] = []
        self._pending = tokens[::-1]
        self._before: Token | None = None
        self._snippets: dict[str, list[Token]] = {}
        self._expansions = 0
        self._kind = ""  # of the last terminal

    def terminals(self) -> Iterator[Terminal]:
        while self._pending:
            yield from self._block()

    def _peek(self) -> Token | None:
        return self._pending[-1] if self._pending else None

    def _fresh(self) -> bool:
        """Does the next word begin a line (parse.go isNewLine)?"""
        token, before = self._pending[-1], self._before
        return before is None or before.file != token.file or before.last_line < token.line

    def _same_line(self) -> bool:
        """Is the next word an argument of the one before it (dispenser.go NextArg)?"""
        token, before = self._pending[-1], self._before
        return before is not None and before.file == token.file and before.last_line == token.line

    def _next(self) -> Token:
        self._before = self._pending.pop()
        return self._before

    def _emit(self, kind: str, token: Token) -> Iterator[Terminal]:
        if kind != "NL" or self._kind not in ("", "NL", "OPEN"):
            self._kind = kind
            yield Terminal(kind, token)

    def _block(self) -> Iterator[Terminal]:
        keys: list[Token] = []
        comma = begun = False
        while (token := self._peek()) is not None and token.text != "{":
            fresh = self._fresh()
            if begun and fresh and not comma:
                if (name := _snippet(keys)) is not None:
                    self._declare(name, keys)
                    raise self._error(f"Unexpected token '{token.text}', expecting '{{'", token, "a snippet needs braces around its lines")
                yield from self._key_terminals(keys)
                yield from self._emit("NL", token)
                yield from self._body(closed=False)
                return
            if token.text == "import" and fresh:
                self._import()
                continue
            keys.append(self._next())
            begun = True
            comma = token.text.endswith(",") if token.text else comma  # "" is no key
        if comma and token is None:
            raise self._error("Unexpected EOF", keys[-1], "a key that ends in a comma needs another key after it")
        if comma and token is not None:
            raise self._error("Expected another address but had '{' - check for extra comma", token, "remove the comma before {")
        if (name := _snippet(keys)) is not None and token is not None:
            self._declare(name, keys)
            self._define(name)
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
        first = True
        opened: list[Token] = []
        while (token := self._peek()) is not None:
            if token.text == "{" and not first:
                if opened and self._kind in ("OPEN", "NL"):  # nothing before it on its line: to the plugin, an option of this name
                    yield from self._emit("WORD", token)
                opened.append(token)
                yield from self._emit("OPEN", self._next())
            elif not opened and (first or self._fresh()):
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
                if opened and not self._same_line():
                    yield from self._emit("NL", token)
                    if token.text == "import" and self._fresh():
                        self._import()
                        continue
                self._next()
                if token.text == "}" and not opened:
                    hint = "a closing brace needs a line of its own" if closed else "no block is open here"
                    raise self._error("Unexpected '}' because no matching opening brace", token, hint)
                if token.text == "}":
                    opened.pop()
                yield from self._emit("CLOSE" if token.text == "}" else "WORD", token)
        last = self._before
        if opened:
            raise self._error("Unexpected EOF", opened[0], "this brace is never closed")
        if last is not None and closed and last.text == "}":  # CoreDNS takes an option's closing brace for the block's own
            yield from self._emit("NL", last)
            yield from self._emit("CLOSE", last)
            return
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
        before = self._before
        argument = self._argument()
        self._before = before
        body = self._snippets.get(argument.text)
        if body is None:
            self.unread.append(argument)
            return
        self._expansions += 1
        if self._expansions > MAX_EXPANSIONS:
            raise self._error(f"maximum snippet import depth ({MAX_EXPANSIONS}) exceeded", argument, "snippets import each other")
        self._pending += body[::-1]

    def _declare(self, name: str, keys: list[Token]) -> None:
        if name in self._snippets:
            raise self._error(f"redeclaration of previously declared snippet {name}", keys[0], "give one of the two another name")

    def _define(self, name: str) -> None:
        """Keep a snippet's words for its imports; nothing of it is a server block."""
        opening = self._next()
        body: list[Token] = []
        depth = 1
        while self._pending:
            token = self._next()
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                for before, word, argument in zip([None, *body], body, body[1:], strict=False):
                    if word.text == "import" and argument.text == name and (before is None or before.line != word.line):
                        raise self._error(f"maximum snippet import depth ({MAX_EXPANSIONS}) exceeded", argument, "it imports itself")
                self._snippets[name] = body
                return
            body.append(token)
        raise self._error(
            f"Unexpected token '{self._before.text if self._before else ''}', expecting '}}'", opening, "this brace is never closed"
        )

    def _error(self, message: str, token: Token, hint: str) -> CorefileError:
        return CorefileError(message, *line_and_column(self._text, token.start), hint)


def _snippet(keys: list[Token]) -> str | None:
    """The snippet's name, if these keys are that of one: a single word in parentheses."""
    words = [key.text for key in keys if key.text]
    return words[0][1:-1] if len(words) == 1 and words[0].startswith("(") and words[0].endswith(")") else None
