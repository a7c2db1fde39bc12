"""Corefiles on disk and on standard input, by themselves or in a YAML or JSON manifest.

Bytes are decoded as UTF-8 with surrogateescape and line ends are left alone, so that what was not valid text comes back as it was.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from typing import NamedTuple

from remedy.errors import ConflictError, InputError, NoCorefileError
from remedy.sources.document import ALONE, Around, Document, Kind, Part, Target, WholePart
from remedy.sources.reading import LINES, alone

MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")
# Forms that are programs: what they make of a Corefile is theirs to say.
READ_ONLY_SUFFIXES = (".tf", ".tf.json", ".tfvars", ".hcl", ".cue")
# A colon without a space behind it belongs to a zone and its port: `kind:53 {` is a server block.
_MANIFEST_SHAPE = re.compile(
    r'\A\ufeff?\s*\[?\s*\{\s*"|^\s*(?:-\s+)?(?:"(?:apiVersion|kind)"\s*:|(?:apiVersion|kind|op|servers)\s*:(?:\s|\Z))', re.MULTILINE
)


class FileSource(NamedTuple):
    """A file that holds a Corefile; `path` as the operator wrote it, `around` what files beside it hold of the Corefile."""

    path: str
    around: Around = ALONE

    def read(self) -> Document:
        """InputError where there is nothing to read, or no Corefile in it."""
        return _document(_read(self.path), _shown(self.path), self.around, named=True)

    def write(self, _target: Target, before: str, after: str) -> None:
        """Replace the file as a whole, if it still is `before`: mode and owner stay, a symbolic link's target is written."""
        if self.text() != before:
            raise ConflictError(
                f"{_shown(self.path)} is no longer the text that the plan was made from; nothing was written",
                "somebody else changed it: look at it again with remedy diff",
            )
        try:
            _replace(os.path.realpath(self.path), after.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise InputError(
                f"{_shown(self.path)}: cannot be written: {error.strerror}", "nothing was written; remedy needs to write in that folder"
            ) from None

    def text(self) -> str:
        """What the file holds now."""
        return _read(self.path).decode("utf-8", "surrogateescape")


class StdinSource(NamedTuple):
    """Standard input: to be read once, and nothing to write to."""

    def read(self) -> Document:
        if sys.stdin is None or sys.stdin.closed:
            raise InputError("standard input is closed", "pipe a Corefile in, or name a file")
        return _document(sys.stdin.buffer.read(), "stdin", ALONE, named=False)


def _document(content: bytes, path: str, around: Around, *, named: bool) -> Document:
    if b"\0" in content:
        raise InputError(f"{path}: a binary file, not a Corefile", "name a Corefile, or a YAML or JSON manifest that holds one")
    if path.endswith(READ_ONLY_SUFFIXES):
        hint = "give remedy the manifest that it makes, or write the change there by hand"
        raise InputError(f"{path}: a Corefile seems to be in here; remedy does not edit this form", hint)
    text = content.decode("utf-8", "surrogateescape")
    if not text.strip():
        raise InputError(f"{path}: the file is empty", "an empty Corefile makes CoreDNS answer nothing at all; is this the right file?")
    parts = parts_of(text, path, around)
    if not parts:
        raise NoCorefileError(
            f"{path}: no ConfigMap with a key Corefile in it, and no other form of one",
            "name the manifest that holds the Corefile",
        )
    only = parts[0] if len(parts) == 1 else WholePart(text)
    kind: Kind = "stdin" if not named else "file" if isinstance(parts[0], WholePart) else "manifest"
    return Document(Target(kind, path if named else None, None, None, only.namespace, only.name, only.key), text, parts, around=around)


def parts_of(text: str, path: str, around: Around = ALONE) -> tuple[Part, ...]:
    """The Corefiles in a text: it is one, or what one imports, or a manifest that may hold some. `around`: from other Documents."""
    if path.endswith(LINES):
        return (WholePart(text, around=alone(os.path.basename(path))),)
    if not (path.endswith(MANIFEST_SUFFIXES) or _MANIFEST_SHAPE.search(text)):
        return (WholePart(text, around=around),)
    from remedy.sources import manifest  # a plain Corefile does not pay for a YAML reader

    return manifest.parts(text, path, around)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except IsADirectoryError:
        raise InputError(f"{path}: a directory", "name a file") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "name a Corefile, a manifest, a directory, or - for standard input") from None


def _shown(path: str) -> str:
    """Relative to the current folder where it lies below it, else as it was written."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _replace(path: str, content: bytes) -> None:
    """Write beside it, flush to disk, rename over it (one file system, so the name never holds half a text)."""
    import tempfile

    held = os.stat(path)
    folder = os.path.dirname(path)
    handle, name = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(held.st_mode))
            with contextlib.suppress(PermissionError):  # only root may give a file away; the content matters more
                os.fchown(file.fileno(), held.st_uid, held.st_gid)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
