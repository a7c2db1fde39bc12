"""From the words on a command line to sources: a file, a directory to be searched, or standard input.

In a directory only what looks like a Corefile or a manifest that holds one is taken, and what is passed over is counted, so that
"nothing found" can be told from "nothing looked at".
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from remedy.errors import InputError
from remedy.sources.plain import MANIFEST_SUFFIXES, FileSource, StdinSource


class Found(NamedTuple):
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
            inside, others = _search(word)
            if not inside:
                raise InputError(
                    f"{word}: no Corefile and no manifest that holds one ({others} files passed over)",
                    "a Corefile is found by its name (Corefile...), a ConfigMap in *.yaml, *.yml and *.json",
                )
            sources += inside
            passed_over += others
        else:
            sources.append(FileSource(word))
    return Found(tuple(sources), passed_over)


def _search(folder: str) -> tuple[list[FileSource], int]:
    """Files in the order of their paths; .git and symbolic links are left alone."""
    found: list[FileSource] = []
    passed_over = 0
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            path = os.path.join(root, name)
            if not os.path.islink(path) and os.path.isfile(path) and _holds_corefile(path):
                found.append(FileSource(path))
            else:
                passed_over += 1
    return found, passed_over


def _holds_corefile(path: str) -> bool:
    """By the name, or for a manifest by the word Corefile in its bytes beside a ConfigMap."""
    if os.path.basename(path).startswith("Corefile") or path.endswith(".corefile"):
        return True
    if not path.endswith(MANIFEST_SUFFIXES):
        return False
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return True  # whoever reads it says why it cannot be read
    ours = b'"schema": "remedy.' in content[:200]  # a saved plan or a record holds Corefiles too, and is none
    return b"Corefile" in content and b"ConfigMap" in content and not ours
