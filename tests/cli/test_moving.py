"""Moving a Corefile to another release: --to on every verb that changes something, and what is said about releases on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from remedy.answers.plugins import NEWEST
from tests.command import REPOSITORY, Command, Done

FIXTURE = REPOSITORY / "fixtures" / "migration" / "kubernetes-1.16-with-comments"
OLD = (FIXTURE / "before.Corefile").read_bytes()
NEW = (FIXTURE / "after.Corefile").read_bytes()
UNMATCHED = """\
. {
    template IN A example.org {
        match "^x[.]"
        answer "{{ .Name }} 60 IN A 192.0.2.1"
    }
    forward . 192.0.2.53
}
"""
VERBS = ["scan", "diff", "validate", "apply --yes"]
FROM = ("--coredns-version", "1.6.2")


@pytest.fixture
def folder(folder: Path) -> Path:
    """An operator's folder with a Corefile of its time."""
    (folder / "Corefile").write_bytes(OLD)
    return folder


def test_apply_moves_a_file_and_loses_nothing_but_what_the_release_refuses(remedy: Command, folder: Path) -> None:
    done = remedy("apply", "Corefile", "--yes", *FROM, "--to", "1.15.0")
    assert done.code == 0, done.err
    assert (folder / "Corefile").read_bytes() == NEW
    assert "from CoreDNS 1.6.2 to 1.15.0\n" in done.err
    again = remedy("apply", "Corefile", "--yes", "--coredns-version", "1.15.0", "--to", "1.15.0")
    assert (again.code, again.err) == (0, "nothing to change\n")


def test_a_migration_is_undone_like_any_other_change(remedy: Command, folder: Path) -> None:
    done = remedy("apply", "Corefile", "--yes", *FROM, "--to", "1.15.0")
    record = done.err.split("done; record ")[1].split()[0]
    assert remedy("rollback", record, "--yes").code == 0
    assert (folder / "Corefile").read_bytes() == OLD


def test_without_a_release_to_move_to_nothing_of_a_migration_is_said(remedy: Command) -> None:
    assert "MIG" not in remedy("scan", "Corefile").out


def test_what_a_release_does_not_load_is_found_for_the_one_that_runs_too(remedy: Command) -> None:
    assert "MIG002" not in remedy("scan", "Corefile", *FROM).out
    done = remedy("scan", "Corefile", "--coredns-version", "1.15.0")
    assert done.code == 1
    assert "MIG002 option-not-known" in done.out


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("word", ["latest", "3.2", "0.9.10", "1.21.0", "sha256:0123", ""])
@pytest.mark.parametrize("flag", ["--to", "--coredns-version"])
def test_what_cannot_be_a_release_is_refused_with_those_that_are_known(
    verb: str, flag: str, word: str, refused: Callable[..., Done]
) -> None:
    done = refused(2, *verb.split(), "Corefile", flag, word)
    assert f"give a release from 1.1.3 to {NEWEST}" in done.err


@pytest.mark.parametrize(
    ("word", "release", "said"),
    [
        ("v1.11.1-eksbuild.4", "1.11.1", ""),
        ("1.11.3.2-abc-aliyun", "1.11.3", ""),
        ("1.11.2", "1.11.1", "it is taken for 1.11.1"),
        ("1.16.3", NEWEST, f"newer than the newest release known here; it is taken for {NEWEST}"),
    ],
)
def test_a_release_that_is_not_known_is_taken_for_the_nearest_and_that_is_said(word: str, release: str, said: str, remedy: Command) -> None:
    done = remedy("diff", "Corefile", *FROM, "--to", word, "--format", "json")
    assert json.loads(done.out)["to"] == release
    assert (said in done.err) if said else ("taken for" not in done.err)
    assert json.loads(remedy("scan", "Corefile", *FROM, "--to", word, "--format", "json").out)["targets"][0]["to"] == release


@pytest.mark.parametrize("flag", ["--eager", "--defaults"])
@pytest.mark.parametrize("verb", VERBS)
def test_how_to_move_is_refused_without_where_to(verb: str, flag: str, refused: Callable[..., Done]) -> None:
    assert f"name it: {flag} --to VERSION" in refused(2, *verb.split(), "Corefile", flag).err


def test_that_nobody_said_which_release_runs_is_said_and_the_answers_are_compared_all_the_same(remedy: Command, folder: Path) -> None:
    done = remedy("diff", "Corefile", "--to", "1.15.0")
    assert done.code == 1, done.err
    assert "Corefile: which release reads it now is not known; name it: --coredns-version V" in done.err
    assert "from an unknown release of CoreDNS to 1.15.0" in done.err
    assert "validation (model, assuming an upstream with just these names): passed" in done.err
    assert json.loads(remedy("diff", "Corefile", "--to", "1.15.0", "--format", "json").out)["coredns_version"] is None
    (folder / "Corefile").write_bytes(OLD.replace(b"forward .", b"proxy .").replace(b"    ready\n", b""))
    assert "passed" in remedy("diff", "Corefile", "--to", "1.15.0").err


def test_the_command_that_is_shown_leads_to_the_same_release(remedy: Command) -> None:
    done = remedy("scan", "Corefile", *FROM, "--to", "1.15.0", "--eager", "--defaults")
    assert "remedy diff Corefile --coredns-version 1.6.2 --to 1.15.0 --eager --defaults" in done.err


def test_a_saved_plan_leads_to_its_own_release_and_to_no_other(remedy: Command, folder: Path) -> None:
    assert remedy("diff", "Corefile", *FROM, "--to", "1.15.0", "--out", "plan.json").code == 1
    assert json.loads((folder / "plan.json").read_text())["to"] == "1.15.0"
    done = remedy("apply", "plan.json", "--yes", "--to", "1.14.0")
    assert (done.code, (folder / "Corefile").read_bytes()) == (2, OLD)
    assert "plan.json is a plan for CoreDNS 1.15.0, not for 1.14.0" in done.err
    assert "from CoreDNS 1.6.2 to 1.15.0" in remedy("validate", "plan.json").err
    assert remedy("apply", "plan.json", "--yes").code == 0
    assert (folder / "Corefile").read_bytes() == NEW


def test_a_release_that_answers_otherwise_is_judged_where_the_text_stays_as_it_is(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_text(UNMATCHED)
    options = ("Corefile", "--ignore", "TPL", "--coredns-version", "1.9.2")
    done = remedy("validate", *options, "--to", "1.9.3")
    assert "from CoreDNS 1.9.2 to 1.9.3\n" in done.err
    assert "A DROP -> SERVFAIL" in done.out
    assert "nothing to change" in remedy("validate", *options).out


def test_a_text_that_the_release_to_come_does_not_load_fails_the_validation(remedy: Command, folder: Path) -> None:
    options = ("Corefile", *FROM, "--to", "1.15.0", "--ignore", "MIG")
    done = remedy("validate", *options)
    assert done.code == 4
    assert "CoreDNS 1.15.0 does not start with this Corefile: kubernetes has no" in " ".join(done.out.split())
    (folder / "Corefile").write_bytes(OLD.replace(b"    health\n", b"    health\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n"))
    assert remedy("apply", "--yes", *options).code == 4
    assert b"rcode NXDOMAIN" in (folder / "Corefile").read_bytes()


def test_a_directory_is_moved_as_a_whole(remedy: Command, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "Corefile").write_bytes(OLD)
    done = remedy("apply", ".", "--yes", *FROM, "--to", "1.15.0")
    assert done.code == 0, done.err
    assert [(folder / name).read_bytes() for name in ("Corefile", "a/Corefile")] == [NEW, NEW]
    again = remedy("diff", ".", "--coredns-version", "1.15.0", "--to", "1.14.7", "--format", "markdown", "--select", "MIG001")
    assert (again.code, "Corefile" in again.out) == (0, False), again.err


def test_a_manifest_is_moved_and_its_other_keys_stay(remedy: Command, folder: Path) -> None:
    place = REPOSITORY / "fixtures" / "migration" / "manifest-1.3.1"
    before, after = ((place / f"{side}.yaml").read_bytes() for side in ("before", "after"))
    (folder / "coredns.yaml").write_bytes(before)
    done = remedy("apply", "coredns.yaml", "--yes", "--coredns-version", "1.3.1", "--to", "1.15.0")
    assert done.code == 0, done.err
    assert (folder / "coredns.yaml").read_bytes() == after


def test_a_review_names_both_releases(remedy: Command) -> None:
    done = remedy("diff", "Corefile", *FROM, "--to", "1.15.0", "--format", "markdown")
    assert done.out.startswith("### CoreDNS: 1 change, from CoreDNS 1.6.2 to 1.15.0, validation passed\n")
    table = remedy("validate", "Corefile", *FROM, "--to", "1.15.0", "--format", "markdown").out
    assert table.startswith("Before and after, from CoreDNS 1.6.2 to 1.15.0:\n\n")
