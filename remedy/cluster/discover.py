"""Find the CoreDNS of a cluster by what points to what: Service, pods, workload, `-conf`, volume, ConfigMap and key.

Names differ from one distribution to the next and so prove nothing; they only decide where to begin, and what is left to try where a right
to look is missing. Then that is said in a note: what was taken by its usual name may not be what runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from remedy.cluster.door import Door, Json, Replica
from remedy.cluster.pods import KEY, config_path, configmaps, dns_port, mounted, mounts, port, ready, running, staying, workload
from remedy.errors import ClusterError

NAMESPACES = ("kube-system", "openshift-dns")
USUAL_SERVICES = ("kube-dns", "coredns", "rke2-coredns-rke2-coredns", "dns-default")
USUAL_LABELS = "k8s-app=kube-dns"
NODE_LOCAL_LABELS = "k8s-app=node-local-dns"
USUAL_NAME = "coredns"
SLICES = "endpointslices.discovery.k8s.io"
SECRETS = "/var/run/secrets/"  # the service account, which every pod has


class Installation(NamedTuple):
    """A CoreDNS, and the ConfigMap's key that its Corefile stands in. Without `service` it was taken by its usual name.

    `families` are the Service's (IPv4, IPv6); `custom` are further ConfigMaps by the folder where the container sees them; `updates` is
    false where the kubelet never brings a change to a running pod; `node_local` is the cache on every node, which no Service leads to.
    """

    namespace: str
    configmap: str
    key: str = KEY
    service: str = ""
    workload: str = ""
    images: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    path: str = ""
    custom: tuple[tuple[str, str], ...] = ()
    updates: bool = True
    node_local: bool = False


class Found(NamedTuple):
    """Never empty: what could not be found is taken by its usual name, and the notes say so."""

    installations: tuple[Installation, ...]
    notes: tuple[str, ...]


def discover(door: Door, namespace: str | None = None, configmap: str | None = None) -> Found:
    """Every CoreDNS of the cluster or of one namespace; with `configmap`, those that read it.

    ClusterError where another program serves DNS.
    """
    notes: list[str] = []
    found: list[Installation] = []
    others: list[str] = []
    for place in (namespace,) if namespace else NAMESPACES:
        said: list[str] = []
        found += [*_behind_services(door, place, said, others), *_node_local(door, place)]
        if found or place in (namespace, NAMESPACES[0]):
            notes = said
        if found:
            break
    if configmap is not None:
        named = [each for each in found if configmap in (each.configmap, *(name for _, name in each.custom))]
        return Found(tuple(named) or (Installation(namespace or NAMESPACES[0], configmap),), () if named else tuple(notes))
    if found:
        return Found(tuple(_merged(found)), tuple(notes))
    if others:
        raise ClusterError(
            f"{others[0]}: there is no CoreDNS here, and so no Corefile",
            "if one runs elsewhere, name it: --namespace NAMESPACE --configmap NAME",
        )
    usual = Installation(namespace or NAMESPACES[0], USUAL_NAME)
    notes.append(f"taken by its usual name: the ConfigMap {usual.namespace}/{usual.configmap}, key {usual.key}")
    return Found((usual,), tuple(notes))


def replicas(door: Door, namespace: str, configmap: str = "") -> tuple[Replica, ...]:
    """The running pods behind the DNS Service; of those, the ones that read this ConfigMap. ClusterError where there is no such Service.

    Of a ConfigMap that only the cache on every node reads, the pods of that.
    """
    services = _services(door, namespace, [])
    pods: list[tuple[Json, Json]]
    if services is None:
        pods = [(pod, {}) for pod in running(door.select("pods", namespace, USUAL_LABELS))]
    elif not services:
        raise ClusterError(
            f"no Service in {namespace} answers DNS on port 53",
            "remedy finds the replicas through that Service; without it there is nobody to ask whether a change has arrived",
        )
    else:
        pods = [(pod, service) for service in services for pod in running(_pods(door, namespace, service, []))]
    readers = [(pod, service) for pod, service in pods if configmap in ("", *configmaps(pod["spec"]))]
    if not readers and configmap:
        readers = [(pod, {}) for pod in running(_cache(door, namespace)) if configmap in configmaps(pod["spec"])]
    if pods and not readers:
        read = ", ".join(sorted({name for pod, _ in pods for name in configmaps(pod["spec"])})) or "none"
        raise ClusterError(
            f"no pod behind the DNS Service of {namespace} reads the ConfigMap {configmap} (they read: {read})",
            "name the one that they read: --configmap NAME",
        )
    alive = {pod["metadata"]["name"]: Replica(pod["metadata"]["name"], port(pod, service), ready(pod)) for pod, service in readers}
    return tuple(alive[name] for name in sorted(alive))


def _behind_services(door: Door, namespace: str, notes: list[str], others: list[str]) -> Iterator[Installation]:
    services = _services(door, namespace, notes)
    try:
        if services is None:
            yield from _read(staying(door.select("pods", namespace, USUAL_LABELS)), namespace, {}, others)
        for service in services or ():
            pods = staying(_pods(door, namespace, service, notes))
            yield from _read(pods or _templates(door, namespace, service), namespace, service, others)
    except ClusterError as error:
        if error.status != 403:
            raise
        notes.append(f"no right to list pods in {namespace}, so it is not known which ConfigMap CoreDNS reads")
        return
    if services == []:
        notes.append(f"no Service in {namespace} answers DNS on port 53")


def _services(door: Door, namespace: str, notes: list[str]) -> list[Json] | None:
    """The Services on port 53, those with a usual name first; None where there is no right to look at any."""
    try:
        found = list(door.select("services", namespace))
    except ClusterError as error:
        if error.status != 403:
            raise
        try:
            found = _named(door, namespace)
        except ClusterError as error:
            if error.status != 403:
                raise
            notes.append(f"no right to list services in {namespace}: pods with the label {USUAL_LABELS} are taken for CoreDNS")
            return None
    dns = [each for each in found if dns_port(each) and each["spec"].get("type") != "ExternalName"]
    usual = {name: place for place, name in enumerate(USUAL_SERVICES)}
    return sorted(dns, key=lambda each: (usual.get(each["metadata"]["name"], len(usual)), each["metadata"]["name"]))


def _pods(door: Door, namespace: str, service: Json, notes: list[str]) -> tuple[Json, ...]:
    """The pods behind a Service: those that it selects, or, of one without a selector, those that its EndpointSlices name or whose
    addresses they hold."""
    if service["spec"].get("selector"):
        return door.select("pods", namespace, _labels(service))
    name = service["metadata"]["name"]
    try:
        slices = door.select(SLICES, namespace, f"kubernetes.io/service-name={name}")
    except ClusterError as error:
        if error.status != 403:
            raise
        notes.append(f"the Service {namespace}/{name} has no selector, and its pods are not known: {error}")
        return ()
    ends = [end for each in slices for end in each.get("endpoints") or ()]
    names = {(end.get("targetRef") or {}).get("name") for end in ends}
    addresses = {address for end in ends for address in end.get("addresses") or ()}
    if not ends:
        return ()
    pods = door.select("pods", namespace)
    return tuple(each for each in pods if each["metadata"]["name"] in names or each.get("status", {}).get("podIP") in addresses)


def _named(door: Door, namespace: str) -> list[Json]:
    """For a Role that grants `get` of a Service by its name only. ClusterError (403) where it grants none of the usual ones."""
    found: list[Json] = []
    refused: ClusterError | None = None
    for name in USUAL_SERVICES:
        try:
            found.append(door.read("services", namespace, name))
        except ClusterError as error:
            if error.status not in (403, 404):
                raise
            refused = error if error.status == 403 else refused
    if not found and refused is not None:
        raise refused
    return found


def _node_local(door: Door, namespace: str) -> Iterator[Installation]:
    for each in _read(_cache(door, namespace, limit=1), namespace, {}, []):
        yield each._replace(node_local=True)


def _cache(door: Door, namespace: str, limit: int = 0) -> tuple[Json, ...]:
    """The pods of the cache on every node; none where they may not be listed."""
    try:
        return door.select("pods", namespace, NODE_LOCAL_LABELS, limit=limit)
    except ClusterError as error:
        if error.status != 403:
            raise
        return ()


def _templates(door: Door, namespace: str, service: Json) -> list[Json]:
    """What the pods behind a Service would be, for a workload that has none now."""
    labels = (service["spec"].get("selector") or {}).items()
    if not labels:
        return []
    found: list[Json] = []
    for resource, kind in (("deployments.apps", "Deployment"), ("daemonsets.apps", "DaemonSet")):
        try:
            workloads = door.select(resource, namespace)
        except ClusterError as error:
            if error.status != 403:
                raise
            continue
        for each in workloads:
            template = each["spec"]["template"]
            if labels <= template["metadata"].get("labels", {}).items():
                owner = {"kind": kind, "name": each["metadata"]["name"], "controller": True}
                found.append({"metadata": {**template["metadata"], "ownerReferences": [owner]}, "spec": template["spec"]})
    return found


def _read(pods: tuple[Json, ...] | list[Json], namespace: str, service: Json, others: list[str]) -> Iterator[Installation]:
    """What each of these pods reads; what runs in them if none is CoreDNS is added to `others`."""
    found: list[Installation] = []
    for pod in pods:
        for container in pod["spec"]["containers"]:
            path = config_path(container)
            mount = path and mounted(pod["spec"], container, path)
            if not (path and mount):
                continue
            beside = [(each["mountPath"], name) for each, name in mounts(pod["spec"], container) if name != mount.configmap]
            folders = [each for each in beside if not each[0].startswith(SECRETS)]
            found.append(
                Installation(
                    namespace,
                    mount.configmap,
                    mount.key,
                    service.get("metadata", {}).get("name", ""),
                    workload(pod),
                    (str(container.get("image", "")),),
                    tuple(service.get("spec", {}).get("ipFamilies", ())),
                    path,
                    tuple(sorted(folders)),
                    mount.updates,
                )
            )
    if pods and not found:
        images = ", ".join(sorted({each.get("image", "?") for pod in pods for each in pod["spec"]["containers"]}))
        name = service.get("metadata", {}).get("name", "")
        others.append(f"the pods {f'behind the Service {namespace}/{name}' if name else f'in {namespace}'} run {images}")
    yield from _merged(found)


def _merged(found: list[Installation]) -> list[Installation]:
    """One for each ConfigMap's key, with the images of all its pods; the first Service stands for all."""
    merged: dict[tuple[str, str, str], Installation] = {}
    for each in found:
        first = merged.setdefault((each.namespace, each.configmap, each.key), each)
        images = tuple(dict.fromkeys((*first.images, *each.images)))
        merged[(each.namespace, each.configmap, each.key)] = first._replace(images=images, updates=first.updates and each.updates)
    return list(merged.values())


def _labels(service: Json) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(service["spec"]["selector"].items()))
