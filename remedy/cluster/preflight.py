"""What a cluster allows, looked at before anything is written: rights, the object itself, what the replicas will do with a new text.

Rights are asked for one by one, by SelfSubjectAccessReview: the list of all rights that an API server can give is allowed to be incomplete.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from remedy.cluster import restart
from remedy.cluster.discover import Installation
from remedy.cluster.door import Door, Json
from remedy.cluster.owners import last_writer, owners
from remedy.cluster.proof import reloads as notices
from remedy.cluster.version import Release
from remedy.corefile.parse import parse
from remedy.errors import ClusterError, ParseError, RemedyError

LIMIT = 1 << 20  # bytes of all values of a ConfigMap (kubernetes: pkg/apis/core/validation, ValidateConfigMap)
State = Literal["ok", "warning", "failed", "unknown"]


class Check(NamedTuple):
    """One thing that was looked at: how it stands, in a sentence, and what to do about it. `failed` stops an apply."""

    name: str
    state: State
    text: str
    hint: str = ""

    def to_data(self) -> dict[str, Any]:
        return self._asdict()


class Right(NamedTuple):
    """A verb on a resource, named as in RBAC (`pods/portforward`, `jobs.batch`); `name` narrows it to one object."""

    verb: str
    resource: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}{f'/{self.name}' if self.name else ''}"


def for_apply(configmap: str, *, verify: bool = True) -> tuple[Right, ...]:
    """What an apply and a rollback of this ConfigMap need, and nothing else; `verify`: is every replica to be asked?"""
    writing = (Right("get", "configmaps", configmap), Right("patch", "configmaps", configmap))
    if not verify:
        return writing
    return (
        *writing,
        Right("list", "services"),
        Right("list", "pods"),
        Right("get", "pods/portforward"),
        Right("create", "pods/portforward"),
    )


FOR_CANARY = (
    *(Right(verb, "jobs.batch") for verb in ("create", "list", "delete")),
    *(Right(verb, "configmaps") for verb in ("create", "delete")),
    *(Right(verb, "pods") for verb in ("get", "list")),
    *(Right(verb, "pods/portforward") for verb in ("get", "create")),
)
"""A Job that is a copy of CoreDNS, and a ConfigMap that it owns and reads."""


class Comfort(NamedTuple):
    """Rights that an apply can do without, what they are for, and what is different without them."""

    name: str
    rights: tuple[Right, ...]
    without: str


COMFORTS = (
    Comfort("to hurry", (Right("patch", "pods"),), "a change arrives when the kubelet syncs by itself, a minute or two later"),
    Comfort(
        "to read metrics",
        (Right("get", "pods"), Right("get", "pods/proxy")),
        "a failed reload is known by the answers alone",
    ),
    Comfort(
        "to hold a Lease",
        tuple(Right(verb, "leases.coordination.k8s.io") for verb in ("get", "create", "patch")),
        "two remedies at once are kept apart by the test in each write alone",
    ),
    Comfort(
        "to keep records",
        tuple(Right(verb, "configmaps") for verb in ("list", "create", "patch", "delete")),
        "records are on this machine only, and only from here can a change be rolled back by its record",
    ),
    Comfort(
        "to watch",
        (Right("watch", "configmaps"),),
        "the terminal interface looks every five seconds whether somebody else has changed the Corefile",
    ),
    Comfort(
        "to restart",
        (
            *(Right("get", each) for each in ("pods", "replicasets.apps", "deployments.apps", "daemonsets.apps")),
            *(Right("patch", each) for each in ("deployments.apps", "daemonsets.apps")),
        ),
        "a Corefile without the plugin reload cannot be changed from here",
    ),
)

_DISPENSABLE = {Right("list", "services")}  # without it the usual names are taken


def missing(door: Door, namespace: str, rights: Iterable[Right]) -> tuple[Right, ...] | None:
    """Those that are not granted; None where the API server does not say."""
    try:
        return tuple(right for right in rights if not door.may(right.verb, right.resource, namespace, right.name))
    except ClusterError as error:
        if error.status == 0:
            raise
        return None


def rules(rights: Iterable[Right]) -> str:
    """The rules of a Role that grants these, as YAML."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        grouped.setdefault((right.resource, right.name), []).append(right.verb)
    lines: list[str] = []
    for (resource, name), verbs in grouped.items():
        whole, slash, subresource = resource.partition("/")
        plural, _, group = whole.partition(".")
        lines += [f'- apiGroups: ["{group}"]', f'  resources: ["{plural}{slash}{subresource}"]']
        lines += [f'  resourceNames: ["{name}"]'] if name else []
        lines.append(f"  verbs: {json.dumps(verbs)}")
    return "\n".join(lines)


def rights(door: Door, namespace: str, wanted: Sequence[Right], what: str) -> Check:
    """Whether everything that something needs is granted; `what` is it: `to apply`."""
    name = f"rights {what}"
    lacking = missing(door, namespace, wanted)
    if lacking is None:
        return Check(name, "unknown", "the API server does not say what is allowed", "it will refuse what is not")
    if not lacking:
        return Check(name, "ok", f"all granted in {namespace}")
    state: State = "warning" if set(lacking) <= _DISPENSABLE else "failed"
    return Check(
        name,
        state,
        f"not allowed: {', '.join(f'{right} in {namespace}' for right in lacking)}",
        f"a Role in that namespace must grant it:\n{rules(lacking)}",
    )


def comforts(door: Door, namespace: str) -> list[Check]:
    """What an apply could use and can do without; each that is not granted with the rules that would grant it."""
    found = []
    for each in COMFORTS:
        check = rights(door, namespace, each.rights, each.name)
        lacking = check.state not in ("ok", "unknown")
        found.append(check._replace(state="warning", text=f"{check.text}: {each.without}") if lacking else check)
    return found


def writable(configmap: Json, growth: int = 0) -> Check:
    """Whether the API server can take a change of this object that makes it grow by so many bytes."""
    metadata = configmap["metadata"]
    shown = f"{metadata['namespace']}/{metadata['name']}"
    if configmap.get("immutable"):
        return Check(
            "object", "failed", f"the ConfigMap {shown} is immutable", "nobody can change it; whoever made it has to make another one"
        )
    if metadata.get("deletionTimestamp"):
        return Check("object", "failed", f"the ConfigMap {shown} is being deleted", "find out who deletes it, and what comes instead")
    size = content_size(configmap) + growth
    if size > LIMIT:
        return Check(
            "object", "failed", f"the ConfigMap {shown} would hold {size} bytes, and {LIMIT} is the limit", "move other keys out of it"
        )
    return Check("object", "ok", f"{size} of at most {LIMIT} bytes; neither immutable nor being deleted")


def content_size(configmap: Json) -> int:
    """In bytes, of all values; those of binaryData are base64 here."""
    texts = sum(len(text.encode("utf-8", "surrogateescape")) for text in (configmap.get("data") or {}).values())
    return texts + sum(len(each.rstrip("=")) * 3 // 4 for each in (configmap.get("binaryData") or {}).values())


def version(installation: Installation, found: Release, named: str | None) -> Check:
    """Which release reads the Corefile: the one that a person names, or that the image's tag or the pods' metrics say."""
    images = ", ".join(installation.images) or "no image was seen"
    says = {"tag": "the image's tag says", "metric": "the pods' metrics say"}.get(found.by, "")
    if named:
        differs = f"; {says} {found.version}" if found.version and found.version != named.removeprefix("v") else ""
        return Check("version", "warning" if differs else "ok", f"CoreDNS {named}, as named{differs}")
    if found.version:
        several = f"; the pods run {', '.join(found.seen)}, and the oldest counts" if len(found.seen) > 1 else ""
        return Check("version", "warning" if several else "ok", f"CoreDNS {found.version}, as {says} ({images}){several}")
    return Check(
        "version",
        "unknown",
        f"neither a tag nor the pods' metrics tell the CoreDNS release ({images})",
        "name it: --coredns-version V; else the newest is assumed",
    )


def reloads(installation: Installation, text: str) -> Check:
    """Whether a running replica takes a new text by itself."""
    workload = installation.workload.lower().replace(" ", "/", 1) or "WORKLOAD"
    try:
        corefile = parse(text)
    except ParseError as error:
        return Check("reload", "failed", f"CoreDNS would refuse the live text: {error}", "a replica that restarts now does not come up")
    if why := restart.why(reloads=notices(corefile, corefile, None), updates=installation.updates):
        by_hand = f"an apply restarts it; by hand:\nkubectl -n {installation.namespace} rollout restart {workload}"
        return Check("reload", "warning", f"a replica takes a change only when it restarts: {why}", by_hand)
    settings = [" ".join(word.text for word in plugin.arguments) for _, plugin in corefile.walk() if plugin.name.text == "reload"]
    return Check("reload", "ok", f"every replica reloads by itself ({settings[0] or 'every 30 s'})")


def restarts(installation: Installation, text: str, strategy: restart.Strategy) -> list[Check]:
    """What a change costs clients that is brought by a restart; nothing where it is not."""
    corefile = parse(text)
    if not restart.needed(strategy, reloads=notices(corefile, corefile, None), updates=installation.updates) or restart.lame_duck(text):
        return []
    return [
        Check(
            "restart",
            "warning",
            "a pod that restarts stops answering at once, while lookups still come to it: a few of them will fail or take 5 s",
            "kubeadm's Corefile has `lameduck 5s` in the options of `health` for that",
        )
    ]


def families(installation: Installation) -> Check:
    """Whether clients here may need AAAA records."""
    if "IPv6" in installation.families:
        return Check(
            "dual-stack",
            "warning",
            f"the Service {installation.service} has {' and '.join(installation.families)}: clients here may need AAAA records",
            "a template for all of AAAA hides every one of them, with NODATA as with NXDOMAIN; think of taking it out",
        )
    known = ", ".join(installation.families)
    return Check("dual-stack", "ok" if known else "unknown", f"the Service has {known}" if known else "no Service was seen")


def standing(configmap: Json, key: str) -> list[Check]:
    """Who else writes the object."""
    from remedy.cluster.advice import sentence

    found = [Check("owner", "warning" if each.reverts != "no" else "ok", sentence(each)) for each in owners(configmap, key)]
    writer = last_writer(configmap)
    last = f"; last written by {writer}" if writer else ""
    return found or [Check("owner", "ok", f"no mark of another owner{last}")]


def serving(door: Door, installation: Installation) -> Check:
    """Who answers by this Corefile."""
    try:
        found = door.replicas(installation.namespace, installation.configmap)
    except ClusterError as error:
        return Check("replicas", "failed", str(error), error.hint)
    ready = sum(each.ready for each in found)
    ports = ", ".join(sorted({str(each.port) for each in found}))
    if installation.node_local and found:
        return Check(
            "replicas",
            "warning",
            f"{ready} of {len(found)} ready, the cache on every node, where remedy cannot ask it",
            "only its metrics tell which text it runs",
        )
    if not found:
        return Check("replicas", "failed", "no pod runs", "a change cannot be verified without a replica")
    state: State = "ok" if ready == len(found) else "warning"
    return Check("replicas", state, f"{ready} of {len(found)} ready, on port {ports}")


def require(checks: Iterable[Check]) -> None:
    """RemedyError with everything that stops an apply, where something does."""
    failed = [check for check in checks if check.state == "failed"]
    if failed:
        raise RemedyError(
            "; ".join(f"{check.text}" for check in failed) + "; nothing was written",
            "\n".join(check.hint for check in failed if check.hint),
        )
