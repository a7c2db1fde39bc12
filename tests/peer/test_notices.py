"""What kubeadm's library says of a Corefile remedy says too, or there is a reason; so it is with whose default Corefile a text is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from remedy.answers.plugins import version_of
from remedy.corefile.parse import parse
from remedy.shipped import Shipped, recognised, shipped
from tests.migration.generate import corefiles
from tests.migration.loading import refused
from tests.peer.ask import VERSION, Question, ask
from tests.peer.compare import Pair
from tests.peer.notices import differences
from tests.peer.test_parity import COUNT, PAIRS
from tests.testbed.build import module_dir

FOLDER = Path(__file__).parents[2] / "fixtures" / "migration" / "notices"
SLUGS = {path.name.partition("-")[2]: path for path in sorted(FOLDER.iterdir())}
UP = [(source, target) for source, target in PAIRS if version_of(source) < version_of(target)]
MISSED = {each["release"]: each["reason"] for each in tomllib.loads((FOLDER.parent / "defaults.toml").read_text())["missed"]}
_STORED = re.compile(r"k8sReleases: *\[\]string\{([^}]*)\}(?:(?!k8sReleases).)*?defaultConf: *`([^`]*)`", re.DOTALL)


@pytest.mark.parametrize(("source", "target"), UP)
def test_what_is_told_of_a_migration_is_what_the_peer_tells_or_there_is_a_reason(source: str, target: str) -> None:
    pairs = [Pair(text, source, target) for text in corefiles(COUNT, source, 6)]
    answers = ask(Question("deprecated", source, target, pair.text) for pair in pairs)
    assert [answer.error or answer.panic for answer in answers if answer.error or answer.panic] == []
    found = [differences(pair, answer) for pair, answer in zip(pairs, answers, strict=True)]
    assert {reason for reasons in found for reason in reasons} <= SLUGS.keys()
    assert any(not reasons for reasons in found)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_reason_is_shown_by_a_text_and_by_whether_the_release_to_come_loads_it(slug: str) -> None:
    about = tomllib.loads((SLUGS[slug] / "about.toml").read_text())
    pair = Pair((SLUGS[slug] / "Corefile").read_text(), about["version"], about["to"])
    assert differences(pair, ask([Question("deprecated", pair.source, pair.target, pair.text)])[0]) == {slug}
    assert bool(refused([pair.text], pair.target)) != about["loads"]


def test_the_peer_tells_nothing_of_the_way_down() -> None:
    (answer,) = ask([Question("deprecated", "1.15.0", "1.8.0", ".:53 {\n    forward . 192.0.2.53\n}\n")])
    assert answer.error


def test_each_default_that_the_peer_has_stored_is_recognised_as_that_of_its_kubernetes() -> None:
    source = (module_dir("github.com/coredns/corefile-migration", f"v{VERSION}") / "migration" / "versions.go").read_text()
    stored = {release: text for releases, text in _STORED.findall(source) for release in re.findall(r"[0-9.]+", releases)}
    assert len(stored) == 10
    for release, text in stored.items():
        filled = text.replace("* ***", "cluster.local in-addr.arpa ip6.arpa").replace(". *", ". /etc/resolv.conf")
        told = [each.release for each in recognised(parse(filled)) if each.by == "kubeadm"]
        assert any(_covers(each, release) for each in told) != (f"Kubernetes {release}" in MISSED), (release, told)


@pytest.mark.parametrize("each", shipped(), ids=str)
def test_the_peer_takes_for_a_default_what_kubeadm_shipped_but_for_those_it_has_not_stored(each: Shipped) -> None:
    found = [other.release for other in recognised(parse(each.text)) if other.by == "kubeadm" and other.release not in MISSED]
    (answer,) = ask([Question("default", text=each.text)])
    assert answer.yes == bool(found)


def test_the_peer_calls_a_default_that_of_any_kubernetes_and_remedy_names_the_one() -> None:
    text = next(each.text for each in shipped() if each.release == "Kubernetes 1.19 to 1.31")
    assert [answer.yes for answer in ask([Question("default", "1.11", "", text), Question("default", "1.20", "", text)])] == [True, True]


def _covers(releases: str, release: str) -> bool:
    """Is a release of Kubernetes one of `Kubernetes 1.19 to 1.31`, `Kubernetes 1.12 and 1.13`, `Kubernetes 1.11`?"""
    minors = [int(number) for number in re.findall(r"1\.([0-9]+)", releases)]
    return minors[0] <= int(release.removeprefix("1.")) <= minors[-1]
