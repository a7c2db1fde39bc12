"""A CoreDNS pod's template, changed so that a copy of the pod reads another ConfigMap and disturbs nobody.

What is left out matters more than what is kept: a copied anti-affinity would keep real replicas away from the node (it works both ways), a
copied priority would push other pods out, a copied label would lead a Service's queries to it.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from remedy.cluster.door import Door, Json
from remedy.errors import ClusterError, UnavailableError

_OWNERS = {"ReplicaSet": "replicasets.apps", "DaemonSet": "daemonsets.apps", "StatefulSet": "statefulsets.apps"}
_NOT_KEPT = (
    "activeDeadlineSeconds", "containers", "ephemeralContainers", "hostname", "initContainers", "nodeName", "overhead", "preemptionPolicy",
    "priority", "priorityClassName", "readinessGates", "restartPolicy", "schedulingGates", "serviceAccount", "setHostnameAsFQDN",
    "subdomain", "terminationGracePeriodSeconds", "topologySpreadConstraints", "volumes",
)  # fmt: skip
_NOT_KEPT_OF_CONTAINER = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
# How older clusters write a container's confinement; a copy without it may do more than the original.
_CONFINEMENT = (
    "container.apparmor.security.beta.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
    "seccomp.security.alpha.",
)
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_SIDECARS = {"sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled"}


def template_of(door: Door, namespace: str, pod: Json) -> Json:
    """The pod template that this pod was made from; without the right to read its owner, or without an owner, the pod itself."""
    for owner in pod["metadata"].get("ownerReferences") or ():
        if owner.get("controller") and owner["kind"] in _OWNERS:
            with contextlib.suppress(ClusterError):
                template: Json = door.read(_OWNERS[owner["kind"]], namespace, owner["name"])["spec"]["template"]
                return template
    return pod


def copied(
    template: Json, configmap: str, temporary: str, labels: Json, nodes: tuple[str, ...], imported: Mapping[str, str] = _NOTHING
) -> Json:
    """The template of a pod that runs once, with the volume of `configmap` reading `temporary`; rather on one of these nodes.

    `imported` are files that the Corefile imports from other volumes, by path, and the keys of `temporary` that stand in for them.
    UnavailableError where such a pod would not be CoreDNS, or would take what belongs to the node.
    """
    spec: dict[str, Any] = copy.deepcopy(dict(template["spec"]))
    if spec.get("hostNetwork"):
        raise UnavailableError("the CoreDNS pods use their node's network; a copy would take ports of the node")
    volumes = spec.get("volumes") or []
    ours = {volume["name"] for volume in volumes for source in _sources(volume) if source.get("name") == configmap}
    containers = [each for each in spec["containers"] if ours & _mounted(each)]
    if not containers:
        raise UnavailableError(f"the CoreDNS pods mount no ConfigMap {configmap}, so a copy of one would not read the candidate")
    # Only what prepares CoreDNS: a container that runs beside it may change things on the node.
    first = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") != "Always"]
    needed = set().union(*(_mounted(each) for each in (*containers, *first)))
    kept = [volume for volume in volumes if volume["name"] in needed]
    for source in (source for volume in kept for source in _sources(volume)):
        if source.get("name") == configmap:
            source["name"] = temporary
    _stand_in(containers, kept, temporary, imported)
    spec = {name: value for name, value in spec.items() if name not in _NOT_KEPT} | {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "affinity": _affinity(spec.get("affinity") or {}, nodes),
        "volumes": kept,
        "containers": [_container(each) for each in containers],
    }
    if first:
        spec["initContainers"] = [_container(each) for each in first]
    annotations = template["metadata"].get("annotations") or {}
    confinement = {name: value for name, value in annotations.items() if name.startswith(_CONFINEMENT)}
    return {"metadata": {"labels": {**labels, **_NO_SIDECARS}, "annotations": confinement | _NO_SIDECARS}, "spec": spec}


def _stand_in(containers: Sequence[Json], volumes: Sequence[dict[str, Any]], temporary: str, imported: Mapping[str, str]) -> None:
    """Let the volumes that these files are in read `temporary`."""
    left = dict(imported)
    for mount in (mount for container in containers for mount in container.get("volumeMounts") or ()):
        items = [
            {"key": key, "path": path.rpartition("/")[2]} for path, key in imported.items() if path.rpartition("/")[0] == mount["mountPath"]
        ]
        for volume in volumes:
            if items and volume["name"] == mount["name"] and "configMap" in volume:
                volume["configMap"] = {"name": temporary, "items": items}
                left = {path: key for path, key in left.items() if path.rpartition("/")[0] != mount["mountPath"]}
    if left:
        raise UnavailableError(
            f"the CoreDNS pods mount no ConfigMap at {next(iter(left)).rpartition('/')[0]}, where the change is in a file"
        )


def _container(container: Json) -> Json:
    kept = {name: value for name, value in container.items() if name not in _NOT_KEPT_OF_CONTAINER}
    kept["ports"] = [
        {name: value for name, value in port.items() if name not in ("hostPort", "hostIP")} for port in kept.get("ports") or ()
    ]
    if kept.get("imagePullPolicy") != "Never":
        kept["imagePullPolicy"] = "IfNotPresent"
    # The last log lines then stand in the pod's status, which outlives the log.
    kept["terminationMessagePolicy"] = "FallbackToLogsOnError"
    return kept


def _affinity(affinity: Json, nodes: tuple[str, ...]) -> Json:
    """What it says of nodes, without the one node that a DaemonSet's controller wrote into a pod; and a wish for nodes with the image."""
    node = dict(affinity.get("nodeAffinity") or {})
    required = node.pop("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", ())
    terms = [term for term in ({name: value for name, value in each.items() if name != "matchFields"} for each in required) if term]
    if terms:
        node["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": terms}
    # The API takes a single name in a matchFields expression.
    wishes = [
        {"weight": 100, "preference": {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}} for name in nodes[:8]
    ]
    old = list(node.get("preferredDuringSchedulingIgnoredDuringExecution") or ())
    node["preferredDuringSchedulingIgnoredDuringExecution"] = old + wishes
    return {"nodeAffinity": node}


def _mounted(container: Json) -> set[str]:
    return {mount["name"] for mount in container.get("volumeMounts") or ()}


def _sources(volume: Json) -> list[dict[str, Any]]:
    """The ConfigMaps that a volume is made of."""
    if "configMap" in volume:
        return [volume["configMap"]]
    return [each["configMap"] for each in (volume.get("projected") or {}).get("sources") or () if "configMap" in each]
