"""Splice imports and variables on words, as CoreDNS does (caddyfile/parse.go), and name the terminals of the grammar.

This follows parse.go step by step: `_now` is the word at its cursor, `_before` the one before that. A spliced word keeps its own place, so
lines may run backwards; "on a new line" is therefore decided here, word by word, before the grammar sees anything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple, NoReturn

from remedy.corefile import environment as variables
from remedy.corefile.files import Files
from remedy.corefile.hints import misplaced
from remedy.corefile.imports import Imports, Refused
from remedy.corefile.lexer import Span, Token, lex, line_and_column
from remedy.corefile.place import excerpt
from remedy.errors import ParseError

MAX_SNIPPETS = 10_000

Feed = Callable[[str, Token], None]


class Settings(NamedTuple):
    """What a parse knows beside the text: the Corefile's path, the files it may import, the process's environment, the build's plugins.

    None: the files are not at hand, the environment is not known, any word may name a plugin. `own` is the file that is called "".
    """

    path: str = "Corefile"
    files: Files | None = None
    environment: Mapping[str, str] | None = None
    plugins: Container[str] | None = None
    own: str = ""


class Group(NamedTuple):
    """A server block as CoreDNS keeps it: keys, and under each plugin's name every word of its lines, braces too."""

    keys: list[str]
    tokens: dict[str, list[Token]]


class Expander:
    """One pass over the words of a Corefile; every terminal goes to `feed`. Afterwards it holds what was found on the way."""

    def __init__(self, text: str, feed: Feed, settings: Settings, *, grouped: bool = False) -> None:
        words = lex(text, settings.path if settings.own else "")
        self.imports = Imports(text, words.comments, settings.path, settings.files, settings.own)
        self.groups: list[Group] = []  # only if `grouped`
        self.unknown: dict[Token, None] = {}  # words with a variable whose value nobody gave
        self._feed = feed
        self._grouped = grouped
        self._environment = settings.environment
        self._plugins = settings.plugins
        self._path = settings.own or settings.path
        self._pending = words.tokens[::-1]
        self._now: Token | None = None
        self._before: Token | None = None
        self._kind = ""  # of the last terminal
        self._snippets: dict[str, list[Token]] = {}
        self._expansions = 0

    def run(self) -> None:
        """ParseError where CoreDNS would refuse the text."""
        while self._next():
            self._block()

    def _next(self) -> bool:
        if not self._pending:
            return False
        self._before = self._now
        self._now = self._pending.pop()
        return True

    def _back(self) -> None:
        """The next call has to be _next: what stood before is not known any more."""
        if self._now is not None:
            self._pending.append(self._now)
        self._now = self._before

    def _new_line(self) -> bool:
        """Does this word begin a line (parse.go isNewLine)? Not if it stands above the word before it."""
        now, before = self._now, self._before
        if now is None or before is None:
            return before is None
        return before.last_line < now.line or before.file != now.file

    def _argument_follows(self) -> bool:
        """dispenser.go NextArg, without the step."""
        return self._now is not None and bool(self._pending) and _same_line(self._now, self._pending[-1])

    def _emit(self, kind: str, token: Token) -> None:
        self._kind = kind
        self._feed(kind, token)

    def _end_line(self, token: Token) -> None:
        if self._kind not in ("", "NL", "OPEN"):
            self._emit("NL", token)

    def _expand(self, token: Token) -> str:
        text = token.text
        if "{" not in text or not variables.refers(text):
            return text
        if self._environment is None:
            self.unknown[token] = None
            return text
        try:
            return variables.expand(text, self._environment)
        except ValueError as error:
            hint = f"the value of {error} holds a reference that leads back to it"
            self._refuse("an environment variable holds itself; CoreDNS would never come back from it", token, hint)

    def _block(self) -> None:
        keys: list[tuple[str, Token]] = []
        another = False
        while True:
            now = self._now
            word = self._expand(now) if now is not None else ""
            if word == "import" and self._new_line():
                self._import()
                self._before, self._now = self._now, self._pending.pop() if self._pending else None
                continue
            if word == "{":
                if another:
                    self._refuse(f"Expected another address but had '{word}' - check for extra comma", now, "remove the comma before {")
                ended = False
                break
            if word and now is not None:  # "" is no key
                another = word.endswith(",")
                keys.append(("COMMA", self._without_comma(now, word)) if another else ("WORD", _with(now, word)))
            ended = not self._next()
            if another and ended:
                self._refuse("Unexpected EOF", keys[-1][1], "a key that ends in a comma needs another key after it")
            if ended or (not another and self._new_line()):
                break
        name = keys[0][1].text if len(keys) == 1 else ""
        if not ended and name.startswith("(") and name.endswith(")"):
            self._define(name[1:-1], keys[0][1])
            return
        if self._grouped and keys:
            self.groups.append(Group([key.text for _, key in keys], {}))
        for kind, key in keys:
            self._emit(kind, key)
        if not ended:
            self._body(served=bool(keys))
        elif keys:
            self._end_line(keys[-1][1])

    def _without_comma(self, token: Token, word: str) -> Token:
        """A key without the comma that says another follows."""
        bare = self.imports.texts[token.file][token.end - 1] == ","
        return token._replace(text=word[:-1], end=token.end - bare)

    def _body(self, *, served: bool) -> None:
        """The plugins of a server block; CoreDNS reads them, and forgets them, where there is no key (`served`)."""
        opening = self._now
        assert opening is not None
        tokens = self.groups[-1].tokens if self._grouped and served else {}
        braces = opening.text == "{"  # not if a variable holds the brace
        if braces:
            self._emit("OPEN", opening)
        else:
            self._back()
            if not served:
                self._emit("EMPTY", opening)
            self._end_line(opening)
        closed = False
        while not closed and self._next():
            now = self._now
            assert now is not None
            if now.text == "import":
                self._import()
                continue
            self._end_line(now)
            closed = now.text == "}"
            if not closed:
                self._directive(tokens)
        last = self._now
        if last is None:
            return
        self._end_line(last)
        if braces and last.text != "}":
            self._refuse(f"Unexpected token '{last.text}', expecting '}}'", last, _NOT_CLOSED, syntax=True)
        if closed or braces:  # CoreDNS takes an option's closing brace for the block's own where the text ends
            self._emit("CLOSE", last)

    def _directive(self, tokens: dict[str, list[Token]]) -> None:
        name = self._now
        assert name is not None
        word = self._expand(name)
        if self._plugins is not None and word not in self._plugins and name not in self.unknown:
            self._refuse(f"Unknown directive '{word}'", name, self._hint(name))
        self._emit("WORD", _with(name, word))
        taken = tokens.setdefault(word, []) if self._grouped else None
        if taken is not None:
            taken.append(name)  # the name itself keeps its variables
        opened: list[Token] = []
        while self._next():
            now, before = self._now, self._before
            assert now is not None
            assert before is not None
            text = now.text
            if text == "{":
                if opened and self._kind in ("OPEN", "NL"):  # nothing before it on its line: to the plugin, an option of this name
                    self._emit("WORD", now)
                opened.append(now)
                self._emit("OPEN", now)
            elif not opened and self._new_line():
                self._back()
                break
            elif text == "}":
                if not opened:
                    self._refuse("Unexpected '}' because no matching opening brace", now, self._hint(now))
                if not _same_line(before, now):
                    self._end_line(now)
                opened.pop()
                self._emit("CLOSE", now)
            elif text == "import" and self._new_line():
                self._import()
                continue
            else:
                if opened and not _same_line(before, now):
                    self._end_line(now)
                self._now = now = _with(now, self._expand(now))
                self._emit("WORD", now)
            if taken is not None:
                taken.append(now)
        if opened:
            self._refuse("Unexpected EOF", opened[0], "this brace is never closed")

    def _import(self) -> None:
        """Put what an import names in its place; the cursor then stands before it."""
        word, before = self._now, self._before
        assert word is not None
        if not self._argument_follows():
            self._refuse(f"Wrong argument count or unexpected line ending after '{word.text}'", word, "write: import NAME")
        self._next()
        argument = self._now
        assert argument is not None
        name = self._expand(argument)
        if not name:
            self._refuse("Import requires a non-empty filepath", argument, "write: import NAME")
        if self._argument_follows():
            self._next()
            hint = "an import takes no arguments here (those are Caddy 2): write one name a line"
            self._refuse("Import takes only one argument (glob pattern or file)", self._now, hint)
        body = self._snippets.get(name)
        if body is not None:
            if self._expansions >= MAX_SNIPPETS:
                self._refuse(f"maximum snippet import depth ({MAX_SNIPPETS}) exceeded", argument, "snippets import each other")
            self._expansions += 1
            self.imports.followed.setdefault(argument.span, name)
        else:
            try:
                body = self.imports.read(argument, name, known=argument not in self.unknown)
            except Refused as refused:
                self._refuse(str(refused), argument, refused.hint)
        self._pending += reversed(body)
        self._now = before

    def _define(self, name: str, key: Token) -> None:
        """Keep a snippet's words for its imports; nothing of it is a server block."""
        opening = self._now
        assert opening is not None
        if name in self._snippets:
            self._refuse(f"redeclaration of previously declared snippet {name}", key, "give one of the two another name")
        if opening.text != "{":
            message = f"Unexpected token '{opening.text}', expecting '{{'"
            self._refuse(message, opening, "a snippet needs braces around its lines", syntax=True)
        body: list[Token] = []
        depth = 1
        while self._next():
            token = self._now
            assert token is not None
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                break
            body.append(token)
        if depth:
            text = self._now.text if self._now else ""
            self._refuse(f"Unexpected token '{text}', expecting '}}'", opening, "this brace is never closed", syntax=True)
        for before, word, argument in zip([None, *body], body, body[1:], strict=False):
            starts = before is None or before.file != word.file or before.line != word.line
            if word.text == "import" and starts and self._expand(argument) == name:
                self._refuse(f"maximum snippet import depth ({MAX_SNIPPETS}) exceeded", argument, "it imports itself")
        self._snippets[name] = body

    def _hint(self, at: Token) -> str:
        return misplaced(at, self.imports.texts[at.file], self._plugins)

    def _refuse(self, message: str, at: Token | None, hint: str, *, syntax: bool = False) -> NoReturn:
        """CoreDNS names the line of the word that it read last; a person needs the place where something has to change."""
        now, at = self._now, at or self._now
        file, line = (now.file, now.line) if now is not None else ("", 0)
        said = f"{file or self._path}:{line} - {'Syntax error' if syntax else 'Error during parsing'}: {message}"
        span = at.span if at is not None else Span(0, 0, next(iter(self.imports.texts)))
        text = self.imports.texts[span.file]
        place = line_and_column(text, span.start)
        raise ParseError(message, *place, hint, said=said, file=span.file, excerpt=excerpt(text, *place))


class _Nameable:
    """What may name a plugin in some build of CoreDNS, those with plugins of other makers included."""

    def __contains__(self, name: object) -> bool:
        return name not in ("", "{")


NAMEABLE: Container[str] = _Nameable()
_NOT_CLOSED = "a server block is not closed; add a line with }"


def _same_line(token: Token, after: Token) -> bool:
    return token.file == after.file and token.last_line == after.line


def _with(token: Token, text: str) -> Token:
    return token if text is token.text else token._replace(text=text)
