"""Files: what diff shows is what apply writes, what apply wrote rollback puts back, and what was not planned is not touched."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import HEALED, INCIDENT, snapshot
from tests.command import REPOSITORY, Command, Done

MANIFESTS = sorted(path.name for path in (REPOSITORY / "fixtures" / "manifests").iterdir() if path.is_file())
LISTS = sorted(path.name for path in (REPOSITORY / "fixtures" / "manifests" / "distributions").glob("*.incident.*"))
SHAPES = ["comments", "crlf", "drifted-indentation", "latin1-comment", "several-server-blocks", "snippet"]


def git_apply(folder: Path, diff: str) -> None:
    alone = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    content = diff.encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "-"], cwd=folder, input=content, env=alone, check=True)


def records(remedy: Command) -> list[dict[str, Any]]:
    """The records, newest first."""
    found: list[dict[str, Any]] = json.loads(remedy("history", "--format", "json").out)["records"]
    return found


def diff_and_apply_agree(remedy: Command, name: str, *words: str) -> bytes:
    """Apply the diff, then put the file back and let apply write it; both have to leave the same bytes."""
    path = remedy.folder / name
    before = path.read_bytes()
    shown = remedy("diff", name, *words)
    if shown.out:
        git_apply(remedy.folder, shown.out)
    by_git = path.read_bytes()
    path.write_bytes(before)
    done = remedy("apply", name, "--yes", *words)
    assert done.out == ""
    assert path.read_bytes() == by_git
    assert (by_git != before) == bool(shown.out)
    assert shown.code == (2 if done.code == 2 else int(by_git != before))
    return by_git


def test_what_diff_shows_is_what_apply_writes(remedy: Command) -> None:
    assert diff_and_apply_agree(remedy, "Corefile") == HEALED


@pytest.mark.parametrize("name", SHAPES)
def test_that_holds_for_every_shape(name: str, remedy: Command) -> None:
    case = REPOSITORY / "fixtures" / "rules" / f"AAAA001-{name}"
    (remedy.folder / "Corefile").write_bytes((case / "before.Corefile").read_bytes())
    assert diff_and_apply_agree(remedy, "Corefile", "--validate", "none") == (case / "after.Corefile").read_bytes()


@pytest.mark.parametrize("name", MANIFESTS)
def test_that_holds_for_every_manifest(name: str, remedy: Command) -> None:
    content = (REPOSITORY / "fixtures" / "manifests" / name).read_bytes()
    (remedy.folder / name).write_bytes(content)
    after = diff_and_apply_agree(remedy, name, "--validate", "none")
    if after != content:
        assert b"template IN AAAA ." in after
        assert remedy("scan", name).code == 0


@pytest.mark.parametrize("name", LISTS)
def test_that_holds_for_every_list_of_plugins(name: str, remedy: Command) -> None:
    (remedy.folder / name).write_bytes((REPOSITORY / "fixtures" / "manifests" / "distributions" / name).read_bytes())
    after = diff_and_apply_agree(remedy, name, "--validate", "none")
    assert b"IN AAAA ." in after
    assert remedy("scan", name).code == 0


@pytest.mark.parametrize("style", ["documented", "explicit", "minimal"])
def test_a_style_is_what_is_shown_and_written(style: str, remedy: Command) -> None:
    after = diff_and_apply_agree(remedy, "Corefile", "--style", style)
    assert (b"template IN AAAA .\n" in after) == (style == "documented")
    assert (b"rcode NOERROR" in after) == (style != "documented")
    assert b"NXDOMAIN" not in after


def test_a_diff_of_standard_input_is_named_stdin(remedy: Command) -> None:
    done = remedy("diff", "-", stdin=INCIDENT)
    assert done.code == 1
    assert done.out.startswith("--- a/stdin\n+++ b/stdin\n")
    by_name = remedy("diff", "Corefile").out
    assert done.out == by_name.replace("Corefile", "stdin", 2)


def test_apply_twice_writes_once(remedy: Command, folder: Path) -> None:
    assert remedy("apply", "Corefile", "--yes").code == 0
    before = snapshot(folder)
    done = remedy("apply", "Corefile", "--yes")
    assert (done.code, done.out) == (0, "")
    assert "nothing to change" in done.err
    assert snapshot(folder) == before
    assert len(records(remedy)) == 1


def test_reading_verbs_write_nothing(remedy: Command, folder: Path) -> None:
    before = snapshot(folder)
    codes = [remedy(*words).code for words in (["scan", "Corefile"], ["diff", "Corefile"], ["validate", "Corefile"], ["history"])]
    assert codes == [1, 1, 0, 0]
    assert remedy("apply", "Corefile", "--dry-run").code == 1
    assert remedy("apply", "Corefile", "--dry-run", "--yes").code == 1
    assert snapshot(folder) == before
    assert not remedy.state.exists()


def test_rollback_puts_back_every_byte(remedy: Command, folder: Path) -> None:
    content = INCIDENT.replace(b"    errors\n", b"    errors # d\xe9sactiv\xe9\r\n")
    (folder / "Corefile").write_bytes(content)
    assert remedy("apply", "Corefile", "--yes").code == 0
    assert b"NXDOMAIN" not in (folder / "Corefile").read_bytes()
    (record,) = records(remedy)
    assert record["outcome"] == "applied"
    done = remedy("rollback", record["id"], "--yes")
    assert (done.code, done.out) == (0, "")
    assert (folder / "Corefile").read_bytes() == content
    newest, oldest = records(remedy)
    assert (newest["undoes"], newest["outcome"], oldest["outcome"]) == (record["id"], "applied", "rolled-back")
    again = remedy("rollback", record["id"], "--yes")
    assert again.code == 0
    assert "nothing to undo" in again.err


def test_rollback_works_from_another_folder_and_so_does_the_printed_command(remedy: Command, folder: Path, tmp_path: Path) -> None:
    elsewhere = Command(remedy.state, tmp_path)
    assert remedy("apply", "Corefile", "--yes").code == 0
    (record,) = records(remedy)
    said = elsewhere("history", record["id"]).out
    by_hand = re.search(r"^without remedy: (.*)$", said, re.MULTILINE)
    assert by_hand
    subprocess.run(by_hand[1], shell=True, check=True, cwd="/")
    assert (folder / "Corefile").read_bytes() == INCIDENT
    (folder / "Corefile").write_bytes(HEALED)
    assert elsewhere("rollback", record["id"], "--yes").code == 0
    assert (folder / "Corefile").read_bytes() == INCIDENT


def test_rollback_does_not_undo_what_somebody_else_wrote_since(remedy: Command, folder: Path) -> None:
    assert remedy("apply", "Corefile", "--yes").code == 0
    (record,) = records(remedy)
    theirs = HEALED + b"# theirs\n"
    (folder / "Corefile").write_bytes(theirs)
    done = remedy("rollback", record["id"], "--yes")
    assert done.code == 3
    assert "nothing was written" in done.err
    assert (folder / "Corefile").read_bytes() == theirs
    assert len(records(remedy)) == 1


def test_rollback_of_a_record_that_is_not_there_says_where_to_look(remedy: Command) -> None:
    done = remedy("rollback", "01NONE", "--yes")
    assert done.code == 2
    assert "remedy history" in done.err


def test_a_saved_plan_is_what_is_applied(remedy: Command, folder: Path) -> None:
    assert remedy("diff", "Corefile", "--style", "minimal", "--out", "plan.json").code == 1
    done = remedy("apply", "plan.json", "--yes")
    assert done.code == 0
    assert (folder / "Corefile").read_bytes() == INCIDENT.replace(b"NXDOMAIN", b"NOERROR")
    assert records(remedy)[0]["plan"] == json.loads((folder / "plan.json").read_text())["fingerprint"]
    again = remedy("apply", "plan.json", "--yes")
    assert again.code == 0
    assert len(records(remedy)) == 1


def test_a_plan_of_a_text_that_has_changed_is_not_applied(remedy: Command, folder: Path) -> None:
    remedy("diff", "Corefile", "--out", "plan.json")
    (folder / "Corefile").write_bytes(INCIDENT + b"# theirs\n")
    before = snapshot(folder)
    done = remedy("apply", "plan.json", "--yes")
    assert done.code == 3
    assert "nothing was written" in done.err
    assert snapshot(folder) == before


def test_a_saved_plan_can_be_shown_before_it_is_applied_afterwards_and_when_it_is_stale(remedy: Command, folder: Path) -> None:
    diff = remedy("diff", "Corefile", "--out", "plan.json").out
    shown = remedy("diff", "plan.json")
    assert (shown.code, shown.out) == (1, diff)
    assert json.loads(remedy("diff", "plan.json", "--format", "json").out)["changes"][0]["diff"] == diff
    (folder / "Corefile").write_bytes(INCIDENT + b"# theirs\n")
    stale = remedy("diff", "plan.json")
    assert (stale.code, stale.out) == (3, diff)
    assert "Corefile is neither the text that was planned for nor the planned one" in stale.err
    assert remedy("apply", "plan.json", "--dry-run").code == 3
    (folder / "Corefile").write_bytes(INCIDENT)
    applied = remedy("apply", "plan.json", "--yes")
    assert applied.code == 0
    assert diff in applied.err
    done = remedy("diff", "plan.json")
    assert (done.code, done.out) == (0, diff)
    assert "all of it is live already" in done.err


def test_a_plan_that_was_tampered_with_is_not_applied(remedy: Command, folder: Path) -> None:
    remedy("diff", "Corefile", "--out", "plan.json")
    plan = (folder / "plan.json").read_text()
    for old, new in (("template IN AAAA .", "template IN A ."), ('"path": "Corefile"', '"path": "other"'), ("}", "")):
        (folder / "plan.json").write_text(plan.replace(old, new))
        done = remedy("apply", "plan.json", "--yes")
        assert done.code == 2
        assert done.err.startswith("remedy: plan.json: ")
        assert (folder / "Corefile").read_bytes() == INCIDENT


def test_only_the_expected_plan_is_applied(remedy: Command, folder: Path) -> None:
    fingerprint = json.loads(remedy("diff", "Corefile", "--format", "json").out)["fingerprint"]
    done = remedy("apply", "Corefile", "--yes", "--expect", "0" * 64)
    assert done.code == 3
    assert fingerprint in done.err
    assert (folder / "Corefile").read_bytes() == INCIDENT
    assert remedy("apply", "Corefile", "--yes", "--expect", fingerprint, "--style", "minimal").code == 3
    assert remedy("apply", "Corefile", "--yes", "--expect", fingerprint).code == 0
    assert (folder / "Corefile").read_bytes() == HEALED


def test_a_link_stays_a_link_and_the_file_behind_it_keeps_its_mode(remedy: Command, folder: Path) -> None:
    (folder / "real").mkdir()
    real = (folder / "Corefile").rename(folder / "real" / "Corefile")
    real.chmod(0o640)
    (folder / "Corefile").symlink_to("real/Corefile")
    assert remedy("apply", "Corefile", "--yes").code == 0
    assert (folder / "Corefile").is_symlink()
    assert real.read_bytes() == HEALED
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert remedy("rollback", records(remedy)[0]["id"], "--yes").code == 0
    assert (folder / "Corefile").is_symlink()
    assert real.read_bytes() == INCIDENT


def test_several_files_are_one_change_and_one_record(remedy: Command, folder: Path) -> None:
    (folder / "Corefile.two").write_bytes(INCIDENT)
    (folder / "Corefile.clean").write_bytes(HEALED)
    shown = remedy("diff", ".")
    assert shown.out.count("--- a/") == 2
    assert remedy("apply", ".", "--yes").code == 0
    assert (folder / "Corefile").read_bytes() == (folder / "Corefile.two").read_bytes() == HEALED
    (record,) = records(remedy)
    assert len(record["changes"]) == 2
    assert remedy("rollback", record["id"], "--yes").code == 0
    assert (folder / "Corefile").read_bytes() == (folder / "Corefile.two").read_bytes() == INCIDENT


def test_a_fix_that_is_not_safe_waits_for_unsafe(remedy: Command, folder: Path) -> None:
    case = REPOSITORY / "fixtures" / "rules" / "AAAA001-zone"
    (folder / "Corefile").write_bytes((case / "before.Corefile").read_bytes())
    shown = remedy("diff", "Corefile")
    assert (shown.code, shown.out) == (1, "")
    assert "--unsafe" in shown.err
    left = remedy("apply", "Corefile", "--yes")
    assert (left.code, left.out) == (1, "")
    assert (folder / "Corefile").read_bytes() == (case / "before.Corefile").read_bytes()
    assert remedy("apply", "Corefile", "--yes", "--unsafe").code == 0
    assert (folder / "Corefile").read_bytes() == (case / "after.Corefile").read_bytes()


def test_what_a_person_has_to_decide_is_left_and_counts(remedy: Command, folder: Path) -> None:
    undecided = (REPOSITORY / "fixtures" / "rules" / "AAAA001-with-an-answer" / "before.Corefile").read_bytes()
    (folder / "Corefile.undecided").write_bytes(undecided)
    data = json.loads(remedy("diff", ".", "--format", "json").out)
    assert [bool(change["diff"]) for change in data["changes"]] == [True, False]
    done = remedy("apply", ".", "--yes", "--expect", data["fingerprint"])
    assert done.code == 1
    assert "Corefile.undecided" in done.err
    assert (folder / "Corefile").read_bytes() == HEALED
    assert (folder / "Corefile.undecided").read_bytes() == undecided


def test_the_json_of_a_diff_is_a_plan_too(remedy: Command, folder: Path) -> None:
    (folder / "plan.json").write_text(remedy("diff", "Corefile", "--format", "json").out)
    assert remedy("apply", "plan.json", "--yes").code == 0
    assert (folder / "Corefile").read_bytes() == HEALED


def test_what_heals_nothing_for_sure_is_not_written_unless_told_to(remedy: Command, folder: Path) -> None:
    text = b".:53 {\n    import custom/*.override\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n    forward . 192.0.2.53\n}\n"
    (folder / "Corefile").write_bytes(text)
    done = remedy("apply", "Corefile", "--yes")
    assert done.code == 4
    assert "`import custom/*.override`" in done.err
    assert (folder / "Corefile").read_bytes() == text
    assert records(remedy) == []
    assert remedy("diff", "Corefile").code == 4
    assert remedy("apply", "Corefile", "--yes", "--validate", "none").code == 0


def answered(remedy: Command, answer: bytes, *words: str) -> Done:
    """Run a command on a terminal where a person types this."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    try:
        done = subprocess.run(remedy.argv(*words), env=remedy.variables, cwd=remedy.folder, stdin=theirs, capture_output=True)
    finally:
        os.close(theirs)
        os.close(ours)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"\n", 1), (b"maybe\n", 1), (b"y\n", 0), (b"YES\n", 0)])
def test_on_a_terminal_only_a_yes_writes(answer: bytes, code: int, remedy: Command, folder: Path) -> None:
    done = answered(remedy, answer, "apply", "Corefile")
    assert done.code == code
    assert "write Corefile? [y/N]" in done.err
    assert (folder / "Corefile").read_bytes() == (HEALED if code == 0 else INCIDENT)


def test_nothing_is_asked_where_there_is_nothing_to_write(remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes(HEALED)
    assert "[y/N]" not in answered(remedy, b"", "apply", "Corefile").err


MANIFEST = "kind: ConfigMap\nmetadata: {name: coredns}\ndata:\n  Corefile: |\n" + "".join(
    f"    {line}" for line in INCIDENT.decode().splitlines(keepends=True)
)


def test_a_directory_is_scanned_to_its_end_and_what_was_bad_in_it_is_named(remedy: Command, folder: Path) -> None:
    (folder / "bad.yaml").write_text(MANIFEST + "  other: [\n")
    (folder / "refused.Corefile").write_text(".:53 {\n    errors\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "good.yaml").write_text(MANIFEST)
    (folder / "sub" / "service.yaml").write_text("kind: Service\n")
    (folder / "sub" / "main.tf").write_text('data = { Corefile = file("Corefile") }\n')
    done = remedy("scan", ".")
    assert done.code == 2
    assert [line.partition(":")[0] for line in done.out.splitlines() if "AAAA001" in line] == ["Corefile", "sub/good.yaml"]
    assert "remedy: bad.yaml:" in done.err
    assert "remedy: refused.Corefile:2:5: " in done.err
    assert "sub/main.tf: a Corefile seems to be in here; remedy does not edit this form\n" in done.err
    assert "2 files passed over: no Corefile in them\n" in done.err
    assert "2 findings in 2 targets: 2 with a safe fix\n" in done.err
    assert "\r" not in done.err
    shown = remedy("diff", ".")
    assert shown.code == 2
    git_apply(folder, shown.out)
    assert remedy("scan", ".").out == ""


def test_a_search_shows_on_a_terminal_how_far_it_is(remedy: Command, folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.yaml").write_text(MANIFEST if number % 3 == 0 else "kind: Service\n")
    ours, theirs = pty.openpty()
    with subprocess.Popen(remedy.argv("scan", "."), env=remedy.variables, cwd=folder, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        talk = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            talk += more
    os.close(ours)
    assert process.returncode == 1
    assert re.search(rb"\r\x1b\[K  [0-9]+ files looked at, [0-9]+ with a Corefile", talk)
    assert b"101 findings in 101 targets" in talk
    last = talk.split(b"101 findings")[0].rpartition(b"files looked at")[2]
    assert b"\r\x1b[K" in last  # the line was taken away before the sum


def test_a_corefile_and_what_it_imports_are_changed_each_in_its_own_file(remedy: Command, folder: Path) -> None:
    main = ".:53 {\n    errors\n    import custom/*.override\n    forward . /etc/resolv.conf\n}\n"
    text = "kind: ConfigMap\nmetadata: {name: coredns}\ndata:\n  Corefile: |\n"
    text += "".join(f"    {line}" for line in main.splitlines(keepends=True))
    custom = "kind: ConfigMap\nmetadata: {name: coredns-custom}\ndata:\n  x.override: |\n"
    custom += "    template ANY AAAA { # why\n      rcode NXDOMAIN\n    }\n"
    (folder / "Corefile").unlink()
    (folder / "coredns.yaml").write_text(text)
    (folder / "custom.yaml").write_text(custom)
    shown = remedy("diff", ".", "--out", "plan.json")
    assert shown.code == 1
    assert shown.out.startswith("--- a/custom.yaml\n+++ b/custom.yaml\n")
    assert "validation (model, assuming an upstream with just these names): passed" in shown.err
    assert remedy("apply", "plan.json", "--yes").code == 0
    assert (folder / "coredns.yaml").read_text() == text
    after = "    # why\n    template IN AAAA .\n"
    assert (folder / "custom.yaml").read_text() == custom.partition("    template")[0] + after
    assert remedy("scan", ".").code == 0
