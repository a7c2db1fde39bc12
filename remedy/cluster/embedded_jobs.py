"""The Jobs of the embedded cluster: a throw-away pod is one more DNS server on loopback, with the text of its ConfigMap.

As on a real cluster the pod waits for its ConfigMap, ends with CoreDNS's message where the text does not load, and never runs an image that
is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from remedy.answers.plugins import NEWEST, ORDER
from remedy.cluster.door import Json
from remedy.cluster.objects import Objects
from remedy.corefile.parse import parse
from remedy.errors import ParseError

IMAGE = f"coredns:{NEWEST}"


class Server(Protocol):
    """A DNS server that was started."""

    name: str
    port: int

    def stop(self) -> None: ...


def pod_json(name: str, configmap: str, port: int = 53, state: Json | None = None, *, custom: str = "") -> dict[str, Any]:
    """A CoreDNS pod of the embedded cluster as an API server would send it; every pod listens on a port of its own.

    `custom` is the ConfigMap that it sees in the folder of that name.
    """
    container: dict[str, Any] = {
        "name": "coredns",
        "image": IMAGE,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [{"name": "dns-tcp", "containerPort": port}],
        "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns"}],
    }
    volume = {"name": "config-volume", "configMap": {"name": configmap, "items": [{"key": "Corefile", "path": "Corefile"}]}}
    volumes: list[dict[str, Any]] = [volume]
    if custom:
        container["volumeMounts"].append({"name": "custom", "mountPath": "/etc/coredns/custom"})
        volumes.append({"name": "custom", "configMap": {"name": custom, "optional": True}})
    status = {"phase": "Running", "podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}
    return {
        "metadata": {"name": name},
        "spec": {"nodeName": "demo", "containers": [container], "volumes": volumes},
        "status": {**status, "containerStatuses": [{"name": "coredns", "state": state or {"running": {}}}]},
    }


class Jobs:
    """Makes the pods of the Jobs among these objects; `start` runs a server with this name and text."""

    def __init__(self, objects: Objects, start: Callable[[str, str], Server]) -> None:
        self._objects = objects
        self._start = start
        self._servers: dict[str, Server] = {}

    def pods(self, namespace: str) -> None:
        """Make those that are due, and end those whose Job is gone."""
        jobs = {job["metadata"]["name"]: job for job in self._objects.select("jobs.batch", namespace)}
        for name in [name for name in self._servers if name not in jobs]:
            self._servers.pop(name).stop()
        for name, job in jobs.items():
            if name not in self._servers:
                metadata = {**job["spec"]["template"]["metadata"], "ownerReferences": [{"kind": "Job", "uid": job["metadata"]["uid"]}]}
                self._objects.put("pods", namespace, name, {**self._pod(namespace, name, job), "metadata": metadata})

    def server(self, pod: str) -> Server | None:
        """The server of a pod that runs."""
        return self._servers.get(pod)

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()

    def _pod(self, namespace: str, name: str, job: Json) -> dict[str, Any]:
        container = job["spec"]["template"]["spec"]["containers"][0]
        if container.get("image") != IMAGE:
            waiting = {"reason": "ErrImagePull", "message": "the demonstration holds no other image than its own"}
            pod = pod_json(name, name, state={"waiting": waiting})
            pod["status"]["containerStatuses"][0]["name"] = container["name"]
            return pod
        held = [each for each in self._objects.select("configmaps", namespace) if each["metadata"]["name"] == name]
        if not held:
            return pod_json(name, name, state={"waiting": {"reason": "ContainerCreating"}})
        text = held[0]["data"]["Corefile"]
        if said := refusal(text):
            return pod_json(name, name, state={"terminated": {"exitCode": 1, "reason": "Error", "message": said}})
        self._servers[name] = self._start(name, text)
        return pod_json(name, name, self._servers[name].port)


def refusal(text: str, files: Mapping[str, str] | None = None) -> str:
    """What CoreDNS would say if it did not load the text with these files, as far as this cluster knows its plugins."""
    try:
        corefile = parse(text, path="/etc/coredns/Corefile", files=files or None)
    except ParseError as error:
        return error.said or f"/etc/coredns/Corefile:{error.line} - Error during parsing: {error}"
    for _, plugin in corefile.walk():
        if plugin.name.text not in ORDER:
            return f"/etc/coredns/Corefile:{plugin.name.line} - Error during parsing: Unknown directive '{plugin.name.text}'"
    return ""
