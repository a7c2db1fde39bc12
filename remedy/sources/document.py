"""A Document is what is read and written as one piece: a file, standard input, or one key of a ConfigMap.

A YAML manifest holds one or more Corefiles, its Parts. Rules work on a Part's text, diffs and writes on the Document's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from remedy.corefile.edit import Edit

Kind = Literal["file", "manifest", "stdin", "cluster"]


class Target(NamedTuple):
    """The identity of a Document (contract: T). For a file `path` is relative to the current folder where it lies below it."""

    kind: Kind
    path: str | None = None
    context: str | None = None
    uid: str | None = None
    namespace: str | None = None
    name: str | None = None
    key: str | None = None

    @property
    def shown(self) -> str:
        """How it is named in diffs and messages."""
        return f"{self.namespace}/{self.name}/{self.key}" if self.kind == "cluster" else self.path or "stdin"


class Part(Protocol):
    """One Corefile inside a Document; offsets are code points."""

    @property
    def namespace(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def text(self) -> str: ...

    def locate(self, offset: int) -> int:
        """The offset in the Document's text of this offset in the Part's text."""

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Edits on the Part's text as edits on the Document's text."""


class WholePart(NamedTuple):
    """The Part of a Document that is nothing but a Corefile."""

    text: str
    namespace: str | None = None
    name: str | None = None
    key: str | None = None

    def locate(self, offset: int) -> int:
        return offset

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        return tuple(edits)


class Document(NamedTuple):
    """What was read: its identity, its text (bytes decoded as UTF-8 with surrogateescape) and the Corefiles in it.

    `version` is the CoreDNS release that reads it, None where that is not known.
    """

    target: Target
    text: str
    parts: tuple[Part, ...]
    resource_version: str | None = None
    version: str | None = None
