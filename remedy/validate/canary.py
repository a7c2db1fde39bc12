"""The canary prover: the cluster's own CoreDNS loads the candidate in a pod of its own, before anything is written.

A copy of the pods that answer DNS, which no Service leads to and which the cluster ends by itself should remedy die. Asked over
pods/portforward, which dials localhost in the pod: a rule on the client's address (acl, view) sees 127.0.0.1.
"""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

from remedy.cluster import throwaway
from remedy.cluster.copied import copied, template_of
from remedy.cluster.door import Door, Json, Replica
from remedy.cluster.throwaway import Ended, Throwaway
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, UnavailableError
from remedy.sources.reading import FOLDER
from remedy.validate.hear import RefusedError, hear
from remedy.validate.live import ask_replicas, standing
from remedy.validate.loopback import reachable, with_localhost
from remedy.validate.prover import Case, Heard, Question, Side

TIMEOUT = 30.0
_UNSETTLED_SECONDS = 1.0  # between two questions to a canary that may not know the cluster's names yet
_LOOP_SECONDS = 1.0  # the loop plugin ends CoreDNS after it has answered, as soon as its own question comes back
_SPARE_SECONDS = 5.0  # of its lifetime, for what follows the questions
_LOG_LINES = 5
_AT_LINE = re.compile(r"(?P<file>[^\s:]+):(?P<line>\d+) - (?P<what>.+)")
_STAND_IN = (
    "the replicas listen on their own addresses, where port-forward does not reach: a second canary with the live text answered for them, "
    "and for both canaries 127.0.0.1 was added to `bind`"
)
_BY_CLIENT = ("acl", "view", "autopath", "geoip")


class _Trial(NamedTuple):
    """A canary that was started, and where it is to be asked."""

    run: Throwaway
    text: Corefile
    key: str
    port: int
    began: float


def prove(
    case: Case,
    asked: Sequence[Question],
    *,
    door: Door,
    namespace: str,
    configmap: str,
    key: str = "Corefile",
    timeout: float = TIMEOUT,
) -> Heard:
    """A row for each replica: what it answers now, and what the canary answers; one row where the replicas cannot be asked.

    `namespace`, `configmap` and `key` name the Corefile that the replicas read; `timeout`, in seconds, is how long the canary may take to
    answer its first question. `refused` holds the pod's last log lines where CoreDNS ends over the candidate. UnavailableError, with the
    reason: a right that is missing, a quota, a pod security level, no room, pods on the node's network, a replica that does not answer.
    """
    try:
        return _prove(case, asked, door, namespace, configmap, key, timeout)
    except ClusterError as error:
        raise UnavailableError(str(error), error.hint) from None


def _prove(case: Case, asked: Sequence[Question], door: Door, namespace: str, configmap: str, key: str, timeout: float) -> Heard:
    replicas = door.replicas(namespace, configmap)
    if not replicas:
        raise UnavailableError(f"no pod answers DNS in {namespace}, so there is none to copy")
    said = _swept(door, namespace)
    pods = [door.read("pods", namespace, replica.name) for replica in replicas]
    nodes = tuple(dict.fromkeys(pod["spec"]["nodeName"] for pod in pods if pod["spec"].get("nodeName")))
    source = door.read("configmaps", namespace, configmap)
    folders = frozenset(posixpath.dirname(path) for path, text in case.after.files.items() if case.before.files.get(path) != text)
    copying = _Copying(door, namespace, configmap, key, template_of(door, namespace, pods[0]), source, nodes, replicas[0].port, folders)
    asking = reachable(case.before)
    live = ask_replicas(door, namespace, replicas, asked) if asking else {}
    with copying.run(case.after) as trial, nullcontext() if asking else copying.run(case.before) as stand_in:
        after = _answers(door, trial, asked, timeout, next(iter(live.values()), {}))
        if isinstance(after, Ended):
            return _refused(after, trial, said)
        if stand_in:
            before = _answers(door, stand_in, asked, timeout, {})
            if isinstance(before, Ended):
                raise UnavailableError(f"the live Corefile does not start in a pod of its own: {_refusal(before, stand_in)}")
            live = {"": before}
            said += [_STAND_IN, *(standing(door, namespace, pod, case.before, case.version) for pod in pods)]
        seconds = time.monotonic() - trial.began
        time.sleep(_LOOP_SECONDS)
        pod = throwaway.pod_of(door, trial.run, trial.began)
        if isinstance(pod, Ended):
            return _refused(pod, trial, said)
    said.append(f"canary {trial.run.name}: {_image(copying.template, trial.run)}, up and asked within {seconds:.1f} s")
    said += _by_client(case)
    return Heard(tuple((name, side, after) for name, side in live.items()), transcript=tuple(said))


class _Copying(NamedTuple):
    """What every copy of the CoreDNS pods needs; `folders` are those in which the change is about imported files."""

    door: Door
    namespace: str
    configmap: str
    key: str
    template: Json
    source: Json
    nodes: tuple[str, ...]
    port: int
    folders: frozenset[str]

    @contextmanager
    def run(self, text: Corefile) -> Iterator[_Trial]:
        name = throwaway.named("canary")
        data = {**self.source.get("data", {}), self.key: with_localhost(text)}
        imported: dict[str, str] = {}
        for path, held in text.files.items():
            folder, _, key = path.rpartition("/")
            if folder == FOLDER and key in data:
                data[key] = held
            elif folder in self.folders:
                imported[path] = f"imported-{len(imported)}"
                data[imported[path]] = held
        template = copied(self.template, self.configmap, name, throwaway.labels(name), self.nodes, imported)
        files: dict[str, Any] = {"data": data}
        if "binaryData" in self.source:
            files["binaryData"] = self.source["binaryData"]
        began = time.monotonic()
        with throwaway.started(self.door, self.namespace, name, template, files) as run:
            yield _Trial(run, text, self.key, self.port, began)


def _answers(door: Door, trial: _Trial, asked: Sequence[Question], timeout: float, known: Side) -> Side | Ended:
    """What the canary answers, or how it ended. `known` answers tell a SERVFAIL of a canary that is not ready from a real one."""
    deadline = trial.began + timeout
    while time.monotonic() < deadline:
        pod = throwaway.pod_of(door, trial.run, trial.began)
        if isinstance(pod, Ended):
            return pod
        if pod is not None:
            try:
                return _settled(door, trial, Replica(pod, trial.port, ready=True), asked, known)
            except (RefusedError, ClusterError) as error:
                if isinstance(error, ClusterError) and error.status == 403:
                    raise
        time.sleep(throwaway.POLL_SECONDS)
    raise UnavailableError(f"the canary {trial.run.name} did not answer within {timeout:g} s")


def _settled(door: Door, trial: _Trial, pod: Replica, asked: Sequence[Question], known: Side) -> Side:
    """Until the kubernetes plugin has heard of the cluster's names, CoreDNS answers SERVFAIL for them; so that is asked again, twice."""
    left = throwaway.LIFETIME - _SPARE_SECONDS - (time.monotonic() - trial.began)
    heard = dict(hear(door, trial.run.namespace, pod, asked, seconds=max(left, 1.0)))
    for _ in range(2):
        again = [each for each, reply in heard.items() if reply.rcode == "SERVFAIL" and each in known and known[each].rcode != "SERVFAIL"]
        if not again:
            break
        time.sleep(_UNSETTLED_SECONDS)
        heard |= hear(door, trial.run.namespace, pod, again)
    return heard


def _refused(ended: Ended, trial: _Trial, said: Sequence[str]) -> Heard:
    return Heard((), refused=_refusal(ended, trial), transcript=tuple(said))


def _refusal(ended: Ended, trial: _Trial) -> str:
    """Why CoreDNS ended: its own words with our line where it names one, and the last lines of its log."""
    lines = [line for line in ended.message.strip().splitlines() if line.strip()]
    found = [match for line in lines for match in [_AT_LINE.search(line)] if match]
    name = posixpath.basename(trial.key)
    if found and posixpath.basename(found[-1]["file"]) in (name, "Corefile"):
        number, text = int(found[-1]["line"]), trial.text.text.splitlines()
        shown = f" ({text[number - 1].strip()})" if 0 < number <= len(text) else ""
        first = f"CoreDNS does not load the candidate: {name}:{number}: {found[-1]['what']}{shown}"
    else:
        reason = f" {ended.reason}" if ended.reason not in ("", "Error", "Completed") else ""
        first = f"CoreDNS ended over the candidate with exit code {ended.exit_code}{reason}"
    log = [f"  {line}" for line in lines[-_LOG_LINES:]]
    return "\n".join([first, *(["the last lines of its log:", *log] if log else [])])


def _swept(door: Door, namespace: str) -> list[str]:
    try:
        return [f"removed what an earlier run left: {name}" for name in throwaway.sweep(door, namespace)]
    except ClusterError as error:
        return [f"what earlier runs may have left was not looked for: {error}"]


def _image(template: Json, run: Throwaway) -> str:
    return next((str(each.get("image", "?")) for each in template["spec"]["containers"] if each["name"] == run.container), "?")


def _by_client(case: Case) -> list[str]:
    used = {plugin.name.text for corefile in (case.before, case.after) for _, plugin in corefile.walk()} & set(_BY_CLIENT)
    names = ", ".join(sorted(used))
    return [f"{names}: decided for a client at 127.0.0.1; a pod's own address may be answered otherwise"] if used else []
