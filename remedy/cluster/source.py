"""The live Corefile, or what one imports: keys of a ConfigMap, read and written through a Door.

The write is a JSON patch that tests the object's uid and the text it was planned from: somebody else's edit makes it fail as a whole,
while labels, annotations and other keys that somebody else changes meanwhile neither hinder it nor are touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from remedy.cluster import imports
from remedy.cluster.door import Door
from remedy.cluster.pods import KEY
from remedy.errors import ClusterError, ConflictError, InputError
from remedy.sources.document import Document, Target, WholePart

ANNOTATION = "remedy/last-change"


class LiveSource(NamedTuple):
    """`note` is what the audit annotation of a write says; without one none is written. `home`: the Corefile that imports this key.

    `updates` is false where the kubelet never brings a change to a running pod. `node_local`: the replicas are the cache on every node,
    which answers where a port-forward does not reach.
    """

    door: Door
    namespace: str
    name: str
    key: str = KEY
    version: str | None = None
    note: str = ""
    updates: bool = True
    home: LiveSource | None = None
    node_local: bool = False

    @property
    def corefile(self) -> LiveSource:
        """The Corefile that brings this key to the replicas: the one that imports it, or itself."""
        return self.home or self

    def read(self) -> Document:
        """InputError where the ConfigMap has no such key, or nothing imports it any more; ClusterError where it cannot be read."""
        if self.home:
            return self._imported(self.home)
        found = self.door.configmap(self.namespace, self.name)
        if self.key not in found.data:
            keys = ", ".join(sorted(found.data)) or "none"
            raise InputError(
                f"the ConfigMap {self.namespace}/{self.name} has no key {self.key} (its keys: {keys})",
                "name the ConfigMap that CoreDNS mounts: --namespace NAMESPACE --configmap NAME",
            )
        text = found.data[self.key]
        target = Target("cluster", None, self.door.context, found.uid, self.namespace, self.name, self.key)
        beside = imports.around(self.door, found, self.key)
        part = WholePart(text, self.namespace, self.name, self.key, beside)
        return Document(target, text, (part,), found.resource_version, self.version, beside)

    def _imported(self, home: LiveSource) -> Document:
        place = (self.namespace, self.name, self.key)
        for document in home.documents()[1:]:
            if (document.target.namespace, document.target.name, document.target.key) == place:
                return document
        raise InputError(f"{home.namespace}/{home.name}/{home.key} does not import {'/'.join(place)}", "look at it again: remedy scan")

    def documents(self) -> list[Document]:
        """The Corefile, and behind it every file that it imports and that may be read."""
        document = self.read()
        return [document, *imports.fragments(self.door, document)]

    def write(self, target: Target, before: str, after: str) -> None:
        """Replace the text if it is still `before`. ConflictError: it is not, and nothing was written."""
        self.write_keys(target.uid, {self.key: (before, after)})

    def write_keys(self, uid: str | None, texts: Mapping[str, tuple[str, str]]) -> None:
        """Replace the texts of these keys at once, if each is still the first of its two. ConflictError: one is not; nothing was written.

        The API server is asked first whether it would take it, so that what it refuses (immutable, too large, a policy) is told before.
        """
        operations: list[dict[str, Any]] = [{"op": "test", "path": "/metadata/uid", "value": uid}]
        for key, (before, after) in texts.items():
            path = f"/data/{key.replace('~', '~0').replace('/', '~1')}"
            operations += [{"op": "test", "path": path, "value": before}, {"op": "replace", "path": path, "value": after}]
        try:
            noted = self._annotation()
            try:
                self._patch([*operations, *noted])
            except ClusterError as error:
                if error.status != 422 or not noted:
                    raise
                self._patch(operations)  # whoever gave the object its first annotation meanwhile does not hinder the text
        except ConflictError:
            raise ConflictError(
                f"{self.namespace}/{self.name} is no longer the text that the plan was made from; nothing was written",
                "somebody else changed it: look at it again with remedy diff",
            ) from None

    def _patch(self, operations: list[dict[str, Any]]) -> None:
        self.door.patch_configmap(self.namespace, self.name, operations, dry_run=True)
        self.door.patch_configmap(self.namespace, self.name, operations)

    def _annotation(self) -> list[dict[str, Any]]:
        if not self.note:
            return []
        path = f"/metadata/annotations/{ANNOTATION.replace('/', '~1')}"
        add = {"op": "add", "path": path, "value": self.note}
        if self.door.configmap(self.namespace, self.name).annotations:
            return [add]
        return [
            {"op": "test", "path": "/metadata/annotations", "value": None},
            {"op": "add", "path": "/metadata/annotations", "value": {}},
            add,
        ]

    def writer(self) -> str:
        """Who wrote the key last, by the API server's own book: a field manager and a time; empty if it does not say."""
        try:
            body = self.door.read("configmaps", self.namespace, self.name)
        except ClusterError:
            return ""
        wrote = [
            (str(each.get("time", "")), str(each.get("manager", "")))
            for each in body["metadata"].get("managedFields", ())
            if f"f:{self.key}" in (each.get("fieldsV1") or {}).get("f:data", {})
        ]
        return f"{max(wrote)[1]} at {max(wrote)[0]}" if wrote else ""

    def text(self) -> str:
        """What is live now."""
        return self.door.configmap(self.namespace, self.name).data.get(self.key, "")
