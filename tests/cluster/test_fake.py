"""The fake API server is held against the real one: the same calls, the same statuses, the same objects afterwards.

Without this the tests that kill, break and race on the fake would prove nothing about a cluster.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from remedy.cluster.embedded import EmbeddedCluster
from tests.apiserver.fake import FakeServer
from tests.apiserver.front import Front, serving
from tests.apiserver.proxy import Proxy
from tests.testbed import config
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.places import API, CERTS

SYSTEM = "/api/v1/namespaces/kube-system"
COREDNS = f"{SYSTEM}/configmaps/coredns"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"
NOTE = "/metadata/annotations/remedy~1last-change"
RECORD = {"metadata": {"name": "remedy-record-x", "labels": {"remedy/record": "of-a-test"}}, "data": {"record.json": "{}"}}
SPEC = {"holderIdentity": "a", "leaseDurationSeconds": 60, "renewTime": "2026-01-01T00:00:00.000001Z"}


def replaced(before: str, after: str) -> list[dict[str, Any]]:
    path = "/data/Corefile"
    return [{"op": "test", "path": path, "value": before}, {"op": "replace", "path": path, "value": after}]


def steps(uid: str) -> list[tuple[str, str, Any, str]]:
    """Method, path, body and the body's type."""
    test_uid = {"op": "test", "path": "/metadata/uid", "value": uid}
    return [
        ("GET", COREDNS, None, ""),
        ("GET", f"{SYSTEM}/configmaps/absent", None, ""),
        ("PATCH", f"{COREDNS}?dryRun=All", [test_uid, *replaced(INCIDENT, "a")], JSON_PATCH),
        ("PATCH", f"{COREDNS}?dryRun=All", replaced("not this", "a"), JSON_PATCH),
        ("PATCH", COREDNS, replaced("not this", "a"), JSON_PATCH),
        ("PATCH", COREDNS, [{**test_uid, "value": "another"}, *replaced(INCIDENT, "a")], JSON_PATCH),
        ("PATCH", COREDNS, [{"op": "add", "path": NOTE, "value": "x"}], JSON_PATCH),
        ("PATCH", COREDNS, [{"op": "test", "path": "/metadata/annotations", "value": None}], JSON_PATCH),
        ("PATCH", COREDNS, [test_uid, *replaced(INCIDENT, INCIDENT + "# x\n")], JSON_PATCH),
        ("PATCH", COREDNS, [test_uid, *replaced(INCIDENT + "# x\n", INCIDENT)], JSON_PATCH),
        ("POST", f"{SYSTEM}/configmaps", RECORD, "application/json"),
        ("POST", f"{SYSTEM}/configmaps", RECORD, "application/json"),
        ("PATCH", f"{SYSTEM}/configmaps/remedy-record-x", {"metadata": {"annotations": {"remedy/outcome": "applied"}}}, MERGE),
        ("GET", f"{SYSTEM}/configmaps?labelSelector=remedy%2Frecord%3Dof-a-test", None, ""),
        ("DELETE", f"{SYSTEM}/configmaps/remedy-record-x", None, ""),
        ("DELETE", f"{SYSTEM}/configmaps/remedy-record-x", None, ""),
        ("POST", LEASES, {"metadata": {"name": "remedy-x"}, "spec": SPEC}, "application/json"),
        ("POST", LEASES, {"metadata": {"name": "remedy-x"}, "spec": SPEC}, "application/json"),
        ("PATCH", f"{LEASES}/remedy-x", {"spec": {"holderIdentity": "b"}}, MERGE),
        ("PATCH", f"{LEASES}/remedy-x", {"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": "c"}}, MERGE),
        ("GET", f"{LEASES}/remedy-x", None, ""),
        ("DELETE", f"{LEASES}/remedy-x", None, ""),
        ("PATCH", f"{SYSTEM}/pods/absent", {"metadata": {"annotations": {"remedy/poked": "x"}}}, MERGE),
    ]


def told(front: Front, method: str, path: str, body: Any, type_: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=30)
    headers = {"Authorization": f"Bearer {config.admin_token()}", **({"Content-Type": type_} if type_ else {})}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    found: dict[str, Any] = json.loads(response.read())
    connection.close()
    return response.status, found


def essence(found: dict[str, Any]) -> Any:
    """Of an object, what remedy reads of it and its tests look at; of a list, that of each."""
    if "items" in found:
        return [essence(each) for each in found["items"]]
    metadata = found.get("metadata") or {}
    annotations = {name: value for name, value in (metadata.get("annotations") or {}).items() if name.startswith("remedy/")}
    data = {name: value for name, value in (found.get("data") or {}).items() if name not in ("NOTES", "NodeHosts")}
    holder = (found.get("spec") or {}).get("holderIdentity")
    return (metadata.get("name"), annotations, data, holder) if found.get("kind") != "Status" else None


@pytest.fixture
def fronts(testbed: Testbed) -> Iterator[tuple[Front, Front]]:
    testbed.reset(INCIDENT)
    with (
        testbed.namespace(),
        EmbeddedCluster(INCIDENT) as cluster,
        serving(FakeServer(cluster)) as fake,
        serving(Proxy(API, CERTS / "apiserver.crt")) as real,
    ):
        yield fake, real


def test_the_fake_answers_as_the_real_one_does(fronts: tuple[Front, Front]) -> None:
    heard: list[list[tuple[int, Any]]] = []
    for front in fronts:
        uid = told(front, "GET", COREDNS, None, "")[1]["metadata"]["uid"]
        answers = [told(front, *step) for step in steps(uid)]
        heard.append([(status, essence(found)) for status, found in answers])
    for step, fake, real in zip(steps("uid"), *heard, strict=True):
        assert fake == real, step
