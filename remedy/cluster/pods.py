"""What a pod says about the CoreDNS in it: which file it reads, which ConfigMap's key that is, where it listens, what made it.

Pure functions on objects as the API server sends them. A mount path is not a key: `items` and `subPath` stand between the two.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from remedy.cluster.door import Json

KEY = "Corefile"
_NODE_CACHE_FILE = "/etc/coredns/Corefile.base"  # dns/cmd/node-cache: the default of -basecorefile


class Mount(NamedTuple):
    """A ConfigMap's key in a container; `updates` is false where the kubelet never brings a change to a running pod."""

    configmap: str
    key: str
    updates: bool


def config_path(container: Json) -> str | None:
    """Where this container reads its Corefile; None where it is not CoreDNS."""
    words = [str(word) for word in (*(container.get("command") or ()), *(container.get("args") or ()))]
    image = str(container.get("image", "")).rpartition("/")[2]
    if "node-cache" in image:  # it writes the file that -conf names from this one
        return _flag(words, "basecorefile") or _NODE_CACHE_FILE
    path = _flag(words, "conf") or (KEY if "coredns" in image else "")
    if not path or not ("coredns" in image or "orefile" in posixpath.basename(path)):
        return None
    return posixpath.join("/", container.get("workingDir") or "", path)


def _flag(words: list[str], name: str) -> str:
    """A flag as Go's package flag reads it: one dash or two, the value behind `=` or as the next word."""
    for place, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag in (f"-{name}", f"--{name}"):
            return value if equals else words[place + 1] if place + 1 < len(words) else ""
    return ""


def mounted(spec: Json, container: Json, path: str) -> Mount | None:
    """The ConfigMap's key that stands at a path in a container; None where something else does."""
    volumes = {each["name"]: each for each in spec.get("volumes") or ()}
    mounts = [each for each in container.get("volumeMounts") or () if _below(path, each["mountPath"])]
    if not mounts:
        return None
    mount = max(mounts, key=lambda each: len(each["mountPath"]))
    relative = posixpath.relpath(path, mount["mountPath"])
    inside = posixpath.normpath(posixpath.join(mount.get("subPath", ""), "" if relative == "." else relative))
    for source in _sources(volumes.get(mount["name"], {})):
        keys = {item["path"]: item["key"] for item in source.get("items") or ()} or {inside: inside}
        if inside in keys and "/" not in keys[inside]:
            return Mount(source["name"], keys[inside], not mount.get("subPath"))
    return None


def mounts(spec: Json, container: Json) -> Iterator[tuple[Json, str]]:
    """The container's mounts of ConfigMaps, with their names."""
    volumes = {each["name"]: each for each in spec.get("volumes") or ()}
    for mount in container.get("volumeMounts") or ():
        for source in _sources(volumes.get(mount["name"], {})):
            yield mount, source["name"]


def _sources(volume: Json) -> list[Json]:
    """The ConfigMaps that a volume is made of."""
    if "configMap" in volume:
        return [volume["configMap"]]
    return [each["configMap"] for each in volume.get("projected", {}).get("sources") or () if "configMap" in each]


def configmaps(spec: Json) -> set[str]:
    return {source["name"] for volume in spec.get("volumes") or () for source in _sources(volume)}


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def workload(pod: Json) -> str:
    """`Deployment coredns`. A ReplicaSet is named after its Deployment and the hash that its pods carry as a label."""
    owner = next((each for each in pod["metadata"].get("ownerReferences") or () if each.get("controller")), None)
    if owner is None:
        return ""
    digest = pod["metadata"].get("labels", {}).get("pod-template-hash", "")
    if owner["kind"] == "ReplicaSet" and digest and owner["name"].endswith(f"-{digest}"):
        return f"Deployment {owner['name'].removesuffix(f'-{digest}')}"
    return f"{owner['kind']} {owner['name']}"


def dns_port(service: Json) -> Json | None:
    """The Service's port 53, of TCP if it has it."""
    ports = [each for each in service["spec"].get("ports") or () if each.get("port") == 53]
    return next((each for each in ports if each.get("protocol") == "TCP"), ports[0] if ports else None)


def port(pod: Json, service: Json) -> int:
    """Where the pod listens: the Service's target port, which may be the name of a container's; 53 where no Service says."""
    target = ((service and dns_port(service)) or {}).get("targetPort", 53)
    if isinstance(target, int) or str(target).isdigit():
        return int(target)
    ports = [port for container in pod["spec"]["containers"] for port in container.get("ports") or ()]
    return next((int(port["containerPort"]) for port in ports if port.get("name") == target), 53)


def staying(pods: tuple[Json, ...]) -> tuple[Json, ...]:
    """Without those that are on their way out: they say nothing of what runs from now on."""
    return tuple(pod for pod in pods if not pod["metadata"].get("deletionTimestamp"))


def running(pods: tuple[Json, ...]) -> list[Json]:
    return [pod for pod in staying(pods) if pod.get("status", {}).get("phase") == "Running"]


def ready(pod: Json) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions") or ())
