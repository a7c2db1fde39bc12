r"""The files that an `import` names: from this machine, or from texts at hand such as the keys of a ConfigMap.

Patterns are those of Go's path/filepath, not of Python's glob: `*` matches a leading dot, `\` escapes, and a fault in a pattern is only
found when there is something to match it against.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable, Mapping

# From an absolute pattern to the paths and texts of the files that match, in order; None where nobody can say.
# OSError for a file that matches and cannot be read.
Files = Callable[[str], "list[tuple[str, str]] | None"]


_DEEPEST = 10_000


class BadPattern(ValueError):
    """Go's filepath.ErrBadPattern."""


def texts(contents: Mapping[str, str], *, folder: str = "") -> Files:
    """Texts by path. What lies outside `folder` is not known; without a folder, what is not in `contents` does not exist."""
    folders = {path[:place] or "/" for path in contents for place, char in enumerate(path) if char == "/"}
    names: dict[str, list[str]] = {}
    for path in [*contents, *folders]:
        names.setdefault(posixpath.dirname(path), []).append(posixpath.basename(path))

    def read(path: str) -> str:
        if path in folders:
            raise IsADirectoryError(errno.EISDIR, "is a directory", path)
        return contents[path]

    def find(pattern: str) -> list[tuple[str, str]] | None:
        if folder and not clean(pattern).startswith(folder.rstrip("/") + "/"):
            return None
        paths = _glob(pattern, lambda path: clean(path) in contents or clean(path) in folders, lambda path: names.get(path, []))
        return [(clean(path), read(clean(path))) for path in paths]

    return find


def on_disk(pattern: str) -> list[tuple[str, str]]:
    """The files of this machine, as CoreDNS running here would find them."""
    return [(clean(path), _read(path)) for path in _glob(pattern, _exists, _entries)]


def join(folder: str, pattern: str) -> str:
    """Go's filepath.Join of the two, or the pattern itself if it is absolute."""
    return pattern if pattern.startswith("/") else clean(f"{folder}/{pattern}" if folder else pattern)


def clean(path: str) -> str:
    """Go's filepath.Clean."""
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def match(pattern: str, name: str) -> bool:
    """Go's filepath.Match, without classes: CoreDNS refuses a path with both brackets, and one bracket alone is a fault."""
    while pattern:
        star, chunk, pattern = _chunk(pattern)
        if star and not chunk:
            return "/" not in name
        rest = _match_chunk(chunk, name)
        if rest is not None and (not rest or pattern):
            name = rest
            continue
        if not star:
            return False
        for place, char in enumerate(name):
            if char == "/":
                return False
            rest = _match_chunk(chunk, name[place + 1 :])
            if rest is not None and (pattern or not rest):
                name = rest
                break
        else:
            return False
    return not name


def _chunk(pattern: str) -> tuple[bool, str, str]:
    """Is there a star, the operators up to the next one, and what follows them."""
    rest = pattern.lstrip("*")
    star = rest != pattern
    place, bracket = 0, False
    while place < len(rest):
        char = rest[place]
        if char == "*" and not bracket:
            break
        bracket = bracket or char == "["
        place += 2 if char == "\\" else 1
    return star, rest[:place], rest[place:]


def _match_chunk(chunk: str, name: str) -> str | None:
    """What is left of a name that begins as the chunk says; None if it does not. All of the chunk is looked at for faults."""
    failed = False
    place = 0
    chars = iter(chunk)
    for char in chars:
        if char == "[":
            raise BadPattern
        if char == "\\":
            escaped = next(chars, None)
            if escaped is None:
                raise BadPattern
            wanted = escaped
        else:
            wanted = char
        failed = failed or place >= len(name)
        if not failed:
            failed = name[place] == "/" if char == "?" else name[place] != wanted
        place += 1
    return None if failed else name[place:]


def _glob(pattern: str, exists: Callable[[str], bool], entries: Callable[[str], list[str]]) -> list[str]:
    """Go's filepath.Glob, without its recursion."""
    names: list[str] = []
    while _has_wildcard(pattern):
        if "[" in pattern or pattern.endswith("\\"):
            match(pattern, "")
        folder, slash, name = pattern.rpartition("/")
        names.append(name)
        pattern = folder or slash or "."
        if len(names) == _DEEPEST:
            raise BadPattern
    found = [pattern] if names or exists(pattern) else []
    for name in reversed(names):
        found = [clean(f"{each}/{entry}") for each in found for entry in sorted(entries(each), key=os.fsencode) if match(name, entry)]
    return found


def _has_wildcard(path: str) -> bool:
    return any(char in path for char in "*?[\\")


def _exists(path: str) -> bool:
    return "\0" not in path and os.path.lexists(path)


def _entries(path: str) -> list[str]:
    try:
        return os.listdir(path) if "\0" not in path else []
    except OSError:
        return []


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")
