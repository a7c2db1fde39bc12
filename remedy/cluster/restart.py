"""A rolling restart by the workload's own strategy: for a CoreDNS that does not reload by itself.

It is what `kubectl rollout restart` does, and it is refused where it would leave no replica to answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from remedy.cluster.door import Door, Json, Replica
from remedy.corefile.parse import parse
from remedy.errors import ClusterError

_ANNOTATION = "kubectl.kubernetes.io/restartedAt"
_RESOURCES = {"Deployment": "deployments.apps", "DaemonSet": "daemonsets.apps"}
_GONE_SECONDS = 5.0  # beyond its grace period; then its node is what is wrong
_BY_HAND = "restart the pods by hand, one after the other, or choose --strategy reload and add the plugin reload to the Corefile first"

Strategy = Literal["auto", "reload", "restart"]


class Workload(NamedTuple):
    """What owns the replicas; `resource` as in RBAC."""

    resource: str
    namespace: str
    name: str

    @property
    def shown(self) -> str:
        return f"{self.resource.partition('s.')[0]} {self.namespace}/{self.name}"


def why(*, reloads: bool, updates: bool) -> str:
    """Why a pod takes a change only when it restarts; "" where it reloads by itself.

    `reloads`: CoreDNS looks for changes; `updates` is false where the kubelet never brings one to a running pod.
    """
    if not updates:
        return "the file is mounted with subPath, and a running pod never sees a change"
    return "" if reloads else "its Corefile has no plugin reload, and so it does not look for any"


def needed(strategy: Strategy, *, reloads: bool, updates: bool) -> bool:
    """Is a change brought by a restart? A reload loses no query, so `auto` takes it wherever it works."""
    return strategy == "restart" or (strategy == "auto" and bool(why(reloads=reloads, updates=updates)))


def lame_duck(text: str) -> bool:
    """Does a pod that goes answer for a while, until no Service leads to it (coredns: plugin/health, lameduck)?"""
    return any(plugin.option("lameduck") for _, plugin in parse(text).walk() if plugin.name.text == "health")


def workloads(door: Door, namespace: str, replicas: Iterable[Replica]) -> tuple[Workload, ...]:
    """The Deployments and DaemonSets that own these pods. ClusterError where one has another owner, or cannot be read."""
    found: dict[Workload, None] = {}
    owners: dict[str, Workload] = {}
    for replica in replicas:
        kind, name = _owner(door.read("pods", namespace, replica.name))
        if kind == "ReplicaSet":
            if name not in owners:
                owners[name] = _workload(namespace, replica, *_owner(door.read("replicasets.apps", namespace, name)))
            found[owners[name]] = None
        else:
            found[_workload(namespace, replica, kind, name)] = None
    return tuple(found)


def require_safe(door: Door, workload: Workload) -> None:
    """ClusterError where a rolling restart would not happen, or would take all replicas down at once."""
    body = door.read(workload.resource, workload.namespace, workload.name)
    spec = body["spec"]
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    if spec.get("paused"):
        raise ClusterError(
            f"the {workload.shown} is paused, so it would not restart; nothing was written", "kubectl rollout resume it, then try again"
        )
    if strategy.get("type") in ("Recreate", "OnDelete"):
        what = "takes all replicas down before it starts new ones" if strategy["type"] == "Recreate" else "restarts no pod by itself"
        raise ClusterError(f"the {workload.shown} has the strategy {strategy['type']}, which {what}; nothing was written", _BY_HAND)
    if workload.resource == "deployments.apps":
        of = int(spec.get("replicas", 1))
        unavailable, surge = _share(rolling.get("maxUnavailable", "25%"), of, up=False), _share(rolling.get("maxSurge", "25%"), of, up=True)
        unavailable = unavailable or int(surge == 0)
    else:
        of = int(body.get("status", {}).get("desiredNumberScheduled", 0))
        unavailable, surge = _share(rolling.get("maxUnavailable", 1), of, up=True), _share(rolling.get("maxSurge", 0), of, up=True)
        unavailable = 0 if surge else unavailable
    if of - unavailable < 1:
        raise ClusterError(
            f"a restart of the {workload.shown} may take {unavailable} of {of} replicas down at once, and nobody would answer; "
            "nothing was written",
            "allow it another pod meanwhile (maxSurge: 1, maxUnavailable: 0), or run more replicas",
        )


def restart(door: Door, workload: Workload) -> None:
    stamp = datetime.now(UTC).isoformat(timespec="microseconds")
    template = {"metadata": {"annotations": {_ANNOTATION: stamp}}}
    door.patch(workload.resource, workload.namespace, workload.name, {"spec": {"template": template}})


def complete(door: Door, workload: Workload) -> bool:
    """Do all its pods come from its present template, and are all of them available?"""
    try:
        body = door.read(workload.resource, workload.namespace, workload.name)
    except ClusterError:
        return False
    status = body.get("status", {})
    if int(status.get("observedGeneration", 0)) < int(body["metadata"].get("generation", 0)):
        return False
    if workload.resource == "deployments.apps":
        of = int(body["spec"].get("replicas", 1))
        return bool([status.get(each, 0) for each in ("replicas", "updatedReplicas", "availableReplicas")] == [of, of, of])
    of = int(status.get("desiredNumberScheduled", 0))
    return bool([status.get(each, 0) for each in ("updatedNumberScheduled", "numberAvailable")] == [of, of])


def leaving(door: Door, namespace: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of these pods that still run, and so may still answer whom the Service led to them; none whose time to go is over."""
    return tuple(name for name in sorted(names) if _runs(door, namespace, name))


def _runs(door: Door, namespace: str, name: str) -> bool:
    try:
        body = door.read("pods", namespace, name)
    except ClusterError:
        return False
    end = body["metadata"].get("deletionTimestamp")
    over = end is not None and (datetime.now(UTC) - datetime.fromisoformat(str(end))).total_seconds() > _GONE_SECONDS
    return not over and any("running" in (each.get("state") or {}) for each in body.get("status", {}).get("containerStatuses") or ())


def _owner(body: Json) -> tuple[str, str]:
    owners = [each for each in body["metadata"].get("ownerReferences", ()) if each.get("controller")]
    return (str(owners[0]["kind"]), str(owners[0]["name"])) if owners else ("", "")


def _workload(namespace: str, replica: Replica, kind: str, name: str) -> Workload:
    if kind not in _RESOURCES:
        what = f"is owned by the {kind} {name}" if kind else "has no owner"
        raise ClusterError(f"the pod {replica.name} {what}, so remedy cannot restart it by its own strategy; nothing was written", _BY_HAND)
    return Workload(_RESOURCES[kind], namespace, name)


def _share(value: Any, of: int, *, up: bool) -> int:
    """A count, or a percentage of the replicas: Kubernetes rounds maxSurge up, and a Deployment's maxUnavailable down."""
    text = str(value)
    if not text.endswith("%"):
        return int(text)
    share = int(text[:-1]) * of
    return -(-share // 100) if up else share // 100
