"""Brings a Corefile to every CoreDNS replica of the testbed and knows when each one serves it.

Run inside the network namespace. The file in a pod is read from the kubelet's folder, which is the very same file.
"""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import suppress

from . import api, history
from .manifests import CONFIGMAP, DEPLOYMENT, SYSTEM, Json, deployment
from .places import KUBELET
from .processes import wait


def apiserver_ready() -> bool:
    return bool(api.request("GET", "/readyz")["text"] == "ok")


def replicas() -> list[Json]:
    """The CoreDNS pods that are not on their way out."""
    pods = api.request("GET", f"{SYSTEM}/pods?labelSelector=k8s-app%3Dkube-dns")["items"]
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def complete() -> bool:
    """Whether the Deployment has rolled out: two replicas of its present template, both ready, no other."""
    found = api.request("GET", DEPLOYMENT)
    status = found["status"]
    counts = [status.get(name) for name in ("replicas", "updatedReplicas", "readyReplicas")]
    fresh = status.get("observedGeneration", 0) >= found["metadata"]["generation"]
    # The counts lag behind the pods they count, so ask the pods too.
    return fresh and counts == [2, 2, 2] and [_is_ready(pod) for pod in replicas()] == [True, True]


def routed() -> bool:
    """Whether kube-proxy sends the DNS Service's queries to exactly the present replicas."""
    done = subprocess.run(["iptables-save", "-t", "nat"], capture_output=True, timeout=30, check=True)
    targets = set(re.findall(r"--to-destination (\S+):53\b", done.stdout.decode()))
    return targets == {pod["status"].get("podIP") for pod in replicas()}


def restart() -> None:
    """Replace every replica at once."""
    for pod in replicas():
        with suppress(api.Rejected):  # gone meanwhile
            api.request("DELETE", f"{SYSTEM}/pods/{pod['metadata']['name']}", {"gracePeriodSeconds": 0})


def settle(text: str, *, timeout: float) -> None:
    """Wait until every replica serves this text. Raises TimeoutError, RuntimeError when CoreDNS refuses to load it."""
    deadline = time.monotonic() + timeout
    poked: dict[str, float] = {}
    while True:
        serving = {pod["metadata"]["name"]: _serves(pod, text, poked) for pod in replicas()}
        if serving and all(serving.values()):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"not every replica serves the text after {timeout:g} s: {serving}")
        time.sleep(0.1)


def reset(target: Json) -> None:
    """Put this ConfigMap and a new Deployment in place and wait until two replicas serve its text.

    New pods, not a reload: they come up in a second and remember nothing of the test before.
    """
    text = target["data"]["Corefile"]
    _replace(target)
    _replace_deployment()
    restart()
    wait("two CoreDNS replicas", complete, timeout=180)
    settle(text, timeout=90)
    wait("the DNS Service", routed, timeout=120)  # kube-proxy waits longer after each failure to reach the API server


def _serves(pod: Json, text: str, poked: dict[str, float]) -> bool:
    name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
    volume = KUBELET / "pods" / uid / "volumes/kubernetes.io~configmap/config-volume"
    try:
        written = (volume / "..data").lstat().st_mtime
        same = (volume / "Corefile").read_text() == text
    except FileNotFoundError:  # the pod is still being set up
        return False
    if same:
        return history.serves(_history(pod), written)
    # A poke can come before the kubelet has heard of the new ConfigMap; then only another one helps.
    if time.monotonic() - poked.get(uid, 0) > 2:
        poked[uid] = time.monotonic()
        _poke(name)
    return False


def _is_ready(pod: Json) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)


def _poke(name: str) -> None:
    """A changed annotation makes the kubelet sync the pod, and with it the file, at once."""
    patch = {"metadata": {"annotations": {"testbed/poke": str(time.time_ns())}}}
    with suppress(api.Rejected):  # gone meanwhile
        api.request("PATCH", f"{SYSTEM}/pods/{name}", patch, content_type="application/merge-patch+json")


def _history(pod: Json) -> history.History:
    log = f"{SYSTEM}/pods/{pod['metadata']['name']}/log?timestamps=true"
    try:
        return history.parse(str(api.request("GET", log)["text"]))
    except api.Rejected:  # no container runs yet
        return []


def _replace(target: Json) -> None:
    """Put the ConfigMap in place, whatever became of the one before."""
    try:
        api.request("PUT", CONFIGMAP, target)
        return
    except api.Rejected as error:
        if error.status == 422:  # immutable
            api.request("DELETE", CONFIGMAP)
        elif error.status != 404:
            raise
    api.request("POST", CONFIGMAP.rpartition("/")[0], target)


def _replace_deployment() -> None:
    try:
        api.request("PUT", DEPLOYMENT, deployment())
    except api.Rejected as error:
        if error.status != 404:
            raise
        api.request("POST", DEPLOYMENT.rpartition("/")[0], deployment())
