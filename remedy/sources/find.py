"""From the words on a command line to sources: a file, a directory to be searched, or standard input.

In a directory only what looks like a Corefile or a manifest that holds one is taken, and what is passed over is counted, so that
"nothing found" can be told from "nothing looked at".
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from remedy.errors import InputError
from remedy.sources.plain import FileSource, StdinSource

_MANIFESTS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Found:
    sources: tuple[FileSource | StdinSource, ...]
    passed_over: int


def find(words: Iterable[str]) -> Found:
    """The sources that these words name. InputError where a directory holds none."""
    sources: list[FileSource | StdinSource] = []
    passed_over = 0
    for word in words:
        if word == "-":
            sources.append(StdinSource())
        elif os.path.isdir(word):
            inside, others = _search(Path(word))
            if not inside:
                raise InputError(
                    f"{word}: no Corefile and no manifest that holds one ({others} files passed over)",
                    "a Corefile is found by its name (Corefile…), a ConfigMap in *.yaml, *.yml and *.json",
                )
            sources += inside
            passed_over += others
        else:
            sources.append(FileSource(word))
    return Found(tuple(sources), passed_over)


def _search(folder: Path) -> tuple[list[FileSource], int]:
    """Files in the order of their paths; .git and symbolic links are left alone."""
    found: list[FileSource] = []
    passed_over = 0
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            path = Path(root, name)
            if not path.is_symlink() and _holds_corefile(path):
                found.append(FileSource(str(path)))
            else:
                passed_over += 1
    return found, passed_over


def _holds_corefile(path: Path) -> bool:
    """By the name, or for a manifest by the word Corefile in its bytes beside a ConfigMap."""
    if path.name.startswith("Corefile") or path.suffix == ".corefile":
        return path.is_file()
    if path.suffix not in _MANIFESTS or not path.is_file():
        return False
    content = path.read_bytes()
    return b"Corefile" in content and b"ConfigMap" in content
