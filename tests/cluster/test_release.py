"""Which CoreDNS release runs, where no tag of an image tells: the pods' own metrics do, and the oldest of them counts."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

import pytest

from tests.command import Command
from tests.testbed import build, images, rollout
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import DEPLOYMENT, SYSTEM, deployment
from tests.testbed.processes import wait

OWN_NAME = "docker.io/local/dns-answers:stable"
OLD = "docker.io/local/dns-answers-of-old:stable"
MERGE = "application/strategic-merge-patch+json"


@pytest.fixture
def own_name(testbed: Testbed, remedy: Command) -> Iterator[Command]:
    """The incident on CoreDNS 1.10.1, in an image whose name and tag say nothing."""
    images.bring(OWN_NAME, {"coredns": build.coredns("1.10.1")}, ["/coredns"])
    spec = {"template": {"spec": {"containers": [{"name": "coredns", "image": OWN_NAME}]}}}
    testbed.api("PATCH", DEPLOYMENT, {"spec": spec}, content_type=MERGE)
    wait("two CoreDNS replicas", rollout.complete, timeout=120)
    yield remedy
    testbed.reset()


def test_the_metrics_of_the_pods_tell_the_release(own_name: Command) -> None:
    assert json.loads(own_name("scan", "--format", "json").out)["targets"][0]["coredns_version"] == "1.10.1"
    looked = " ".join(own_name("doctor").out.split())
    assert f"version: CoreDNS 1.10.1, as the pods' metrics say ({OWN_NAME})" in looked
    named = " ".join(own_name("doctor", "--coredns-version", "1.9.3").out.split())
    assert "version: CoreDNS 1.9.3, as named; the pods' metrics say 1.10.1" in named


def test_of_pods_that_disagree_the_oldest_counts_and_that_is_said(own_name: Command, testbed: Testbed) -> None:
    images.bring(OLD, {"coredns": build.coredns("1.8.0")}, ["/coredns"])
    template = copy.deepcopy(deployment()["spec"]["template"])
    template["metadata"]["name"] = "coredns-of-old"
    template["spec"]["containers"][0]["image"] = OLD
    testbed.api("POST", f"{SYSTEM}/pods", template)
    wait("the third pod", lambda: ready(testbed, "coredns-of-old"), timeout=60)
    done = own_name("scan", "--format", "json")
    assert json.loads(done.out)["targets"][0]["coredns_version"] == "1.8.0"
    assert "note: the pods that read kube-system/coredns/Corefile run CoreDNS 1.8.0, 1.10.1; the oldest counts" in done.err


def test_without_metrics_the_release_stays_unknown_and_doctor_says_so(own_name: Command, testbed: Testbed) -> None:
    text = INCIDENT.replace("    prometheus :9153\n", "")
    testbed.put_corefile(text)
    testbed.settle(text)
    scan = own_name("scan", "--format", "json")
    assert json.loads(scan.out)["targets"][0]["coredns_version"] is None
    assert "so it is taken for the newest, 1.15.0; name it: --coredns-version V" in scan.err
    assert "neither a tag nor the pods' metrics tell the CoreDNS release" in " ".join(own_name("doctor").out.split())


def ready(testbed: Testbed, pod: str) -> bool:
    conditions = testbed.api("GET", f"{SYSTEM}/pods/{pod}")["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
