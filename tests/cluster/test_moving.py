"""A live Corefile moved to another release: by both releases' word before anything is written, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cluster.test_main_job import ADDRESS, NAME, live
from tests.command import REPOSITORY, Command
from tests.testbed import build, images, rollout
from tests.testbed.cluster import Testbed
from tests.testbed.manifests import CONFIGMAP, DEPLOYMENT
from tests.testbed.namespace import entered
from tests.testbed.places import NODE_IP
from tests.testbed.processes import wait

IMAGE = "docker.io/local/coredns"
QUICK = ("--yes", "--settle", "0")
# Before 1.7.0 no metric tells which text a replica runs, and no answer tells these two texts apart: every pod is replaced.
BRINGING = {"1.8.0": QUICK, "1.6.9": (*QUICK, "--strategy", "restart")}


class Older(NamedTuple):
    """The cluster with an older CoreDNS, a Corefile of its time, and that one as it should be for 1.15.0."""

    testbed: Testbed
    version: str
    before: str
    after: str
    bringing: tuple[str, ...]


def image(testbed: Testbed, version: str) -> None:
    """Change the Deployment's image, as an upgrade of the cluster does, and wait for its replicas."""
    containers = [{"name": "coredns", "image": f"{IMAGE}:{version}"}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    testbed.api("PATCH", DEPLOYMENT, patch, content_type="application/strategic-merge-patch+json")
    with entered():
        wait("two CoreDNS replicas", rollout.complete, timeout=180)


@pytest.fixture(params=["1.8.0", "1.6.9"])
def older(request: pytest.FixtureRequest, testbed: Testbed) -> Iterator[Older]:
    version = request.param
    images.bring(f"{IMAGE}:{version}", {"coredns": build.coredns(version)}, ["/coredns"])
    folder = REPOSITORY / "fixtures" / "migration" / f"live-{version}"
    before, after = ((folder / f"{side}.Corefile").read_text().replace("192.0.2.53", NODE_IP) for side in ("before", "after"))
    testbed.reset()
    testbed.put_corefile(before)
    image(testbed, version)
    with testbed.namespace():
        yield Older(testbed, version, before, after, BRINGING[version])
    testbed.reset()


def test_a_live_corefile_is_moved_before_the_image_and_back_after_it(older: Older, remedy_as: Callable[[Path], Command]) -> None:
    testbed, remedy = older.testbed, remedy_as(older.testbed.kubeconfig)
    before = live(testbed)
    scanned = json.loads(remedy("scan", "--to", "1.15.0", "--format", "json").out)["targets"][0]
    assert (scanned["coredns_version"], scanned["to"]) == (older.version, "1.15.0")

    applied = remedy("apply", *older.bringing, "--to", "1.15.0", "--validate", "auto")
    assert applied.code == 0, applied.err
    assert f"from CoreDNS {older.version} to 1.15.0" in applied.err
    assert f"until the image changes, CoreDNS {older.version} reads it:\nvalidation (canary): passed" in applied.err
    assert "verified: 2 of 2 replicas" in applied.err
    assert testbed.corefile() == older.after
    assert {**live(testbed), "data": before["data"]} == before
    assert testbed.api("GET", CONFIGMAP)["data"]["NOTES"]

    image(testbed, "1.15.0")
    done = remedy("scan")
    assert (done.code, done.out) == (0, ""), done.err
    assert testbed.musl(NAME).addresses == (ADDRESS,)

    image(testbed, older.version)
    back = remedy("rollback", *older.bringing)
    assert back.code == 0, back.err
    assert live(testbed) == before


@pytest.mark.parametrize("older", ["1.6.9"], indirect=True)
def test_a_record_from_before_an_upgrade_is_not_put_back_where_it_does_not_load(older: Older, remedy_as: Callable[[Path], Command]) -> None:
    testbed, remedy = older.testbed, remedy_as(older.testbed.kubeconfig)
    assert remedy("apply", *older.bringing, "--to", "1.15.0").code == 0
    image(testbed, "1.15.0")
    back = remedy("rollback", *QUICK)
    assert back.code == 4, back.err
    assert "CoreDNS 1.15.0 does not start with this Corefile" in back.err
    assert "change the image back first" in back.err
    assert testbed.corefile() == older.after
