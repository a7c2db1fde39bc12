"""A Door that only lets in who looks: what would change an object in the cluster is refused before it is sent.

A port-forward and a question about rights are no changes, though both are requests to create something.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, NoReturn

from remedy.cluster.door import ConfigMap, Door, Json, Replica
from remedy.errors import InputError
from remedy.wire import Stream


class Looking:
    """Another Door without what it writes."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.context = door.context

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        return self._door.configmap(namespace, name)

    def watch(self, namespace: str, name: str, version: str, seconds: float) -> bool:
        return self._door.watch(namespace, name, version, seconds)

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        _refuse(f"patch configmaps/{name} in {namespace}", operations, dry_run)

    def replicas(self, namespace: str, configmap: str = "") -> tuple[Replica, ...]:
        return self._door.replicas(namespace, configmap)

    def dial(self, namespace: str, replica: Replica) -> AbstractContextManager[Stream]:
        return self._door.dial(namespace, replica)

    def read(self, resource: str, namespace: str, name: str) -> Json:
        return self._door.read(resource, namespace, name)

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        return self._door.select(resource, namespace, labels, limit=limit)

    def may(self, verb: str, resource: str, namespace: str, name: str = "") -> bool:
        return self._door.may(verb, resource, namespace, name)

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        _refuse(f"create {resource} in {namespace}", body)

    def patch(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        _refuse(f"patch {resource}/{name} in {namespace}", body)

    def delete(self, resource: str, namespace: str, name: str) -> None:
        _refuse(f"delete {resource}/{name} in {namespace}")

    def user(self) -> str:
        return self._door.user()

    def complaints(self, namespace: str, name: str) -> tuple[str, ...]:
        return self._door.complaints(namespace, name)

    def log(self, namespace: str, pod: str, container: str) -> str:
        return self._door.log(namespace, pod, container)

    def pod_get(self, namespace: str, pod: str, port: int, path: str) -> str:
        return self._door.pod_get(namespace, pod, port, path)


def _refuse(what: str, *_with: object) -> NoReturn:
    raise InputError(f"--read-only: it would {what}; nothing was written", "leave --read-only out to write")
