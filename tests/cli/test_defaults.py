"""Whose default a Corefile is: said by scan, with what differs from the nearest one on demand."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command import REPOSITORY, Command

DEFAULT = (REPOSITORY / "fixtures" / "corefiles" / "kubeadm.Corefile").read_bytes()
BY = "kubeadm (Kubernetes 1.19 to 1.31)"


def test_a_corefile_that_a_distribution_ships_is_named_as_its_own(remedy: Command, folder: Path) -> None:
    changed = DEFAULT.replace(b"cluster.local", b"corp.example").replace(b"    errors\n", b"    errors # all of them\n\n")
    for text in (DEFAULT, changed):
        (folder / "Corefile").write_bytes(text)
        done = remedy("scan", "Corefile", "--format", "json")
        assert f"Corefile: as shipped by {BY}" in done.err
        shipped = json.loads(done.out)["targets"][0]["shipped"]
        assert {"kubeadm"} <= {each["by"] for each in shipped}
        assert all(each["source"] for each in shipped)
    assert BY not in remedy("scan", "Corefile", "--quiet").err


def test_what_differs_from_the_nearest_default_is_shown_on_demand(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(DEFAULT.replace(b"    reload\n", b"    reload 10s\n"))
    done = remedy("scan", "Corefile")
    assert (done.code, done.err) == (0, "0 findings in 1 target\n")
    told = remedy("scan", "Corefile", "--verbose").err
    assert f"Corefile: nearest to what {BY} ships, which differs in:\n" in told
    assert "\n-    reload\n+    reload 10s\n" in told


def test_of_what_is_no_cluster_s_corefile_no_default_is_named(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_text(". {\n    forward . 192.0.2.53\n}\n")
    assert remedy("scan", "Corefile", "--verbose").err == "0 findings in 1 target\n"
