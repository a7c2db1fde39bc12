"""The door to a cluster: what remedy needs of one, and nothing else. A real API server and the embedded cluster both stand behind it.

Everything else in this package works on a Door, so that a step which passes in the embedded cluster is the same step in a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from remedy.wire import Stream

Json = Mapping[str, Any]
"""An object as the API server sends it."""


class ConfigMap(NamedTuple):
    """What was read of a ConfigMap."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    data: Mapping[str, str]
    annotations: Mapping[str, str] = {}


class Replica(NamedTuple):
    """A pod that answers DNS; `port` is the one it listens on for TCP."""

    name: str
    port: int
    ready: bool


class Door(Protocol):
    """Every method raises ClusterError with what to do next: unreachable, forbidden, not found."""

    @property
    def context(self) -> str: ...

    def configmap(self, namespace: str, name: str) -> ConfigMap: ...

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        """A JSON patch (RFC 6902). ConflictError where a `test` in it fails; UnknownOutcome where the connection broke meanwhile.

        With `dry_run` the API server checks and admits it, and stores nothing.
        """

    def replicas(self, namespace: str) -> tuple[Replica, ...]:
        """The running pods behind the DNS Service that are not being deleted, by name."""

    def dial(self, namespace: str, replica: Replica) -> AbstractContextManager[Stream]:
        """A TCP stream to the replica's DNS port, closed at the end. OSError where it cannot be had."""

    def read(self, resource: str, namespace: str, name: str) -> Json:
        """One object, whole. A resource is named as in RBAC, with its group behind a dot: `services`, `daemonsets.apps`."""

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        """The objects with these labels (`a=b,c=d`), at most `limit` of them."""

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        """A new object; ClusterError with status 409 where there is one of this name."""

    def patch(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        """A merge patch (RFC 7386). With a `resourceVersion` in it, ClusterError with status 409 where the object has changed since."""

    def delete(self, resource: str, namespace: str, name: str) -> None:
        """Remove the object; one that is gone already is no error."""

    def user(self) -> str:
        """Who asks, as the API server sees it; empty where it does not say."""
