"""From the words on a command line to Documents: a file, a directory to be searched, or standard input.

In a directory only what holds a Corefile in some form is taken, and what is passed over is counted, so that "nothing found" can be told
from "nothing looked at". Files are looked at one at a time and forgotten: a directory may hold more than memory does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from remedy.errors import InputError, NoCorefileError, RemedyError
from remedy.sources.document import ALONE, Document
from remedy.sources.linking import arounds
from remedy.sources.plain import MANIFEST_SUFFIXES, READ_ONLY_SUFFIXES, FileSource, StdinSource
from remedy.sources.reading import BLOCKS, LINES

_KUSTOMIZATION = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_GENERATED = re.compile(rb"""^[ \t]*-[ \t]+["']?(?:([^\s"'=#]+)=)?([^\s"'=#]+)["']?[ \t]*(?:#.*)?\r?$""", re.MULTILINE)


class Counts(NamedTuple):
    """How many files were looked at, hold a Corefile, were refused, or were passed over because they hold none."""

    looked_at: int = 0
    taken: int = 0
    refused: int = 0
    passed_over: int = 0


class Search:
    """The Documents that words name, read one at a time. `seen` is called with the counts after each file.

    What cannot be read goes to `refused`; without that, its error ends the search. InputError where a directory holds no Corefile.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        refused: Callable[[RemedyError], None] | None = None,
        seen: Callable[[Counts], None] = lambda _: None,
    ) -> None:
        self.counts = Counts()
        self.read_only: list[str] = []  # files that seem to hold a Corefile in a form that remedy does not edit
        self._words = words
        self._refused = refused
        self._seen = seen

    def __iter__(self) -> Iterator[Document]:
        named = [word for word in self._words if word != "-" and not os.path.isdir(word)]
        around = arounds([word for word in named if _look(word).links]) if len(named) > 1 else {}
        for word in self._words:
            if word == "-":
                yield from self._read(StdinSource(), named=True)
            elif os.path.isdir(word):
                yield from self._folder(word)
            else:
                yield from self._read(FileSource(word, around.get(word, ALONE)), named=True)

    def _read(self, source: FileSource | StdinSource, *, named: bool) -> Iterator[Document]:
        """The Document; none where it is refused, or where nobody named the file and it holds no Corefile after all."""
        try:
            document = source.read()
        except NoCorefileError as error:
            if not named:
                self._count(passed_over=1)
                return
            self._refuse(error)
            return
        except RemedyError as error:
            self._refuse(error)
            return
        self._count(taken=1)
        yield document

    def _refuse(self, error: RemedyError) -> None:
        self._count(refused=1)
        if self._refused is None:
            raise error
        self._refused(error)

    def _count(self, *, taken: int = 0, refused: int = 0, passed_over: int = 0) -> None:
        looked_at, *others = self.counts
        more = (taken, refused, passed_over)
        self.counts = Counts(looked_at + 1, *(old + new for old, new in zip(others, more, strict=True)))
        self._seen(self.counts)

    def _folder(self, top: str) -> Iterator[Document]:
        """Files in the order of their paths; .git and symbolic links are left alone."""
        before = self.counts
        generated: set[str] = set()
        for root, folders, files in os.walk(top):
            folders[:] = sorted(name for name in folders if name != ".git")
            taken: list[str] = []
            linked: list[str] = []
            generated |= _generated(root, files)
            for name in sorted(files):
                path = os.path.join(root, name)
                looked = _look(path) if not os.path.islink(path) and os.path.isfile(path) else _NOTHING
                if looked.read_only:
                    self.read_only.append(path)
                if looked.takes or os.path.normpath(path) in generated:
                    taken.append(path)
                    linked += [path] if looked.links else []
                else:
                    self._count(passed_over=1)
            around = arounds(linked) if len(linked) > 1 else {}
            for path in taken:
                yield from self._read(FileSource(path, around.get(path, ALONE)), named=False)
        if self.counts[1:3] == before[1:3]:
            passed_over = self.counts.passed_over - before.passed_over
            nothing = InputError(
                f"{top}: no Corefile and no manifest that holds one ({passed_over} files passed over)",
                "a Corefile is found by its name (Corefile...), a ConfigMap in *.yaml, *.yml and *.json",
            )
            if self._refused is None or len(self._words) == 1:
                raise nothing
            self._refused(nothing)


class _Look(NamedTuple):
    """What a file's name and characters say: it may hold a Corefile, in a form that is only reported, or one that belongs to another's."""

    takes: bool = False
    read_only: bool = False
    links: bool = False


_NOTHING = _Look()


def _look(path: str) -> _Look:
    """Before anything is read as YAML: most files of a repository hold no Corefile."""
    name = os.path.basename(path)
    corefile = name.startswith("Corefile") or name.lower().endswith(".corefile")
    if not corefile and not name.endswith((*MANIFEST_SUFFIXES, *READ_ONLY_SUFFIXES)):
        return _NOTHING
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return _Look(takes=True)  # whoever reads it says why it cannot be read
    if b'"schema": "remedy.' in content[:200]:  # a saved plan or a record holds Corefiles too, and is none
        return _NOTHING
    links = b"coredns-custom" in content or (b"import" in content and b"custom/" in content)
    if corefile:
        return _Look(takes=True, links=links)
    from remedy.sources import forms  # a run on a Corefile needs none of it

    holds = forms.may_hold(content.decode("latin-1"))
    read_only = name.endswith(READ_ONLY_SUFFIXES)
    return _Look(holds and not read_only, holds and read_only, holds and links)


def _generated(root: str, files: Sequence[str]) -> set[str]:
    """The files that a kustomization's configMapGenerator puts into a ConfigMap as a Corefile."""
    found: set[str] = set()
    for name in files:
        if name in _KUSTOMIZATION and not os.path.islink(os.path.join(root, name)):
            try:
                with open(os.path.join(root, name), "rb") as file:
                    content = file.read()
            except OSError:
                continue
            for key, value in _GENERATED.findall(content) if b"configMapGenerator" in content else []:
                path = os.fsdecode(value)
                if (os.fsdecode(key) or os.path.basename(path)) == "Corefile" or path.endswith((*LINES, *BLOCKS)):
                    found.add(os.path.normpath(os.path.join(root, path)))
    return found
