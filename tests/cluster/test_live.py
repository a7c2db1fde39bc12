"""The live prover on a real cluster: what each replica answers, what a real libc makes of it, and that both are what was predicted."""

from __future__ import annotations

import os
import time

import pytest

from remedy.answers.model import Kind, reply
from remedy.clients import Reply, Resolv, lookup
from remedy.corefile.parse import parse
from remedy.errors import UnavailableError
from remedy.plan import Answer
from remedy.validate import live, model
from remedy.validate.hear import RefusedError, hear
from remedy.validate.lookups import LookedUp, look_up
from remedy.validate.prover import Case, Heard, Probe, Question
from remedy.validate.table import questions, table
from tests.cluster.shapes import shape
from tests.cluster.test_canary import ASKED, BEFORE, INCIDENT, REAL, REPAIRED, ROLE, SHOP, door_of, left, verdicts
from tests.testbed.cluster import Testbed
from tests.testbed.manifests import MUSL_IMAGE

# What stands in the testbed's zone and in the cluster, by kind.
WORLD: dict[str, Kind] = {
    "shop.example.cn.": "v4",
    "dual.example.cn.": "dual",
    "v6.example.cn.": "v6",
    "absent.example.cn.": "absent",
    "kubernetes.default.svc.cluster.local.": "v4",
    "absent.default.svc.cluster.local.": "absent",
    "cluster.local.": "apex",
}
SHORT = ("kubernetes.default", "kubernetes.default.svc", "kubernetes", "shop.example.cn", "v6.example.cn", "absent.example.cn")
PROBES = (*(Probe(name, kind) for name, kind in WORLD.items()), *(Probe(name, "short") for name in SHORT))
RESOLV = Resolv(("default.svc.cluster.local", "svc.cluster.local", "cluster.local"), 5)  # of the testbed's musl pod
MUSL = "musl-1.2.1-1.2.3"  # the testbed's is 1.2.3
CODES = {"ok": 0, "EAI_NONAME": -2, "EAI_AGAIN": -3}


def asked() -> tuple[Question, ...]:
    return questions(PROBES, RESOLV)


def shown(answers: tuple[Answer, ...]) -> list[tuple[object, ...]]:
    """A table without what only the model knows: which plugin decides."""
    sides = [(each.name, each.kind, side.a, side.aaaa, side.clients) for each in answers for side in (each.before, each.after)]
    return [(name, kind, a.verdict, a.has_soa, aaaa.verdict, aaaa.has_soa, clients) for name, kind, a, aaaa, clients in sides]


def musl_code(name: str, search: tuple[str, ...], text: str) -> int:
    """What the model predicts that musl 1.2.3 returns for a name, searched for as in a pod."""
    corefile = parse(text)
    (result,) = lookup(MUSL, name, lambda each, type_: (Reply(reply(corefile, each, type_, WORLD).verdict),), Resolv(search, 5))
    return CODES[result.outcome]


def look(testbed: Testbed, names: list[str], image: str = MUSL_IMAGE) -> LookedUp:
    return look_up(door_of(testbed), "kube-system", image, names)


def test_what_was_predicted_of_the_change_is_what_replicas_and_a_musl_pod_then_return(incident: Testbed) -> None:
    case = Case(parse(INCIDENT), parse(REPAIRED), PROBES)
    predicted = table(PROBES, model.prove(case, asked()), RESOLV)
    door = door_of(incident)
    before = live.today(door, "kube-system", asked())

    incident.put_corefile(REPAIRED)
    incident.settle(REPAIRED)

    heard = live.prove(case, asked(), door=door, namespace="kube-system", before=before)
    assert {name for name, _, _ in heard.rows} == {name for name, _ in incident.pods()}
    for row in heard.rows:
        assert shown(table(PROBES, Heard((row,)), RESOLV)) == shown(predicted)
    outcomes = {each.name: dict(each.after.clients)[MUSL] for each in predicted}
    assert outcomes.keys() == {*WORLD, *SHORT}
    assert {name: incident.musl(name).code for name in outcomes} == {name: CODES[outcome] for name, outcome in outcomes.items()}


@pytest.mark.parametrize("text", [INCIDENT, REPAIRED])
def test_a_pod_of_a_named_image_looks_names_up_as_its_libc_does(incident: Testbed, text: str) -> None:
    incident.reset(text)
    names = [*WORLD, *SHORT]
    found = look(incident, names)
    search = tuple(word for line in found.resolv if line.startswith("search ") for word in line.split()[1:])
    assert search[0] == "kube-system.svc.cluster.local"
    assert {each.name: each.code for each in found.lookups} == {name: musl_code(name, search, text) for name in names}
    assert left(incident) == []


def test_an_image_that_is_not_there_leaves_the_replicas_rows_and_says_why(incident: Testbed) -> None:
    case = Case(parse(INCIDENT), parse(INCIDENT), (Probe(SHOP, "v4"),))
    heard = live.prove(case, ASKED, door=door_of(incident), namespace="kube-system", image="registry.invalid/none:1")
    assert len(heard.rows) == 2
    assert "no lookups in a pod of registry.invalid/none:1: its pod does not start: ErrImagePull" in heard.transcript[-1]
    assert left(incident) == []


def test_a_pod_that_looks_up_is_taken_by_the_strictest_pod_security_level(incident: Testbed) -> None:
    name = "strict-level"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    incident.api("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
    try:
        deadline = time.monotonic() + 20
        while not incident.api("GET", f"/api/v1/namespaces/{name}/serviceaccounts")["items"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        (found,) = look_up(door_of(incident), name, MUSL_IMAGE, [REAL]).lookups
        assert (found.way, found.code) == ("getaddrinfo", -2)
    finally:
        incident.api("DELETE", f"/api/v1/namespaces/{name}")


def test_today_shows_what_each_replica_answers_on_both_sides(incident: Testbed) -> None:
    heard = live.today(door_of(incident), "kube-system", ASKED)
    assert verdicts(heard) == {name: (BEFORE, BEFORE) for name, _ in incident.pods()}


def test_a_replica_that_was_not_asked_before_the_change_is_unknown_there(incident: Testbed) -> None:
    case = Case(parse(INCIDENT), parse(INCIDENT), ())
    heard = live.prove(case, ASKED, door=door_of(incident), namespace="kube-system")
    assert verdicts(heard) == {name: (["unknown"] * len(ASKED), BEFORE) for name, _ in incident.pods()}


def test_without_the_right_to_forward_a_port_nobody_can_be_asked(incident: Testbed) -> None:
    rules = [rule for rule in ROLE["rules"] if "pods/portforward" not in rule["resources"]]
    with pytest.raises(UnavailableError, match="create pods/portforward"):
        live.today(door_of(incident, incident.restricted(rules)), "kube-system", ASKED)


def test_replicas_that_bind_their_own_address_are_known_by_hash_and_counters_only(incident: Testbed) -> None:
    old, new, broken = (text.replace("    errors\n", "    errors\n    bind {$POD_IP}\n").replace("    loop\n", "") for text in (
        INCIDENT, REPAIRED, REPAIRED.replace("    ready\n", "    frobnicate\n"),
    ))  # fmt: skip
    with shape(incident, "dns-hash", old) as namespace:
        _put(incident, namespace, new)
        said = _until(incident, namespace, new, "verified by its reload hash")
        assert all("no reload has failed; its answers could not be had" in each for each in said)
        case = Case(parse(old), parse(new), ())
        heard = live.prove(case, ASKED, door=door_of(incident), namespace=namespace)
        replies = [each for _, _, after in heard.rows for each in after.values()]
        assert len(replies) == 2 * len(ASKED)
        assert all("verified by its reload hash" in each.unknown for each in replies)

        _put(incident, namespace, broken)
        _until(incident, namespace, broken, "of its reloads failed, and those change the hash too")
        with pytest.raises(UnavailableError, match="port-forward dials localhost"):
            live.today(door_of(incident), namespace, ASKED)


def _put(testbed: Testbed, namespace: str, text: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/dns-default"
    testbed.api("PATCH", path, {"data": {"Corefile": text}}, content_type="application/merge-patch+json")


def _until(testbed: Testbed, namespace: str, text: str, words: str) -> list[str]:
    """What is said of every replica, once it is this of all."""
    door, corefile = door_of(testbed), parse(text)
    deadline = time.monotonic() + 90
    while True:
        pods = [door.read("pods", namespace, replica.name) for replica in door.replicas(namespace)]
        said = [live.standing(door, namespace, pod, corefile, None) for pod in pods]
        if said and all(words in each for each in said):
            return said
        assert time.monotonic() < deadline, said
        time.sleep(0.5)


def test_a_replica_that_refuses_a_connection_leaves_none_open(incident: Testbed) -> None:
    door = door_of(incident)
    (replica, _) = door.replicas("kube-system")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(RefusedError):
            hear(door, "kube-system", replica._replace(port=5999), ASKED)
    deadline = time.monotonic() + 10
    while len(os.listdir("/proc/self/fd")) > before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before
