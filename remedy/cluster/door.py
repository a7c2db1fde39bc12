"""The door to a cluster: what remedy needs of one, and nothing else. A real API server and the embedded cluster both stand behind it.

Everything else in this package works on a Door, so that a step which passes in the embedded cluster is the same step in a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from remedy.wire import Stream


class ConfigMap(NamedTuple):
    """What was read of a ConfigMap."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    data: Mapping[str, str]


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

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> ConfigMap:
        """A JSON patch (RFC 6902). ConflictError where a `test` in it fails; UnknownOutcome where the connection broke meanwhile."""

    def replicas(self, namespace: str) -> tuple[Replica, ...]:
        """The running pods behind the DNS Service that are not being deleted, by name."""

    def dial(self, namespace: str, replica: Replica) -> AbstractContextManager[Stream]:
        """A TCP stream to the replica's DNS port, closed at the end. OSError where it cannot be had."""
