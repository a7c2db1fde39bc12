"""How CoreDNS comes to read a Part: the Corefile around it, and the files that this imports.

Nobody can see a pod's volumes from here. What is known by custom: keys of the Corefile's own ConfigMap lie beside it, those of
`coredns-custom` in a folder named `custom` that the Corefile imports from. Any other import stays unread, and is said to be.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from remedy.corefile.files import Files, join, texts
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.sources.document import ALONE, Around

FOLDER = "/etc/coredns"
PATH = f"{FOLDER}/Corefile"
CUSTOM = "coredns-custom"
LINES = (".override", ".include")  # what such a file holds are plugins of a server block
BLOCKS = (".server",)  # and such a one, server blocks
REST = "the-rest-of-the-Corefile"  # what a fragment's stand-in imports: it is never at hand
_CUSTOM = re.compile(r'\bimport[ \t]+"?((?:[^\s"]*/)?custom)/')
_ANY = re.compile(r"[*?]")


def read(text: str, around: Around = ALONE) -> Corefile:
    """The tree of a Part with this text, seen from the Part: its own words have the file "". ParseError where CoreDNS would refuse it.

    The trees of the last texts are kept, so that every step of a run may ask for them.
    """
    return _read(text, around)


@lru_cache(maxsize=8)
def _read(text: str, around: Around) -> Corefile:
    if around == ALONE:
        return parse(text)
    if around.own:
        around = around._replace(files=tuple({**dict(around.files), around.own: text}.items()))
    found = parse(around.corefile if around.own else text, path=PATH, files=at_hand(around), own=around.own)
    return found._replace(files=dict(around.files))


def whole(text: str, around: Around) -> tuple[str, Around]:
    """What CoreDNS reads a Part with, from the side of its Corefile: the Corefile's text, and what is around that."""
    if not around.own:
        return text, around
    files = tuple({**dict(around.files), around.own: text}.items())
    return around.corefile, around._replace(corefile="", own="", files=files, home=None)


def overlaid(text: str, around: Around, texts: Mapping[str, str]) -> tuple[str, Around]:
    """A Corefile and what is around it, with other texts in the places of those; by path, the Corefile's own is ""."""
    return texts.get("", text), around._replace(files=tuple((path, texts.get(path, held)) for path, held in around.files))


def at_hand(around: Around) -> Files | None:
    """The files at hand, if there are any. That nothing matches is certain only in a folder of which all files are."""
    if not around.files and not around.known:
        return None
    look = texts(dict(around.files))

    def find(pattern: str) -> list[tuple[str, str]] | None:
        certain = posixpath.dirname(pattern) in around.known and _ANY.search(pattern)
        return look(pattern) or ([] if certain else None)

    return find


def folders(corefile: str) -> tuple[str, ...]:
    """The folders that a Corefile imports from by custom, absolute; in these lie the keys of `coredns-custom`."""
    return tuple(dict.fromkeys(join(FOLDER, match[1]) for match in _CUSTOM.finditer(corefile)))


def with_custom(around: Around, corefile: str, fragments: Mapping[str, str]) -> Around:
    """Around a Corefile (or what it imports), with the keys of `coredns-custom` where it imports them from."""
    placed = tuple((f"{folder}/{key}", text) for folder in folders(corefile) for key, text in sorted(fragments.items()))
    return around._replace(files=(*around.files, *placed), known=(*around.known, *folders(corefile)))


def is_fragment(name: str | None, key: str) -> bool:
    """Is this key of a ConfigMap of that name imported by a Corefile, by the custom of the distributions?"""
    return key.endswith((*LINES, *BLOCKS)) and (name or "").startswith(("coredns", "node-local-dns", "rke2-coredns"))


def alone(key: str) -> Around:
    """Around a fragment without its Corefile: a stand-in, of which nothing is known but that it imports the fragment."""
    own = f"{FOLDER}/custom/{key}"
    if key.endswith(BLOCKS):
        return Around(f"import {own}\n.:53 {{\n    import {REST}\n}}\n", own)
    return Around(f".:53 {{\n    import {own}\n    import {REST}\n}}\n", own)


def imported(corefile: Corefile) -> Iterable[str]:
    """The paths of the files that were imported."""
    words = (*(key for block in corefile.blocks for key in block.keys), *(word for _, each in corefile.walk() for word in each.tokens()))
    return dict.fromkeys(word.file for word in words if word.file)
