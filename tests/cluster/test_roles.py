"""The Role manifests that ship are enough, and nothing in them is too much: with each right taken away the message names exactly it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from remedy.cluster.preflight import COMFORTS, for_apply, rules
from tests.command import REPOSITORY, Command, Done
from tests.testbed.cluster import INCIDENT, LAME_DUCK, Testbed

As = Callable[[Path], Command]
LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/remedy-coredns"
COMFORT_NAMES = {f"rights {each.name}" for each in COMFORTS}


def shipped(name: str) -> list[dict[str, Any]]:
    """The rules of a Role in deploy/."""
    found: list[dict[str, Any]] = YAML(typ="safe", pure=True).load((REPOSITORY / "deploy" / f"{name}.yaml").read_text("utf-8"))["rules"]
    return found


def without_each(rules: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """`patch configmaps`, and the rules without that verb on that resource."""
    for place, rule in enumerate(rules):
        for verb in rule["verbs"]:
            rest = {**rule, "verbs": [each for each in rule["verbs"] if each != verb]}
            others = [*rules[:place], *([rest] if rest["verbs"] else []), *rules[place + 1 :]]
            yield f"{verb} {rule['resources'][0]}", others


def named(done: Done) -> list[str]:
    """The rights that a message says are missing, without the object's name."""
    (line,) = (line for line in done.err.splitlines() if "not allowed: " in line)
    listed = line.partition("not allowed: ")[2].partition(";")[0].split(", ")
    return [each.partition(" in ")[0].partition("/coredns")[0] for each in listed]


def test_with_the_role_for_reading_everything_can_be_looked_at_and_nothing_written(incident: Testbed, remedy_as: As) -> None:
    remedy = remedy_as(incident.restricted(shipped("role-read-only")))
    assert [remedy(verb, "--quiet").code for verb in ("scan", "diff", "validate")] == [1, 1, 0]
    assert "note:" not in remedy("scan").err
    refused = remedy("apply", "--yes", "--quiet")
    assert refused.code == 2
    assert named(refused) == ["patch configmaps", "get pods/portforward", "create pods/portforward"]
    assert remedy("doctor").code == 2
    assert incident.corefile() == INCIDENT


def test_with_the_role_for_applying_a_change_is_made_and_undone(incident: Testbed, remedy_as: As) -> None:
    remedy = remedy_as(incident.restricted(shipped("role-apply")))
    assert remedy("doctor", "--quiet").code == 0
    applied = remedy("apply", "--yes")
    assert applied.code == 0, applied.err
    assert remedy("rollback", "--yes").code == 0
    assert incident.corefile() == INCIDENT


def test_a_right_that_is_taken_away_is_named_with_the_rule_that_grants_it(incident: Testbed, remedy_as: As) -> None:
    for right, rest in without_each(shipped("role-apply")):
        done = remedy_as(incident.restricted(rest))("apply", "--dry-run" if right == "list services" else "--yes", "--quiet")
        if right == "list services":  # without it the usual names are taken, and that is said
            assert done.code == 1, done.err
            continue
        assert done.code == 2, done.err
        assert named(done) == [right]
        assert f'resources: ["{right.partition(" ")[2]}"]' in done.err
        assert "Traceback" not in done.err
    assert incident.corefile() == INCIDENT


def test_a_write_that_nobody_is_to_verify_needs_no_right_to_ask_a_replica(incident: Testbed, remedy_as: As) -> None:
    configmaps = [rule for rule in shipped("role-apply") if rule["resources"] == ["configmaps"]]
    remedy = remedy_as(incident.restricted(configmaps))
    assert remedy("apply", "--yes", "--quiet").code == 2
    assert incident.corefile() == INCIDENT
    done = remedy("apply", "--yes", "--no-verify", "--validate", "model")
    assert done.code == 0, done.err
    assert "written, and not verified: --no-verify" in done.err
    assert remedy("rollback", "--yes", "--no-verify").code == 0
    assert incident.corefile() == INCIDENT


def test_without_the_right_to_look_at_services_a_change_is_still_made_and_the_guess_said(incident: Testbed, remedy_as: As) -> None:
    (rest,) = (rest for right, rest in without_each(shipped("role-apply")) if right == "list services")
    done = remedy_as(incident.restricted(rest))("apply", "--yes")
    assert done.code == 0, done.err
    assert "note: no right to list services in kube-system: pods with the label k8s-app=kube-dns are taken for CoreDNS" in done.err
    assert "2 of 2 replicas answer as predicted" in done.err


def test_the_rules_that_a_message_shows_are_the_rules_of_the_role_that_ships() -> None:
    shown = YAML(typ="safe", pure=True).load(rules(for_apply("coredns")))
    names = {
        tuple(rule["resources"]): (rule["verbs"], "coredns" in rule.get("resourceNames", ["coredns"])) for rule in shipped("role-apply")
    }
    assert {tuple(rule["resources"]): (rule["verbs"], True) for rule in shown} == names


def granted(name: str) -> set[tuple[str, str]]:
    """(`jobs.batch`, `create`) for every right of a Role that ships."""
    return {
        (f"{resource}.{group}" if group else resource, verb)
        for rule in shipped(name)
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_the_role_for_comfort_is_what_doctor_calls_comforts_and_nothing_else() -> None:
    assert granted("role-comfort") == {(right.resource, right.verb) for each in COMFORTS for right in each.rights}


def test_doctor_names_every_comfort_that_the_role_for_applying_leaves_out(testbed: Testbed, remedy_as: As) -> None:
    with testbed.namespace():
        bare = remedy_as(testbed.restricted(shipped("role-apply")))("doctor", "--format", "json")
        full = remedy_as(testbed.restricted([*shipped("role-apply"), *shipped("role-comfort")]))("doctor", "--format", "json")
    names = {f"rights {each.name}" for each in COMFORTS}
    for done, state in ((bare, "warning"), (full, "ok")):
        (target,) = json.loads(done.out)["targets"]
        assert {check["name"]: check["state"] for check in target["checks"] if check["name"] in names} == dict.fromkeys(names, state)
        assert done.code == 0


def test_with_the_roles_for_applying_and_for_comfort_every_comfort_is_used_and_nothing_is_said_to_be_missing(
    testbed: Testbed, remedy_as: As, tmp_path: Path
) -> None:
    testbed.reset(LAME_DUCK)
    kubeconfig = testbed.restricted([*shipped("role-apply"), *shipped("role-comfort")])
    remedy = remedy_as(kubeconfig)
    with testbed.namespace():
        applied = remedy("apply", "--yes", "--settle", "0", "--format", "json")
        assert applied.code == 0, applied.err
        assert all(row["poked"] is not None for row in json.loads(applied.out)["replicas"])
        assert testbed.api("GET", LEASE)["spec"]["holderIdentity"] == ""
        elsewhere = Command(tmp_path / "elsewhere", tmp_path, remedy.environment)
        back = elsewhere("rollback", json.loads(applied.out)["id"], "--yes", "--settle", "0", "--strategy", "restart")
        assert back.code == 0, back.err
    assert "not allowed" not in applied.err + back.err
    assert "restarting the deployment" in back.err
    assert testbed.corefile() == LAME_DUCK


def test_a_comfort_that_is_taken_away_is_named_with_the_rule_that_grants_it(incident: Testbed, remedy_as: As) -> None:
    for right, rest in without_each(shipped("role-comfort")):
        done = remedy_as(incident.restricted([*shipped("role-apply"), *rest]))("doctor", "--format", "json")
        assert done.code == 0, done.err
        (target,) = json.loads(done.out)["targets"]
        lacking = [check for check in target["checks"] if check["text"].startswith("not allowed: ") and check["name"] in COMFORT_NAMES]
        asked = {name for check in lacking for name in check["text"].partition(": ")[2].partition(":")[0].split(", ")}
        verb, _, resource = right.partition(" ")
        held = {f"{verb} {each}" for rule in shipped("role-comfort") for each in rule["resources"] if resource in rule["resources"]}
        assert {each.partition(" in ")[0].partition(".")[0] for each in asked} <= held
        assert asked, right
        assert all(f'resources: ["{resource}"]' in check["hint"] for check in lacking), right


@pytest.mark.parametrize("name", ["role-read-only", "role-apply"])
def test_no_shipped_role_grants_more_than_a_namespace_and_what_it_names(name: str) -> None:
    assert not {"*", "secrets", "pods/exec"} & {resource for resource, _ in granted(name)}
    assert not {"*", "delete", "update"} & {verb for _, verb in granted(name)}
    assert all("resourceNames" in rule for rule in shipped(name) if "configmaps" in rule["resources"])


# What a run says of a right that is taken away, and with which flags it is missed; "" where it does the same by another way.
MISSED = {
    "patch pods": ("", "waiting for each kubelet's own sync, a minute or two: not allowed: patch pods/"),
    "get pods": ("--strategy restart", "not allowed: get pods/"),
    "get pods/proxy": ("", ""),  # the metrics come by the port-forward, where it reaches a replica
    "get leases": ("", "no Lease keeps another remedy away, the test in each write does: not allowed: get leases"),
    "create leases": ("", "no Lease keeps another remedy away, the test in each write does: not allowed: create leases"),
    "patch leases": ("", "no Lease keeps another remedy away, the test in each write does: not allowed: patch leases"),
    "create configmaps": ("", "the record is on this machine alone: not allowed: create configmaps"),
    "patch configmaps": ("", "the record's copy in the cluster still says that it was begun: not allowed: patch configmaps/remedy-record-"),
    "list configmaps": ("history", "without the records that other machines left in the cluster: not allowed: list configmaps"),
    "delete configmaps": ("", ""),  # more records than 20 are kept
    "watch configmaps": ("", ""),  # the terminal interface looks every few seconds
    "get replicasets": ("--strategy restart", "not allowed: get replicasets.apps/"),
    "get deployments": ("--strategy restart", "not allowed: get deployments.apps/coredns"),
    "patch deployments": ("--strategy restart", "not allowed: patch deployments.apps/coredns"),
}


@pytest.mark.parametrize("right", MISSED)
def test_a_run_without_a_comfort_does_what_it_can_and_names_the_right(incident: Testbed, remedy_as: As, right: str) -> None:
    rests = dict(without_each(shipped("role-comfort")))
    assert rests.keys() == MISSED.keys()
    remedy = remedy_as(incident.restricted([*shipped("role-apply"), *rests[right]]))
    flags, told = MISSED[right]
    restarts = "restart" in flags
    done = remedy("apply", "--yes", "--settle", "0", *(flags.split() if restarts else []))
    assert done.code == (2 if restarts else 0), done.err
    assert ("rcode NXDOMAIN" in incident.corefile()) == restarts
    said = remedy("history").err if flags == "history" else done.err
    assert "Traceback" not in said
    assert told in said
    if not told:
        assert "not allowed" not in said
