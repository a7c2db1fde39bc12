"""The live Corefile: one key of a ConfigMap, read and written through a Door.

The write is a JSON patch that tests the object's uid and the text it was planned from: somebody else's edit makes it fail as a whole,
while labels, annotations and other keys that somebody else changes meanwhile neither hinder it nor are touched.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from remedy.cluster import imports
from remedy.cluster.door import Door
from remedy.errors import ConflictError, InputError
from remedy.sources.document import Document, Target, WholePart

KEY = "Corefile"


class LiveSource(NamedTuple):
    door: Door
    namespace: str
    name: str

    def read(self) -> Document:
        """InputError where the ConfigMap has no Corefile; ClusterError where it cannot be read."""
        found = self.door.configmap(self.namespace, self.name)
        if KEY not in found.data:
            keys = ", ".join(sorted(found.data)) or "none"
            raise InputError(
                f"the ConfigMap {self.namespace}/{self.name} has no key {KEY} (its keys: {keys})",
                "name the ConfigMap that CoreDNS mounts: --namespace NAMESPACE --configmap NAME",
            )
        text = found.data[KEY]
        target = Target("cluster", None, self.door.context, found.uid, self.namespace, self.name, KEY)
        beside = imports.around(self.door, found, KEY)
        return Document(target, text, (WholePart(text, self.namespace, self.name, KEY, beside),), found.resource_version, around=beside)

    def documents(self) -> list[Document]:
        """The Corefile, and behind it every file that it imports and that may be read."""
        document = self.read()
        return [document, *imports.fragments(self.door, document)]

    def write(self, target: Target, before: str, after: str) -> None:
        """Replace the text if it is still `before`. ConflictError: it is not, and nothing was written."""
        path = f"/data/{KEY}"
        operations: list[dict[str, Any]] = [
            {"op": "test", "path": "/metadata/uid", "value": target.uid},
            {"op": "test", "path": path, "value": before},
            {"op": "replace", "path": path, "value": after},
        ]
        try:
            self.door.patch_configmap(self.namespace, self.name, operations)
        except ConflictError:
            raise ConflictError(
                f"{self.namespace}/{self.name} is no longer the text that the plan was made from; nothing was written",
                "somebody else changed it: look at it again with remedy diff",
            ) from None

    def text(self) -> str:
        """What is live now."""
        return self.door.configmap(self.namespace, self.name).data.get(KEY, "")
