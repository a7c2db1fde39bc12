"""Objects in memory that behave like those of an API server: versions, merge patches, labels. The embedded cluster keeps its own in them.

Nothing is defaulted or validated: what is put in comes out.
"""

from __future__ import annotations

import copy
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from remedy.cluster.door import Json
from remedy.errors import ClusterError

_Key = tuple[str, str, str]


class Objects:
    """By resource (as in RBAC), namespace and name."""

    def __init__(self) -> None:
        self._held: dict[_Key, dict[str, Any]] = {}
        self._version = 1
        self._lock = threading.Lock()

    def put(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        with self._lock:
            return self._store((resource, namespace, name), body)

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        key = (resource, namespace, str(body["metadata"]["name"]))
        with self._lock:
            if key in self._held:
                raise _error(409, f"the API server refused to create {resource} in {namespace}: 409 {key[2]} already exists")
            return self._store(key, body)

    def read(self, resource: str, namespace: str, name: str) -> Json:
        with self._lock:
            return copy.deepcopy(self._found((resource, namespace, name), "get"))

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        wanted = [each.partition("=") for each in labels.split(",") if each]
        with self._lock:
            found = [body for key, body in sorted(self._held.items()) if key[:2] == (resource, namespace)]
            chosen = [body for body in found if all(_labelled(body, name, value or None) for name, _, value in wanted)]
            return tuple(copy.deepcopy(chosen[: limit or None]))

    def patch(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        key = (resource, namespace, name)
        with self._lock:
            live = self._found(key, "patch")
            version = body.get("metadata", {}).get("resourceVersion")
            if version is not None and version != live["metadata"]["resourceVersion"]:
                raise _error(409, f"the API server refused to patch {resource}/{name} in {namespace}: 409 the object has been modified")
            return self._store(key, merged(live, body))

    def delete(self, resource: str, namespace: str, name: str) -> None:
        with self._lock:
            gone = self._held.pop((resource, namespace, name), None)
            if gone:  # and what it owns, as the garbage collector would have it
                uid = gone["metadata"]["uid"]
                owners = {key: body["metadata"].get("ownerReferences") or () for key, body in self._held.items()}
                for key in [key for key, of in owners.items() if any(each.get("uid") == uid for each in of)]:
                    del self._held[key]

    def _found(self, key: _Key, verb: str) -> dict[str, Any]:
        if key not in self._held:
            raise _error(404, f"not found: {verb} {key[0]}/{key[2]} in {key[1]}")
        return self._held[key]

    def _store(self, key: _Key, body: Json) -> Json:
        self._version += 1
        old = self._held.get(key, {}).get("metadata", {})
        metadata = {**body.get("metadata", {}), "name": key[2], "namespace": key[1], "resourceVersion": str(self._version)}
        metadata["uid"] = old.get("uid") or metadata.get("uid") or str(uuid.uuid4())
        metadata["creationTimestamp"] = old.get("creationTimestamp") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._held[key] = copy.deepcopy({**body, "metadata": metadata})
        return copy.deepcopy(self._held[key])


def _labelled(body: Json, name: str, value: str | None) -> bool:
    """Has it this label, with this value (None: any)?"""
    held = (body["metadata"].get("labels") or {}).get(name)
    return held is not None and value in (None, held)


def merged(target: Any, patch: Any) -> Any:
    """A merge patch applied (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    whole = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = merged(whole.get(name), value)
    return whole


def _error(status: int, message: str) -> ClusterError:
    error = ClusterError(message, "name it: --namespace NAMESPACE --configmap NAME" if status == 404 else "")
    error.status = status
    return error
