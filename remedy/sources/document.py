"""A Document is what is read and written as one piece: a file, standard input, or one key of a ConfigMap.

A YAML manifest holds one or more Corefiles, its Parts. Rules work on a Part's text, diffs and writes on the Document's. A Part need not
be a Corefile: what a Corefile imports is one too, and then `around` says what CoreDNS reads it with.
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


class Around(NamedTuple):
    """What CoreDNS reads a Part with (read: remedy/sources/reading.py).

    `corefile` is the text that imports the Part at the path `own`; both are "" where the Part is the Corefile itself. `files` are the texts
    at hand by path, `known` the folders of which all files are; `why` says what kept others from being at hand. `home`: where that
    Corefile stands in a cluster.
    """

    corefile: str = ""
    own: str = ""
    files: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = ()
    why: str = ""
    home: Target | None = None


ALONE = Around()


class Part(Protocol):
    """One Corefile, or one file that a Corefile imports, inside a Document; offsets are code points."""

    @property
    def namespace(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def around(self) -> Around: ...

    def obstacle(self, edits: Sequence[Edit]) -> str:
        """Why these edits cannot be made here, as a sentence that ends a message; "" where they can."""

    def locate(self, offset: int) -> int:
        """The offset in the Document's text of this offset in the Part's text."""

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Edits on the Part's text as edits on the Document's text."""


class WholePart(NamedTuple):
    """The Part of a Document that is nothing but a Corefile, or a file imported by one; `blocked` says why it is not to be edited."""

    text: str
    namespace: str | None = None
    name: str | None = None
    key: str | None = None
    around: Around = ALONE
    blocked: str = ""

    def obstacle(self, _edits: Sequence[Edit]) -> str:
        return self.blocked

    def locate(self, offset: int) -> int:
        return offset

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        return tuple(edits)


class Document(NamedTuple):
    """What was read: its identity, its text (bytes decoded as UTF-8 with surrogateescape) and the Corefiles in it.

    `version` is the CoreDNS release that reads it, None where that is not known; `around` what stands in other Documents and is read
    together with this one.
    """

    target: Target
    text: str
    parts: tuple[Part, ...]
    resource_version: str | None = None
    version: str | None = None
    around: Around = ALONE
