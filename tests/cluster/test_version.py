"""Which CoreDNS reads the Corefile: the tag of its image says, unless a person says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from remedy.answers.plugins import NEWEST
from tests.command import REPOSITORY, Command


@pytest.fixture
def remedy(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", tmp_path)


@pytest.mark.parametrize(("flags", "version"), [((), NEWEST), (("--coredns-version", "v1.9.3"), "v1.9.3")])
def test_scan_and_diff_name_the_version_that_the_live_corefile_runs_on(remedy: Command, flags: tuple[str, ...], version: str) -> None:
    assert json.loads(remedy("scan", "--demo", "--format", "json", *flags).out)["targets"][0]["coredns_version"] == version
    assert json.loads(remedy("diff", "--demo", "--format", "json", *flags).out)["coredns_version"] == version


def test_a_live_corefile_is_hashed_as_its_version_does(remedy: Command) -> None:
    (found,) = json.loads(remedy("hash", "--demo", "--format", "json", "--coredns-version", "1.9.0").out)["hashes"]
    assert found["algorithm"] == "md5"
    assert json.loads(remedy("hash", "--demo", "--format", "json").out)["coredns_version"] == NEWEST


def test_the_version_of_a_file_is_unknown_unless_it_is_named(remedy: Command) -> None:
    path = str(REPOSITORY / "fixtures" / "corefiles" / "kubeadm.Corefile")
    assert json.loads(remedy("scan", path, "--format", "json").out)["targets"][0]["coredns_version"] is None
    named = remedy("scan", path, "--format", "json", "--coredns-version", "1.10.1")
    assert json.loads(named.out)["targets"][0]["coredns_version"] == "1.10.1"


def test_a_word_that_is_no_version_is_refused(remedy: Command) -> None:
    done = remedy("scan", "--demo", "--coredns-version", "latest")
    assert done.code == 2
    assert "latest" in done.err
