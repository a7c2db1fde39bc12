"""As another user on a real cluster: the API server lets an account that may do nothing else act as somebody with the Role that ships."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.test_roles import As, shipped
from tests.command import Command
from tests.testbed.cluster import INCIDENT, Testbed

RBAC = "/apis/rbac.authorization.k8s.io/v1"
FIXED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")


@pytest.fixture
def jane() -> str:
    return f"jane-{secrets.token_hex(4)}"


@pytest.fixture
def behind(incident: Testbed, remedy_as: As, jane: str) -> Iterator[Command]:
    """The command of an account whose one right is to impersonate two users, of whom jane may apply and bob nothing."""
    kubeconfig = incident.restricted([])
    account = {"kind": "ServiceAccount", "name": kubeconfig.stem, "namespace": "kube-system"}
    rule = {"apiGroups": [""], "resources": ["users"], "resourceNames": [jane, "bob"], "verbs": ["impersonate"]}
    group = "rbac.authorization.k8s.io"
    incident.api("POST", f"{RBAC}/clusterroles", {"metadata": {"name": jane}, "rules": [rule]})
    granted = {"apiGroup": group, "kind": "ClusterRole", "name": jane}
    incident.api("POST", f"{RBAC}/clusterrolebindings", {"metadata": {"name": jane}, "roleRef": granted, "subjects": [account]})
    roles = f"{RBAC}/namespaces/kube-system"
    incident.api("POST", f"{roles}/roles", {"metadata": {"name": jane}, "rules": shipped("role-apply")})
    user = {"apiGroup": group, "kind": "User", "name": jane}
    bound = {"apiGroup": group, "kind": "Role", "name": jane}
    incident.api("POST", f"{roles}/rolebindings", {"metadata": {"name": jane}, "roleRef": bound, "subjects": [user]})
    yield remedy_as(kubeconfig)
    for path in (f"{RBAC}/clusterrolebindings", f"{RBAC}/clusterroles", f"{roles}/rolebindings", f"{roles}/roles"):
        incident.api("DELETE", f"{path}/{jane}")


def test_another_user_scans_applies_and_rolls_back_and_every_record_names_both(
    incident: Testbed, behind: Command, jane: str, tmp_path: Path
) -> None:
    account = f"system:serviceaccount:kube-system:{Path(behind.environment['KUBECONFIG']).stem}"
    assert behind("scan", "--as", jane, "--quiet").code == 1
    applied = behind("apply", "--as", jane, "--yes", "--settle", "0", "--format", "json")
    assert applied.code == 0, applied.err
    assert "2 of 2 replicas answer as predicted" in applied.err  # by port-forwards, which are jane's right and not the account's
    assert incident.corefile() == FIXED
    document = json.loads(applied.out)
    back = behind("rollback", document["id"], "--as", jane, "--yes", "--settle", "0", "--format", "json")
    assert back.code == 0, back.err
    assert incident.corefile() == INCIDENT
    for record in (document, json.loads(back.out)):
        assert record["who"].startswith(f"{jane}, impersonated by {account} (")


def test_what_is_not_granted_is_named_with_the_user_whom_it_is_not_granted(incident: Testbed, behind: Command, jane: str) -> None:
    itself = behind("apply", "--yes")
    bob = behind("apply", "--as", "bob", "--yes")
    somebody = behind("apply", "--as", "mallory", "--yes")
    assert [done.code for done in (itself, bob, somebody)] == [2, 2, 2]
    for done in (itself, bob):
        assert "not allowed: get configmaps/coredns in kube-system" in done.err
    assert "a Role in that namespace must grant it to bob: " in bob.err
    assert "not allowed: impersonate users/mallory" in somebody.err
    assert incident.corefile() == INCIDENT
