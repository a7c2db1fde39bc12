"""The live prover: every replica is asked by itself, now or after an apply; and, if wanted, a real getaddrinfo in a pod.

The replicas are asked through pods/portforward and not through the Service, which would hide the one that differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.model import Reply
from remedy.cluster import metrics
from remedy.cluster.door import Door, Json, Replica
from remedy.corefile.environment import expand
from remedy.corefile.hash import reload_hash
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, InputError, UnavailableError
from remedy.validate.hear import RefusedError, hear
from remedy.validate.lookups import look_up
from remedy.validate.loopback import reachable
from remedy.validate.prover import Case, Heard, Question, Side


def prove(
    case: Case,
    asked: Sequence[Question],
    *,
    door: Door,
    namespace: str,
    configmap: str = "",
    before: Heard | None = None,
    image: str = "",
) -> Heard:
    """A row for each replica: what it answered `before` (that of a canary, or of `today`; without it unknown) and what it answers now.

    With `image` a pod of it looks up the names of the case's probes with its own libc, its own search list and the cluster's DNS; the
    transcript tells what each lookup returned. A replica that port-forward cannot reach, because its Corefile binds no loopback address,
    gives unknown answers whose reason tells what its reload hash and counters say. UnavailableError: no replica, a missing right.
    """
    try:
        replicas = _replicas(door, namespace, configmap)
        if reachable(case.after):
            now = ask_replicas(door, namespace, replicas, asked)
            said = [f"{len(now)} replicas asked one by one: {', '.join(now)}"]
        else:
            said = [standing(door, namespace, door.read("pods", namespace, replica.name), case.after, case.version) for replica in replicas]
            reasons = dict(zip((replica.name for replica in replicas), said, strict=True))
            now = {name: dict.fromkeys(asked, Reply("", unknown=reason)) for name, reason in reasons.items()}
    except ClusterError as error:
        raise UnavailableError(str(error), error.hint) from None
    if image:
        try:
            said += look_up(door, namespace, image, [probe.name for probe in case.probes]).sentences()
        except (ClusterError, UnavailableError) as error:
            said.append(f"no lookups in a pod of {image}: {error}")
    rows = tuple((name, _earlier(before, name, asked), side) for name, side in now.items())
    return Heard(rows, transcript=tuple(said))


def today(door: Door, namespace: str, asked: Sequence[Question], *, configmap: str = "") -> Heard:
    """A row for each replica, with what it answers now on both sides. UnavailableError: no replica, a missing right, no answer."""
    try:
        sides = ask_replicas(door, namespace, _replicas(door, namespace, configmap), asked)
    except ClusterError as error:
        raise UnavailableError(str(error), error.hint) from None
    return Heard(tuple((name, side, side) for name, side in sides.items()))


def ask_replicas(door: Door, namespace: str, replicas: Sequence[Replica], asked: Sequence[Question]) -> dict[str, Side]:
    """What each of them answers, by name. UnavailableError where one listens on its own address only; ClusterError as the Door."""
    try:
        return {replica.name: hear(door, namespace, replica, asked) for replica in replicas}
    except RefusedError as error:
        raise UnavailableError(
            f"{error}: port-forward dials localhost; does the Corefile bind the pod's own address, or is the pod about to end?"
        ) from None


def standing(door: Door, namespace: str, pod: Json, text: Corefile, version: str | None) -> str:
    """Whether the replica runs this text, as far as its metrics tell, in a sentence."""
    name = pod["metadata"]["name"]
    try:
        port = metrics.port_of(text)
        found = metrics.read(door.pod_get(namespace, name, port, metrics.PATH)) if port else None
        expected = reload_hash(text.text, version=version, environment=_environment(pod, text))
    except (ClusterError, InputError) as error:
        return f"{name}: which text it runs is not known: {error}"
    if found is None:
        return f"{name}: which text it runs is not known: it shows no metrics of its reloads"
    if not found.hash:
        return f"{name}: it has reloaded nothing since it started, so its metrics do not name the text it runs"
    if found.hash != expected:
        return f"{name}: by its reload hash it runs another text ({found.hash[:12]}, expected {expected[:12]})"
    if found.failed:
        return f"{name}: its reload hash is that of this text, but {found.failed:g} of its reloads failed, and those change the hash too"
    return f"{name}: verified by its reload hash, {expected[:12]}, and no reload has failed; its answers could not be had"


def _replicas(door: Door, namespace: str, configmap: str) -> tuple[Replica, ...]:
    replicas = door.replicas(namespace, configmap)
    if not replicas:
        raise UnavailableError(f"no pod answers DNS in {namespace}")
    return replicas


def _earlier(before: Heard | None, name: str, asked: Sequence[Question]) -> Side:
    rows = {row: side for row, side, _ in before.rows} if before else {}
    side = rows.get(name, rows.get("", {}))
    return {question: side.get(question, Reply("", unknown=f"{name} was not asked this before the change")) for question in asked}


def _environment(pod: Json, text: Corefile) -> dict[str, str] | None:
    """The pod's variables, if they are all that the Corefile uses; else None: what is not known is not empty."""
    fields = {
        "status.podIP": pod["status"].get("podIP"),
        "metadata.name": pod["metadata"]["name"],
        "spec.nodeName": pod["spec"].get("nodeName"),
    }
    known: dict[str, str] = {}
    for each in (each for container in pod["spec"]["containers"] for each in container.get("env") or ()):
        field = ((each.get("valueFrom") or {}).get("fieldRef") or {}).get("fieldPath")
        value = fields.get(field) if field else each.get("value")
        if value is not None:
            known[each["name"]] = value
    marked = {name: f"\0{name}" for name in known}  # a variable that is missing leaves no mark
    used = [expand(token.text, marked).count("\0") == token.text.count("{$") + token.text.count("{%") for token in text.unknown]
    return known if all(used) else None
