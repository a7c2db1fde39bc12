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

    def watch(self, namespace: str, name: str, version: str, seconds: float) -> bool:
        """Has this ConfigMap changed since this `resourceVersion`? Returns at the first change, or with False after so many seconds.

        True too where nobody can tell, for the API server has forgotten that version (410). ClusterError also where a watch breaks.
        """

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        """A JSON patch (RFC 6902). ConflictError where a `test` in it fails; UnknownOutcome where the connection broke meanwhile.

        With `dry_run` the API server checks and admits it, and stores nothing.
        """

    def replicas(self, namespace: str, configmap: str = "") -> tuple[Replica, ...]:
        """The running pods behind the DNS Service that are not being deleted, by name; of those, the ones that read this ConfigMap."""

    def dial(self, namespace: str, replica: Replica) -> AbstractContextManager[Stream]:
        """A TCP stream to the replica's DNS port, closed at the end. OSError where it cannot be had."""

    def read(self, resource: str, namespace: str, name: str) -> Json:
        """One object, whole. A resource is named as in RBAC, with its group behind a dot: `services`, `daemonsets.apps`."""

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        """The objects with these labels (`a=b,c=d`), at most `limit` of them."""

    def may(self, verb: str, resource: str, namespace: str, name: str = "") -> bool:
        """Does the API server grant this to whoever asks? A subresource stands behind a slash: `pods/portforward`."""

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        """The object as the API server made it; ClusterError with status 409 where there is one of this name."""

    def patch(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        """A merge patch (RFC 7386). With a `resourceVersion` in it, ClusterError with status 409 where the object has changed since."""

    def delete(self, resource: str, namespace: str, name: str) -> None:
        """The object goes, and what it owns after it. One that is not there is no error."""

    def user(self) -> str:
        """Who asks, as the API server sees it; empty where it does not say."""

    def complaints(self, namespace: str, name: str) -> tuple[str, ...]:
        """The messages of the warning Events about the object of this name, whatever its kind, the newest last."""

    def log(self, namespace: str, pod: str, container: str) -> str:
        """What a container wrote so far."""

    def pod_get(self, namespace: str, pod: str, port: int, path: str) -> str:
        """The body of an HTTP GET from a pod, through pods/proxy, which reaches the pod's address and not its localhost."""
