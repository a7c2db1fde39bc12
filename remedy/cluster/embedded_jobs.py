"""The Jobs of the embedded cluster: a throw-away pod is one more DNS server on loopback, with the text of its ConfigMap.

As on a real cluster the pod waits for its ConfigMap, ends with CoreDNS's message where the text does not load, and never runs an image that
is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from remedy.answers.plugins import ORDER
from remedy.cluster.door import Json
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, ParseError

IMAGE = "coredns-of-the-demonstration"


class Server(Protocol):
    """A DNS server that was started."""

    name: str
    port: int

    def stop(self) -> None: ...


def pod_json(name: str, namespace: str, configmap: str, state: Json) -> Json:
    """A pod of the embedded cluster as an API server would send it."""
    container = {"name": "coredns", "image": IMAGE, "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns"}]}
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": {"k8s-app": "kube-dns"}},
        "spec": {
            "nodeName": "demo",
            "containers": [container],
            "volumes": [{"name": "config-volume", "configMap": {"name": configmap, "items": [{"key": "Corefile", "path": "Corefile"}]}}],
        },
        "status": {"phase": "Running", "podIP": "127.0.0.1", "containerStatuses": [{"name": "coredns", "state": state}]},
    }


class Jobs:
    """Objects that were created and not deleted; `start` runs a server with this name and Corefile."""

    def __init__(self, start: Callable[[str, Corefile], Server]) -> None:
        self._start = start
        self._objects: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._pods: dict[str, tuple[Json, Server | None]] = {}

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        name = body["metadata"]["name"]
        if (resource, namespace, name) in self._objects:
            raise ClusterError(f"the API server refused to create {resource} in {namespace}: {name} already exists")
        made = {"uid": f"demo-{name}", "creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        self._objects[resource, namespace, name] = {**body, "metadata": {**body["metadata"], **made}}
        return self._objects[resource, namespace, name]

    def delete(self, resource: str, namespace: str, name: str) -> None:
        self._objects.pop((resource, namespace, name), None)
        if resource == "jobs.batch":
            _, server = self._pods.pop(name, (None, None))
            if server:
                server.stop()

    def select(self, resource: str, namespace: str, labels: str) -> tuple[Json, ...]:
        name, _, value = labels.partition("=")
        kind = "jobs.batch" if resource == "pods" else resource
        found = [
            each
            for (of, where, _), each in self._objects.items()
            if (of, where) == (kind, namespace)
            and each["metadata"].get("labels", {}).get(name, "") == (value or each["metadata"]["labels"].get(name))
        ]
        return tuple(self._pod(namespace, each) for each in found) if resource == "pods" else tuple(found)

    def server(self, pod: str) -> Server | None:
        """The server of a pod that runs."""
        return self._pods.get(pod, (None, None))[1]

    def stop(self) -> None:
        for resource, namespace, name in list(self._objects):
            self.delete(resource, namespace, name)

    def _pod(self, namespace: str, job: Json) -> Json:
        name = job["metadata"]["name"]
        if name not in self._pods:
            container = job["spec"]["template"]["spec"]["containers"][0]
            text = self._objects.get(("configmaps", namespace, name), {}).get("data", {}).get("Corefile")
            if container.get("image") != IMAGE:
                waiting = {"reason": "ErrImagePull", "message": "the demonstration holds no other image than its own"}
                shown = pod_json(name, namespace, name, {"waiting": waiting})
                status = {**shown["status"], "containerStatuses": [{"name": container["name"], "state": {"waiting": waiting}}]}
                return {**shown, "status": status}
            if text is None:
                return pod_json(name, namespace, name, {"waiting": {"reason": "ContainerCreating"}})
            self._pods[name] = self._run(name, namespace, text)
        return self._pods[name][0]

    def _run(self, name: str, namespace: str, text: str) -> tuple[Json, Server | None]:
        said = refusal(text)
        if said:
            return pod_json(name, namespace, name, {"terminated": {"exitCode": 1, "reason": "Error", "message": said}}), None
        return pod_json(name, namespace, name, {"running": {}}), self._start(name, parse(text))


def refusal(text: str) -> str:
    """What CoreDNS would say if it did not load the text, as far as this cluster knows its plugins."""
    try:
        corefile = parse(text)
    except ParseError as error:
        return error.said or f"/etc/coredns/Corefile:{error.line} - Error during parsing: {error}"
    for _, plugin in corefile.walk():
        if plugin.name.text not in ORDER:
            return f"/etc/coredns/Corefile:{plugin.name.line} - Error during parsing: Unknown directive '{plugin.name.text}'"
    return ""
