"""Which rules run, which fix is taken and what a comment silences: the same on every verb that changes something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import HEALED, INCIDENT
from tests.command import REPOSITORY, Command, Done

TWO = (REPOSITORY / "fixtures" / "rules" / "AAAA001-several-server-blocks" / "before.Corefile").read_bytes()
VERBS = ["scan", "diff", "validate", "apply --yes"]
_REASON = b"# remedy: ignore AAAA001 all names here are IPv4 only"
SILENCED = INCIDENT.replace(b"    template ANY AAAA {", b"    " + _REASON + b"\n    template ANY AAAA {")


@pytest.mark.parametrize("words", ["AAAA001", "aaaa001", "AAAA", "aaaa-nxdomain", "CFG090,AAAA001", "CFG090, aaaa-nxdomain"])
def test_rules_are_selected_by_code_beginning_or_name(words: str, remedy: Command) -> None:
    assert remedy("scan", "Corefile", "--select", words).out.startswith("Corefile:7:5: error AAAA001")
    done = remedy("scan", "Corefile", "--ignore", words)
    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_ignored_is_neither_reported_nor_changed(verb: str, remedy: Command, folder: Path) -> None:
    done = remedy(*verb.split(), "Corefile", "--ignore", "AAAA001")
    assert done.code == 0, done.err
    assert (folder / "Corefile").read_bytes() == INCIDENT
    assert remedy(*verb.split(), "Corefile", "--select", "CFG").code == 0


@pytest.mark.parametrize("flag", ["--select", "--ignore", "--fix"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_word_that_is_no_rule_is_refused_with_those_near_it(verb: str, flag: str, refused: Callable[..., Done]) -> None:
    done = refused(2, *verb.split(), "Corefile", flag, "AAA001" + ("=delete" if flag == "--fix" else ""))
    assert "no rule has the code or the name 'AAA001'" in done.err
    assert "near it: AAAA001" in done.err


def test_one_finding_is_selected_by_its_id(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(TWO)
    first, second = json.loads(remedy("scan", "Corefile", "--format", "json").out)["targets"][0]["findings"]
    assert remedy("scan", "Corefile", "--select", second["id"]).out.startswith(f"Corefile:{second['line']}:")
    assert remedy("apply", "Corefile", "--yes", "--select", first["id"]).code == 0
    (left,) = json.loads(remedy("scan", "Corefile", "--format", "json").out)["targets"][0]["findings"]
    assert left["message"] == second["message"]
    again = remedy("apply", "Corefile", "--yes", "--select", first["id"])
    assert (again.code, again.err) == (0, "nothing to change\n")


def test_the_command_that_is_shown_has_the_same_choices(remedy: Command) -> None:
    choices = ["--select", "AAAA001", "--ignore", "CFG", "--fix", "AAAA001=nodata", "--soa"]
    done = remedy("scan", "Corefile", *choices)
    assert "remedy diff Corefile --fix AAAA001=nodata --select AAAA001 --ignore CFG --soa" in done.err


def test_a_fix_that_nobody_offers_is_refused_with_those_that_are_offered(refused: Callable[..., Done], remedy: Command) -> None:
    done = refused(2, "diff", "Corefile", "--fix", "AAAA001=nosuch")
    assert "AAAA001 has no fix called 'nosuch' here" in done.err
    assert "possible here: --fix AAAA001=nodata" in done.err
    assert "is not CODE=NAME or ID=NAME" in refused(2, "scan", "Corefile", "--fix", "AAAA001").err


def test_where_nothing_is_wrong_there_is_nothing_to_choose(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(HEALED)
    assert remedy("apply", "Corefile", "--yes", "--fix", "AAAA001=nosuch").code == 0


def test_what_a_comment_silences_is_counted_shown_on_demand_and_left_alone(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(SILENCED)
    done = remedy("scan", "Corefile")
    assert (done.code, done.out, done.err) == (0, "", "1 finding in 1 target: 1 suppressed\n")
    shown = remedy("scan", "Corefile", "--verbose")
    assert shown.out.startswith("Corefile:8:5: error AAAA001 aaaa-nxdomain (suppressed)\n")
    assert "    suppressed: all names here are IPv4 only\n" in shown.out
    data = json.loads(remedy("scan", "Corefile", "--format", "json").out)
    assert data["summary"] == {"targets": 1, "findings": 1, "fixable": 0, "suppressed": 1}
    assert data["targets"][0]["findings"][0]["suppressed"] == {"reason": "all names here are IPv4 only"}
    diff = remedy("diff", "Corefile", "--unsafe")
    assert (diff.code, diff.out) == (0, "")
    assert "Corefile: 1 finding suppressed by a comment; --verbose shows the reasons\n" in diff.err
    assert "- suppressed: AAAA001 aaaa-nxdomain (line 8)" in remedy("diff", "Corefile", "--format", "markdown").out
    assert remedy("apply", "Corefile", "--yes", "--unsafe").code == 0
    assert (folder / "Corefile").read_bytes() == SILENCED


def test_a_comment_without_a_reason_silences_nothing(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(SILENCED.replace(b" all names here are IPv4 only", b""))
    done = remedy("scan", "Corefile")
    assert done.code == 1
    assert "Corefile:7:5: warning CFG090 suppression-without-reason\n" in done.out
    assert "Corefile:8:5: error AAAA001 aaaa-nxdomain\n" in done.out


SEARCHED = b""".:53 {
    template IN AAAA svc.cluster.local {
        rcode NXDOMAIN
    }
    kubernetes cluster.local
    forward . 192.0.2.53
    reload
}
"""


def test_a_fix_is_taken_where_it_is_offered_and_elsewhere_what_is_proposed_stands(remedy: Command, folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "Corefile").write_bytes(SEARCHED)
    assert "or --fix AAAA001=nodata" in remedy("scan", "other/Corefile").out
    done = remedy("scan", ".", "--fix", "AAAA001=match")
    assert (done.code, "2 findings in 2 targets" in done.err) == (1, True), done.err
    assert "remedy: AAAA001 has no fix" in remedy("scan", ".", "--fix", "AAAA001=nosuch").err


def test_where_the_nodes_search_a_zone_less_is_safe(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(SEARCHED.replace(b"svc.cluster.local", b"corp.example"))
    assert "fix (safe)" in remedy("scan", "Corefile").out
    assert "fix (safe)" not in remedy("scan", "Corefile", "--search", "corp.example").out
    assert remedy("diff", "Corefile", "--search", "corp.example").out == ""


def test_the_release_that_reads_it_decides_how_a_fix_is_written(remedy: Command) -> None:
    assert "SOA" not in remedy("diff", "Corefile").out
    assert "SOA" in remedy("diff", "Corefile", "--coredns-version", "1.5.0").out
    assert "SOA" in remedy("diff", "Corefile", "--soa").out
