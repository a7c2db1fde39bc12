"""stdout is data, stderr is talk, the exit code is the verdict."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import HEALED, INCIDENT
from tests.command import REPOSITORY, Command

VERBS = ["scan", "diff", "validate", "apply", "rollback", "history"]


@pytest.mark.parametrize("words", [[], *([verb] for verb in VERBS)], ids=lambda words: " ".join(["remedy", *words]))
def test_every_help_names_the_exit_codes_and_fits_a_terminal(words: list[str], remedy: Command) -> None:
    done = remedy(*words, "--help")
    assert (done.code, done.err) == (0, "")
    said = " ".join(done.out.split())
    assert "exit codes: 0 nothing to do, or done and verified; 1 findings" in said
    for code in ("2 ", "3 ", "4 ", "5 ", "6 ", "70 ", "130, 143 "):
        assert f"; {code}" in said
    assert "TARGET is a Corefile" in said
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_version_is_the_package_s(remedy: Command) -> None:
    done = remedy("--version")
    assert done.code == 0
    assert done.out.startswith("remedy ")


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("AAAA001-incident", 1),
        ("AAAA001-zone", 1),
        ("AAAA001-with-an-answer", 1),
        ("AAAA001-clean-documented", 0),
        ("AAAA001-clean-any-any-pair", 0),
    ],
)
def test_scan_and_diff_say_with_their_code_whether_something_is_wrong(case: str, code: int, remedy: Command, folder: Path) -> None:
    (folder / "Corefile").write_bytes((REPOSITORY / "fixtures" / "rules" / case / "before.Corefile").read_bytes())
    assert remedy("scan", "Corefile").code == code
    done = remedy("diff", "Corefile", "--validate", "none")
    assert done.code == code
    assert bool(done.out) == (case == "AAAA001-incident")


def test_a_finding_names_its_place_as_compilers_do(remedy: Command) -> None:
    done = remedy("scan", "Corefile")
    assert done.out.startswith("Corefile:7:5: error AAAA001 aaaa-nxdomain")
    assert "AAAA for every name is answered NXDOMAIN" in done.out
    assert "answer NODATA" in done.out
    assert done.err.startswith("1 finding in 1 target")
    assert "remedy diff Corefile" in done.err


@pytest.mark.parametrize("words", [["scan"], ["diff"], ["apply", "--yes", "--settle", "0"]], ids=lambda words: words[0])
def test_quiet_leaves_the_data_and_takes_the_talk(words: list[str], remedy: Command) -> None:
    expected = "" if words[0] == "apply" else remedy(*words, "Corefile").out
    done = remedy(*words, "Corefile", "--quiet")
    assert done.err == ""
    assert done.out == expected


def test_quiet_does_not_hide_an_error(remedy: Command) -> None:
    assert "No such file" in remedy("scan", "none", "--quiet").err


PLACE = {"line": 7, "column": 5, "end_line": 9, "end_column": 6}


def test_scan_as_json_is_the_document_of_the_contract(remedy: Command) -> None:
    done = remedy("scan", "Corefile", "--format", "json")
    assert done.code == 1
    data = json.loads(done.out)
    finding = data["targets"][0]["findings"][0]
    message, id_, fix = (finding.pop(name) for name in ("message", "id", "fix"))
    assert fix.items() >= {"title": "answer NODATA", "name": "nodata", "safety": "safe"}.items()
    assert message.startswith("AAAA for every name")
    assert id_.startswith("AAAA001-")
    nobody: dict[str, Any] = dict.fromkeys(("context", "uid", "namespace", "name", "key"))
    assert data == {
        "schema": "remedy.scan/1",
        "targets": [
            {
                "target": {"kind": "file", "path": "Corefile", **nobody},
                "coredns_version": None,
                "to": None,
                "shipped": [],
                "findings": [
                    {
                        "code": "AAAA001",
                        "name": "aaaa-nxdomain",
                        "severity": "error",
                        **PLACE,
                        "corefile_line": 7,
                        "corefile_column": 5,
                        "alternatives": [],
                        "suppressed": None,
                    }
                ],
            }
        ],
        "summary": {"targets": 1, "findings": 1, "fixable": 1, "suppressed": 0},
    }


def test_in_a_manifest_a_finding_has_its_place_in_the_file_and_in_the_corefile(remedy: Command, folder: Path) -> None:
    (folder / "kubeadm.yaml").write_bytes((REPOSITORY / "fixtures" / "manifests" / "kubeadm.yaml").read_bytes())
    (found,) = json.loads(remedy("scan", "kubeadm.yaml", "--format", "json").out)["targets"]
    lines = (folder / "kubeadm.yaml").read_text("utf-8").split("\n")
    (finding,) = found["findings"]
    assert lines[finding["line"] - 1][finding["column"] - 1 :].startswith("template")
    assert finding["corefile_line"] < finding["line"]
    assert finding["corefile_column"] == finding["column"] - 4
    assert found["target"]["kind"] == "manifest"
    assert (found["target"]["namespace"], found["target"]["name"], found["target"]["key"]) == ("kube-system", "coredns", "Corefile")


@pytest.mark.parametrize("verb", ["scan", "diff", "validate"])
def test_the_same_input_gives_the_same_bytes(verb: str, remedy: Command) -> None:
    odd = Command(remedy.state, remedy.folder, {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LC_ALL": "C", "COLUMNS": "40"})
    assert remedy(verb, "Corefile", "--format", "json").out == odd(verb, "Corefile", "--format", "json").out
    assert remedy(verb, "Corefile").out == odd(verb, "Corefile").out


def test_diff_as_json_holds_the_plan_and_the_answers_that_change(remedy: Command) -> None:
    done = remedy("diff", "Corefile", "--format", "json")
    assert done.code == 1
    data = json.loads(done.out)
    assert data["schema"] == "remedy.plan/1"
    (change,) = data["changes"]
    assert change["before"]["text"].encode() == INCIDENT
    assert change["after"]["text"].encode() == HEALED
    assert change["diff"] == remedy("diff", "Corefile").out
    answers = {answer["name"]: answer for answer in data["answers"]}
    web = answers["v4.example.org."]
    assert (web["before"]["AAAA"]["rcode"], web["after"]["AAAA"]["rcode"]) == ("NXDOMAIN", "NOERROR")
    assert (web["before"]["clients"]["musl>=1.2.4"], web["after"]["clients"]["musl>=1.2.4"]) == ("EAI_NONAME", "ok")
    assert web["before"]["clients"]["glibc"] == web["after"]["clients"]["glibc"] == "ok"


def test_bytes_that_are_not_utf8_leave_as_they_came(folder: Path, remedy: Command) -> None:
    (folder / "Corefile").write_bytes(INCIDENT.replace(b"    ready\n", b"    ready # caf\xe9\n"))
    words = remedy.argv("diff", "Corefile")
    done = subprocess.run(words, env=remedy.variables, cwd=folder, capture_output=True)
    assert b"     ready # caf\xe9\n" in done.stdout
    assert done.returncode == 1


def test_a_reader_that_leaves_early_is_no_fault(remedy: Command) -> None:
    words = remedy.argv("scan", "Corefile")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, env=remedy.variables, cwd=remedy.folder, **pipes) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 2
    assert b"Traceback" not in said
    assert b"remedy: a fault" not in said


def test_history_is_empty_before_the_first_change_and_then_tells_it(remedy: Command) -> None:
    assert remedy("history").out == ""
    assert json.loads(remedy("history", "--format", "json").out) == {"schema": "remedy.history/1", "records": []}
    assert remedy("apply", "Corefile", "--yes").code == 0
    line = remedy("history").out
    assert "applied" in line
    assert "Corefile" in line
    (record,) = json.loads(remedy("history", "--format", "json").out)["records"]
    assert record["schema"] == "remedy.record/1"
    shown = remedy("history", record["id"])
    assert "-    template ANY AAAA {\n" in shown.out
    assert f"undo: remedy rollback {record['id']}" in shown.out


def test_validate_says_what_every_client_gets(remedy: Command, folder: Path) -> None:
    done = remedy("validate", "Corefile")
    assert done.code == 0
    assert "musl>=1.2.4" in done.out
    assert "AAAA NXDOMAIN -> NODATA" in done.out
    assert "passed" in done.out
    (folder / "Corefile").write_bytes(HEALED)
    today = remedy("validate", "Corefile", "--format", "json")
    assert today.code == 0
    data = json.loads(today.out)
    assert (data["schema"], data["method"], data["verdict"]) == ("remedy.validation/1", "model", "passed")


def test_scan_names_the_imports_that_it_could_not_look_into(remedy: Command) -> None:
    (remedy.folder / "imports").write_text(". {\n    errors\n    import custom/*.override\n}\n")
    done = remedy("scan", "imports")
    assert done.code == 0
    assert "not at hand, and not looked at: imports:3: import custom/*.override\n" in done.err


def test_with_nothing_to_change_a_name_that_was_asked_for_is_shown_alone_as_the_replicas_answer_it(remedy: Command) -> None:
    assert remedy("apply", "--demo", "--yes", "--settle", "0").code == 0
    done = remedy("validate", "--demo", "--probe", "Shop.example.cn.")
    assert done.code == 0, done.err
    names = [line for line in done.out.splitlines() if line.startswith("  ") and line.endswith(".") and " " not in line.strip()]
    assert names == ["  shop.example.cn."]
    assert "2 replicas asked one by one: coredns-1, coredns-2" in done.out
    assert "absent" in remedy("validate", "--demo", "--probe", "shop.example.cn.", "--verbose").out
