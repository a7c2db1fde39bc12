"""The canary on a real cluster: the cluster's own CoreDNS answers by the candidate, and nobody else notices."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from remedy.cluster.api import connect
from remedy.cluster.door import Door
from remedy.cluster.throwaway import LABEL, LIFETIME
from remedy.corefile.parse import parse
from remedy.errors import UnavailableError
from remedy.validate import canary
from remedy.validate.prover import Case, Heard, Probe, Question
from tests.cluster.shapes import shape
from tests.command import REPOSITORY
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import SYSTEM, Json
from tests.testbed.places import NODE_IP

REPAIRED = INCIDENT.replace("template ANY AAAA {\n        rcode NXDOMAIN\n    }", "template IN AAAA .")
REAL, SHOP, ABSENT = "kubernetes.default.svc.cluster.local.", "shop.example.cn.", "absent.example.cn."
ASKED: list[Question] = [(name, type_) for name in (REAL, SHOP, ABSENT) for type_ in ("A", "AAAA")]
JOBS = "/apis/batch/v1/namespaces/kube-system/jobs"
ROLE = YAML(typ="safe", pure=True).load((REPOSITORY / "deploy/role-canary.yaml").read_text())


def door_of(testbed: Testbed, kubeconfig: Path | None = None) -> Door:
    return connect(kubeconfig=str(kubeconfig or testbed.kubeconfig))


def prove(testbed: Testbed, after: str, *, before: str = INCIDENT, kubeconfig: Path | None = None, namespace: str = "kube-system") -> Heard:
    case = Case(parse(before), parse(after), (Probe(REAL, "v4"), Probe(SHOP, "v4"), Probe(ABSENT, "absent")))
    configmap = "coredns" if namespace == "kube-system" else "dns-default"
    return canary.prove(case, ASKED, door=door_of(testbed, kubeconfig), namespace=namespace, configmap=configmap)


def verdicts(heard: Heard) -> dict[str, tuple[list[str], list[str]]]:
    """By replica: what every question of ASKED is answered before, and after."""
    return {name: ([before[each].verdict for each in ASKED], [after[each].verdict for each in ASKED]) for name, before, after in heard.rows}


def left(testbed: Testbed, namespace: str = "kube-system") -> list[str]:
    """What a canary leaves, by kind and name."""
    label = f"?labelSelector={LABEL}"
    core = f"/api/v1/namespaces/{namespace}"
    found = []
    for path in (f"/apis/batch/v1/namespaces/{namespace}/jobs", f"{core}/configmaps", f"{core}/pods"):
        found += [f"{path.rpartition('/')[2]}/{each['metadata']['name']}" for each in testbed.api("GET", path + label)["items"]]
    return found


BEFORE = ["ok", "nxdomain", "ok", "nxdomain", "nxdomain", "nxdomain"]
AFTER = ["ok", "nodata", "ok", "nodata", "nxdomain", "nodata"]


def test_each_replica_gets_a_row_with_its_answers_now_and_those_of_the_candidate(incident: Testbed) -> None:
    heard = prove(incident, REPAIRED)
    assert verdicts(heard) == {name: (BEFORE, AFTER) for name, _ in incident.pods()}
    assert "docker.io/local/coredns:" in heard.transcript[-1]
    assert left(incident) == []
    assert incident.corefile() == INCIDENT


def test_no_service_ever_leads_to_a_canary(incident: Testbed) -> None:
    live = {address for _, address in incident.pods()}
    seen: list[Json] = []

    def watch() -> None:
        slices = "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices?watch=true&timeoutSeconds=12&resourceVersion=0"
        told = incident.api("GET", slices)  # one event alone comes parsed
        seen.extend([json.loads(line) for line in told["text"].splitlines()] if "text" in told else [told])

    watching = threading.Thread(target=watch)
    watching.start()
    heard = prove(incident, REPAIRED)
    watching.join(30)
    assert len(heard.rows) == 2
    assert seen, "the watch told nothing, not even what was there before"
    assert {address for each in seen for end in each["object"]["endpoints"] for address in end["addresses"]} == live


def test_a_candidate_that_ends_coredns_is_refused_with_its_last_log_lines_and_our_line(incident: Testbed) -> None:
    heard = prove(incident, REPAIRED.replace("    ready\n", "    ready\n    frobnicate\n"))
    assert heard.rows == ()
    assert "Corefile:5: Error during parsing: Unknown directive 'frobnicate'" in heard.refused
    assert "the last lines of its log:" in heard.refused
    assert left(incident) == []


def test_a_candidate_that_sends_questions_back_to_itself_is_refused_although_it_loads(incident: Testbed) -> None:
    heard = prove(incident, REPAIRED.replace(f"forward . {NODE_IP}", "forward . 127.0.0.1"))
    assert "CoreDNS ended over the candidate with exit code 1" in heard.refused
    assert "plugin/loop: Loop" in heard.refused or "OOMKilled" in heard.refused  # what it asks itself may fill the pod first
    assert left(incident) == []


def test_a_canary_whose_remedy_was_killed_is_gone_a_minute_later(incident: Testbed, tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import sys\nfrom tests.cluster.test_canary import *\nfrom tests.testbed.cluster import Testbed\nprove(Testbed(), REPAIRED)\n"
    )
    for resource in ("jobs", "pods"):  # as early as can be seen, and when its pod is there
        run = subprocess.Popen([sys.executable, str(driver)], cwd=REPOSITORY, env={"PYTHONPATH": str(REPOSITORY), **_environment()})
        deadline = time.monotonic() + 30
        known = set(left(incident))
        while not any(each.startswith(f"{resource}/") for each in set(left(incident)) - known):
            assert time.monotonic() < deadline
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        run.wait()
    killed = time.monotonic()
    assert len([each for each in left(incident) if each.startswith("jobs/")]) == 2
    while left(incident) and time.monotonic() < killed + 60:
        time.sleep(0.5)
    assert left(incident) == []
    assert LIFETIME < 60


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "REMEDY_TESTBED_STATE")}


def test_what_an_earlier_run_left_is_removed_and_what_another_runs_now_is_not(incident: Testbed) -> None:
    pod = {"restartPolicy": "Never", "containers": [{"name": "none", "image": "none"}]}
    for name, seconds in (("remedy-canary-past", 1), ("remedy-canary-young", 600)):
        labels = {LABEL: name}
        template = {"metadata": {"labels": labels}, "spec": pod}
        body = {
            "metadata": {"name": name, "labels": labels},
            "spec": {"suspend": True, "activeDeadlineSeconds": seconds, "template": template},
        }
        incident.api("POST", JOBS, body)
    try:
        time.sleep(12)
        heard = prove(incident, REPAIRED)
        assert "removed what an earlier run left: remedy-canary-past" in heard.transcript
        assert left(incident) == ["jobs/remedy-canary-young"]
    finally:
        incident.api("DELETE", f"{JOBS}/remedy-canary-young")


def test_a_pod_security_level_that_forbids_the_copy_is_named(incident: Testbed) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    _merge(incident, "/api/v1/namespaces/kube-system", {"metadata": {"labels": labels}})
    try:
        with pytest.raises(UnavailableError, match='violates PodSecurity "restricted'):
            prove(incident, REPAIRED)
    finally:
        _merge(incident, "/api/v1/namespaces/kube-system", {"metadata": {"labels": dict.fromkeys(labels)}})
    assert left(incident) == []


@pytest.mark.parametrize("hard", [{"pods": "2"}, {"count/jobs.batch": "0"}, {"count/configmaps": "1"}])
def test_a_quota_that_forbids_it_is_named(incident: Testbed, hard: dict[str, str]) -> None:
    incident.api("POST", f"{SYSTEM}/resourcequotas", {"metadata": {"name": "tight"}, "spec": {"hard": hard}})
    try:
        deadline = time.monotonic() + 20
        while "hard" not in incident.api("GET", f"{SYSTEM}/resourcequotas/tight").get("status", {}):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with pytest.raises(UnavailableError, match="exceeded quota: tight"):
            prove(incident, REPAIRED)
    finally:
        incident.api("DELETE", f"{SYSTEM}/resourcequotas/tight")
    assert left(incident) == []


def test_the_shipped_role_is_enough(incident: Testbed) -> None:
    heard = prove(incident, REPAIRED, kubeconfig=incident.restricted(ROLE["rules"]))
    assert len(heard.rows) == 2
    assert left(incident) == []


@pytest.mark.parametrize(
    ("resource", "verb", "named"),
    [
        ("jobs", "create", "not allowed: create jobs.batch in kube-system"),
        ("configmaps", "create", "not allowed: create configmaps in kube-system"),
        ("configmaps", "get", "not allowed: get configmaps/coredns in kube-system"),
        ("pods/portforward", "create", "create pods/portforward in kube-system"),
        ("pods", "list", "not allowed: list pods in kube-system"),
    ],
)
def test_a_missing_right_is_named_with_the_rule_that_grants_it(incident: Testbed, resource: str, verb: str, named: str) -> None:
    rules = [
        {**rule, "verbs": [each for each in rule["verbs"] if each not in (verb, *(("get",) if "/" in resource else ()))]}
        if resource in rule["resources"]
        else rule
        for rule in ROLE["rules"]
    ]
    with pytest.raises(UnavailableError, match=named) as refused:
        prove(incident, REPAIRED, kubeconfig=incident.restricted([rule for rule in rules if rule["verbs"]]))
    assert "a Role in that namespace must grant it" in refused.value.hint
    assert left(incident) == []


@pytest.mark.parametrize("resource", ["replicasets", "events", "pods/proxy", "pods/log"])
def test_without_a_right_that_only_helps_it_works_all_the_same(incident: Testbed, resource: str) -> None:
    rules = [rule for rule in ROLE["rules"] if resource not in rule["resources"]]
    assert len(prove(incident, REPAIRED, kubeconfig=incident.restricted(rules)).rows) == 2


def test_a_daemonset_on_another_port_and_mount_is_copied_too(incident: Testbed) -> None:
    before = INCIDENT.replace(".:53", ".:5353").replace("    loop\n", "")
    after = REPAIRED.replace(".:53", ".:5353").replace("    loop\n", "")
    with shape(incident, "dns-daemonset", before, kind="DaemonSet", port=5353, mount="/etc/dns/main") as namespace:
        heard = prove(incident, after, before=before, namespace=namespace)
        assert list(verdicts(heard).values()) == [(BEFORE, AFTER)]
        assert left(incident, namespace) == []


def test_replicas_that_bind_their_own_address_are_stood_in_for_by_a_second_canary(incident: Testbed) -> None:
    binds = [text.replace("    errors\n", "    errors\n    bind {$POD_IP}\n").replace("    loop\n", "") for text in (INCIDENT, REPAIRED)]
    with shape(incident, "dns-bound", binds[0]) as namespace:
        heard = prove(incident, binds[1], before=binds[0], namespace=namespace)
        assert verdicts(heard) == {"": (BEFORE, AFTER)}
        assert any("a second canary with the live text answered for them" in said for said in heard.transcript)
        assert sum("it has reloaded nothing since it started" in said for said in heard.transcript) == 2
        refused = prove(incident, binds[1].replace("    ready\n", "    frobnicate\n"), before=binds[0], namespace=namespace)
        assert "Corefile:5: Error during parsing: Unknown directive 'frobnicate'" in refused.refused
        assert left(incident, namespace) == []


def _merge(testbed: Testbed, path: str, patch: Json) -> None:
    testbed.api("PATCH", path, patch, content_type="application/merge-patch+json")
