"""The files that a Corefile imports, read once each, with CoreDNS's own checks of the pattern (caddyfile/parse.go doImport).

A relative path starts from the folder of the file that holds the import, which need not be the Corefile. What cannot be read because nobody
gave the files is kept in `unread` and is no error.
"""

from __future__ import annotations

import errno
import posixpath
from typing import NamedTuple

from remedy.corefile.files import BadPattern, Files, join
from remedy.corefile.lexer import Span, Token, lex

MAX_FILES = 100_000


class Refused(Exception):
    """CoreDNS refuses this import, in these words."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class _File(NamedTuple):
    tokens: list[Token]
    known: bool


class Imports:
    """`texts` holds the Corefile under "" and every file that was read under its path, `comments` those of all of them.

    With `own`, it is the file of that path that stands under "", and the Corefile under its own path.
    """

    def __init__(self, text: str, comments: list[Span], path: str, files: Files | None, own: str = "") -> None:
        self.texts = {path if own else "": text}
        self.comments = comments
        self.followed: dict[Span, str] = {}  # the place of an import's argument, and the snippet or the pattern that it named
        self.unread: dict[Token, None] = {}
        self._path = own or path
        self._own = own
        self._files = files
        self._found: dict[str, list[Token]] = {}
        self._expansions = 0

    def read(self, argument: Token, pattern: str, *, known: bool) -> list[Token]:
        """The words of every file that an import names; `known` is false where a variable without a value hides the name."""
        if self._expansions >= MAX_FILES:
            # CoreDNS prints the limit of the snippets here.
            raise Refused("maximum file import depth (10000) exceeded", "files import each other")
        self._expansions += 1
        full = join(posixpath.dirname(argument.file or self._path), pattern)
        if full in self._found:
            return self._found[full]
        if full.count("*") > 1 or full.count("?") > 1 or ("[" in full and "]" in full):
            hint = "CoreDNS allows one * and one ? in the whole path, its folders included, and no brackets"
            raise Refused(f"Glob pattern may only contain one wildcard (*), but has others: {full}", hint)
        found = self._look(full, pattern) if self._files is not None and known else None
        if found is None:
            self.unread[argument] = None
            return []
        self.followed.setdefault(argument.span, full)
        tokens: list[Token] = []
        for path, text in found:
            name = "" if path == self._own else path
            words = lex(text, name)
            if name not in self.texts:
                self.texts[name] = text
                self.comments += words.comments
            tokens += words.tokens
        self._found[full] = tokens
        return tokens

    def _look(self, full: str, pattern: str) -> list[tuple[str, str]] | None:
        assert self._files is not None
        try:
            found = self._files(full)
        except BadPattern:
            raise Refused(
                f"Failed to use import pattern {pattern}: syntax error in pattern", "[ opens a class that is not closed"
            ) from None
        except OSError as error:
            reason = "is a directory" if error.errno == errno.EISDIR else f"open {error.filename}: {(error.strerror or '').lower()}"
            raise Refused(f"Could not import {error.filename}: {reason}", "an import names files that CoreDNS can read") from None
        if found == [] and not any(char in full for char in "*?[]"):
            raise Refused(f"File to import not found: {pattern}", f"nothing is at {full}, and no snippet of this name stands above")
        return found
