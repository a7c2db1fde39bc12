"""The live Corefile: one key of a ConfigMap, read and written through a Door.

The write is a JSON patch that tests the object's uid and the text it was planned from: somebody else's edit makes it fail as a whole,
while labels, annotations and other keys that somebody else changes meanwhile neither hinder it nor are touched.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from remedy.cluster.door import Door
from remedy.cluster.pods import KEY
from remedy.errors import ConflictError, InputError
from remedy.sources.document import Document, Target, WholePart


class LiveSource(NamedTuple):
    door: Door
    namespace: str
    name: str
    key: str = KEY
    version: str | None = None

    def read(self) -> Document:
        """InputError where the ConfigMap has no Corefile; ClusterError where it cannot be read."""
        found = self.door.configmap(self.namespace, self.name)
        if self.key not in found.data:
            keys = ", ".join(sorted(found.data)) or "none"
            raise InputError(
                f"the ConfigMap {self.namespace}/{self.name} has no key {self.key} (its keys: {keys})",
                "name the ConfigMap that CoreDNS mounts: --namespace NAMESPACE --configmap NAME",
            )
        text = found.data[self.key]
        target = Target("cluster", None, self.door.context, found.uid, self.namespace, self.name, self.key)
        return Document(target, text, (WholePart(text, self.namespace, self.name, self.key),), found.resource_version, self.version)

    def write(self, target: Target, before: str, after: str) -> None:
        """Replace the text if it is still `before`. ConflictError: it is not, and nothing was written."""
        path = f"/data/{self.key}"
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
        return self.door.configmap(self.namespace, self.name).data.get(self.key, "")
