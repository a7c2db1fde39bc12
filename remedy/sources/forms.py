"""Where in a YAML or JSON document Corefiles stand, and in which form.

A ConfigMap is one form of several: what renders to one (Helm values), patches one, or wraps one in a string is searched too. What only
repeats one, the annotation of `kubectl apply`, is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from remedy.sources.nodes import Chunk, Node, config_maps, follow, get, text_of
from remedy.sources.reading import CUSTOM, is_fragment

KEY = "Corefile"
# Keys that hold a Corefile outside of a ConfigMap: the EKS add-on's configuration, kops' externalCoreFile.
_KEYS = ("corefile", "externalCoreFile")
MAIN_KEYS = (KEY, *_KEYS)
LISTS = ("servers", "plugins")
_COPIES = ("annotations", "managedFields")
_PATH = re.compile(r"/data/([^/]+)")
_PLUGIN = re.compile(r"""\bname\\?["']?\s*:\s*\\?["']?(?:acl|cache|errors|forward|hosts|kubernetes|rewrite|template)\b""")
_FRAGMENT = re.compile(r"\.(?:override|server|include)\b")
_WRAPPED = re.compile(r"\n|\A\s*[\[{]")


class Form(NamedTuple):
    """A node that holds a Corefile or a part of one.

    text: it is one, or (by its key) a file that one imports; servers, plugins: a list that a Helm chart or an add-on renders;
    wrapped: a text that may be YAML or JSON with a Corefile in it.
    """

    kind: Literal["text", "servers", "plugins", "wrapped"]
    node: Node
    namespace: str | None = None
    name: str | None = None
    key: str | None = None


def may_hold(text: str) -> bool:
    """Is it worth reading this as YAML? A look at the characters, for the many files of a repository that hold no Corefile."""
    if "orefile" in text or "oreFile" in text:
        return True
    if "plugins" in text and ("parameters" in text or "configBlock" in text) and _PLUGIN.search(text):
        return True
    return "dns" in text and ("ConfigMap" in text or "/data/" in text) and _FRAGMENT.search(text) is not None


def must_be_read(text: str) -> bool:
    """Is what cannot be read as YAML here an error? Words that many files have are no reason to refuse one."""
    return "Corefile" in text or CUSTOM in text


def forms(chunk: Chunk, root: Node) -> Iterator[Form]:
    """Every place once, in no order. ManifestError where a Corefile's key stands twice."""
    seen: set[int] = set()
    for config_map in config_maps(chunk, root):
        yield from _of_config_map(chunk, config_map, seen)
    todo = [root]
    while todo:
        node = follow(todo.pop())
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind == "scalar":
            if node.span is not None and may_hold(node.value) and _WRAPPED.search(node.value):
                yield Form("wrapped", node)
        elif node.kind == "mapping":
            yield from _of_mapping(chunk, node, seen)
            pairs = zip(node.children[::2], node.children[1::2], strict=True)
            todo += [said for name, said in pairs if follow(name).value not in _COPIES]
        else:
            todo += node.children


def _of_config_map(chunk: Chunk, config_map: Node, seen: set[int]) -> Iterator[Form]:
    metadata, data = get(chunk, config_map, "metadata"), get(chunk, config_map, "data")
    namespace, name = text_of(get(chunk, metadata, "namespace")), text_of(get(chunk, metadata, "name"))
    keys = _keys(data)
    for key in keys:
        node = get(chunk, data, key)
        if node is None or id(node) in seen:
            continue
        if key == KEY or is_fragment(name, key) or (KEY in keys and node.kind == "scalar" and not may_hold(node.value)):
            seen.add(id(node))
            yield Form("text", node, namespace, name, key)


def _keys(data: Node | None) -> list[str]:
    """The keys of a mapping, merged ones (<<) included only if it names them itself or is nothing but them."""
    found: dict[str, None] = {}
    todo = [] if data is None else [data]
    passed: set[int] = set()
    while todo:
        node = follow(todo.pop(0))
        if node.kind != "mapping" or id(node) in passed:
            continue
        passed.add(id(node))
        for name, said in zip(node.children[::2], node.children[1::2], strict=True):
            key = follow(name)
            if key.kind == "scalar" and key.value == "<<":
                merged = follow(said)
                todo += merged.children if merged.kind == "sequence" else [merged]
            elif key.kind == "scalar":
                found[key.value] = None
    return list(found)


def _of_mapping(chunk: Chunk, node: Node, seen: set[int]) -> Iterator[Form]:
    names = {follow(name).value for name in node.children[::2]}
    for key in _KEYS:
        if key in names and (said := get(chunk, node, key)) is not None and said.kind == "scalar" and "{" in said.value:
            seen.add(id(said))
            yield Form("text", said, key=key)
    if {"op", "path", "value"} <= names:
        path = _PATH.fullmatch((text_of(get(chunk, node, "path")) or "").replace("~1", "\0"))
        said = get(chunk, node, "value")
        if path and said is not None and said.kind == "scalar" and (path[1] == KEY or is_fragment("coredns", path[1])):
            seen.add(id(said))
            yield Form("text", said, key=path[1])
    for key in LISTS:
        said = get(chunk, node, key) if key in names else None
        if said is None or said.kind != "sequence" or id(said) in seen or not said.children:
            continue
        lists = [said] if key == "plugins" else [get(chunk, follow(server), "plugins") for server in said.children]
        if all(each is not None and _is_plugins(chunk, each) for each in lists):
            seen |= {id(said), *(id(each) for each in lists)}
            yield Form("servers" if key == "servers" else "plugins", said, key=key)


def _is_plugins(chunk: Chunk, node: Node) -> bool:
    """A list of mappings with a name, of which some have, as texts, what only a plugin of CoreDNS has here."""
    items = [follow(item) for item in node.children] if node.kind == "sequence" else []
    if not all(item.kind == "mapping" and text_of(get(chunk, item, "name")) for item in items):
        return False
    more = [said for item in items for key in ("parameters", "configBlock") if (said := get(chunk, item, key)) is not None]
    return bool(more) and all(said.kind == "scalar" for said in more)
