"""A Door in front of objects from a file: what a cluster of some distribution holds, and what it lets one see.

The objects are those of fixtures/clusters; nothing answers DNS behind this Door.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from ruamel.yaml import YAML

from remedy.cluster.discover import replicas
from remedy.cluster.door import ConfigMap, Json, Replica
from remedy.errors import ClusterError
from remedy.wire import Stream
from tests.command import REPOSITORY

FOLDER = REPOSITORY / "fixtures" / "clusters"
_KINDS = {
    "Service": "services",
    "Pod": "pods",
    "ConfigMap": "configmaps",
    "Deployment": "deployments.apps",
    "DaemonSet": "daemonsets.apps",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
}


def load(name: str) -> list[dict[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    return [each for each in yaml.load_all((FOLDER / f"{name}.yaml").read_text("utf-8")) if each]


def refusal(status: int, what: str) -> NoReturn:
    error = ClusterError({403: f"not allowed: {what}", 404: f"not found: {what}"}[status])
    error.status = status
    raise error


class Objects:
    """`forbidden` holds what is refused, as `list pods` or `get configmaps`."""

    context = "fixture"

    def __init__(self, objects: Iterable[dict[str, Any]], forbidden: Iterable[str] = ()) -> None:
        self._objects = list(objects)
        self._forbidden = set(forbidden)
        self.asked: list[str] = []

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        found = self.read("configmaps", namespace, name)
        return ConfigMap(namespace, name, found["metadata"].get("uid", ""), "1", found.get("data", {}))

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> ConfigMap:
        refusal(403, f"patch configmaps/{name} in {namespace}")

    def replicas(self, namespace: str, configmap: str = "") -> tuple[Replica, ...]:
        return replicas(self, namespace, configmap)

    def dial(self, namespace: str, replica: Replica) -> AbstractContextManager[Stream]:
        raise ClusterError("nothing answers here")

    def read(self, resource: str, namespace: str, name: str) -> Json:
        self._ask("get", resource, namespace, name)
        for each in self._of(resource, namespace):
            if each["metadata"]["name"] == name:
                return each
        refusal(404, f"get {resource}/{name} in {namespace}")

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        self._ask("list", resource, namespace)
        wanted = dict(each.split("=", 1) for each in labels.split(",") if each).items()
        found = [each for each in self._of(resource, namespace) if wanted <= each["metadata"].get("labels", {}).items()]
        return tuple(found[: limit or None])

    def may(self, verb: str, resource: str, _namespace: str, _name: str = "") -> bool:
        return f"{verb} {resource}" not in self._forbidden

    def user(self) -> str:
        return "fixture-user"

    def _of(self, resource: str, namespace: str) -> list[dict[str, Any]]:
        return [each for each in self._objects if _KINDS[each["kind"]] == resource and each["metadata"]["namespace"] == namespace]

    def _ask(self, verb: str, resource: str, namespace: str, name: str = "") -> None:
        what = f"{verb} {resource}{f'/{name}' if name else ''} in {namespace}"
        self.asked.append(what)
        if {f"{verb} {resource}", f"{verb} {resource}/{name}"} & self._forbidden:
            refusal(403, what)
