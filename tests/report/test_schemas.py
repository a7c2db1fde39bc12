"""Every document that the command prints or keeps is what its JSON Schema says, and the schemas are what the contract says.

The documents come from real runs, over every fixture and the embedded cluster: a schema that only fits made-up data proves nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from remedy.answers.plugins import NEWEST
from tests.command import REPOSITORY, Command, Done

NAMES = ("scan", "plan", "validation", "record", "history", "hash", "explain", "doctor")
FIXTURES = REPOSITORY / "fixtures"
GOLDEN = REPOSITORY / "tests" / "golden"
OWN = ("$schema", "$id", "title", "$defs")  # what a schema has as a document, and as a part of another has not
LOADED = "import sys; from remedy.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"

# What design and runbooks rely on: the required fields of each noun, and the words of each enum.
CONTRACT = {
    "target": {"kind", "path", "context", "uid", "namespace", "name", "key"},
    "finding": {
        *("id", "code", "name", "severity", "message", "line", "column", "end_line", "end_column", "corefile_line", "corefile_column"),
        *("fix", "alternatives", "suppressed"),
    },
    "fix": {"title", "name", "safety"},
    "answer": {"name", "kind", "before", "after"},
    "observed": {"A", "AAAA", "clients"},
    "reply": {"rcode", "records", "unknown"},
    "scan": {"schema", "targets", "summary"},
    "plan": {"schema", "changes", "coredns_version", "answers", "fingerprint"},
    "validation": {"schema", "method", "verdict", "answers", "unknown", "transcript"},
    "record": {
        *("schema", "id", "when", "who", "tool_version", "plan", "changes", "validation", "outcome", "undoes", "undo_command", "replicas"),
    },
    "history": {"schema", "records"},
    "hash": {"schema", "coredns_version", "hashes"},
    "explain": {"schema", "rules"},
    "rule": {"code", "name", "severity", "summary", "sections", "example"},
    "doctor": {"schema", "machine", "cluster", "targets"},
    "check": {"name", "state", "text", "hint"},
}
ENUMS = {
    ("target", "kind"): "file manifest stdin cluster",
    ("finding", "severity"): "error warning info",
    ("fix", "safety"): "safe unsafe",
    ("answer", "kind"): "v4 dual v6 absent apex namespace short",
    ("validation", "method"): "model sandbox canary live",
    ("validation", "verdict"): "passed failed inconclusive",
    ("check", "state"): "ok warning failed unknown",
    ("record", "outcome"): "started applied rolled-back failed",
}
CLIENTS = {"musl<=1.2.0", "musl-1.2.1-1.2.3", "musl>=1.2.4", "glibc", "go", "node", "nginx"}


def schema(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((REPOSITORY / "remedy" / "report" / "schemas" / f"{name}.json").read_text("utf-8"))
    return data


SCHEMAS = {name: schema(name) for name in NAMES}
NOUNS = {**{noun: each for data in SCHEMAS.values() for noun, each in data["$defs"].items()}, **SCHEMAS}


def valid(name: str, text: str) -> dict[str, Any]:
    """The document, if it is what its schema says."""
    data: dict[str, Any] = json.loads(text)
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMAS[name]).iter_errors(data)]
    assert not errors, errors[:5]
    assert data["schema"] == f"remedy.{name}/1"
    return data


@pytest.fixture
def remedy(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", REPOSITORY)


def done(result: Done, *codes: int) -> Done:
    assert result.code in codes, result.err
    return result


def inputs() -> list[str]:
    """Every Corefile and manifest among the data of the tests; those that CoreDNS would refuse are left out of a document."""
    paths = [*FIXTURES.rglob("*"), *(GOLDEN / "corefile").glob("Corefile"), *(GOLDEN / "manifest").glob("*.yaml")]
    wanted = (path for path in paths if path.is_file() and (path.suffix in (".yaml", ".yml", ".json") or "orefile" in path.name))
    return sorted(path.relative_to(REPOSITORY).as_posix() for path in wanted)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_a_valid_schema_in_ascii(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (REPOSITORY / "remedy" / "report" / "schemas" / f"{name}.json").read_text("utf-8").isascii()


@pytest.mark.parametrize("noun", CONTRACT)
def test_the_fields_of_the_contract_are_described_and_required(noun: str) -> None:
    assert CONTRACT[noun] <= set(NOUNS[noun]["required"])
    for field, about in NOUNS[noun]["properties"].items():
        words = about.get("description", "")
        assert words.endswith("."), field


def test_the_words_of_every_enum_are_those_of_the_contract() -> None:
    for (noun, field), words in ENUMS.items():
        assert NOUNS[noun]["properties"][field]["enum"] == words.split()
    assert set(NOUNS["observed"]["properties"]["clients"]["required"]) == CLIENTS


def test_what_two_schemas_share_is_the_same_in_both() -> None:
    for name, data in SCHEMAS.items():
        for noun, about in data["$defs"].items():
            whole = NOUNS[noun]
            assert about == {key: value for key, value in whole.items() if noun not in SCHEMAS or key not in OWN}, (name, noun)


def test_a_field_that_is_not_in_the_schema_yet_is_no_error(remedy: Command) -> None:
    document = json.loads(remedy("scan", "--demo", "--format", "json").out)
    document["new"] = document["targets"][0]["findings"][0]["new"] = {"a": 1}
    valid("scan", json.dumps(document))


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        ("line", 0),
        ("line", "8"),
        ("severity", "fatal"),
        ("fix", "none"),
        ("corefile_column", None),
        ("suppressed", {}),
        ("alternatives", None),
    ],
)
def test_a_finding_that_breaks_the_contract_does_not_validate(remedy: Command, where: str, wrong: object) -> None:
    document = json.loads(remedy("scan", "--demo", "--format", "json").out)
    document["targets"][0]["findings"][0][where] = wrong
    assert not Draft202012Validator(SCHEMAS["scan"]).is_valid(document)
    del document["targets"][0]["findings"][0][where]
    assert not Draft202012Validator(SCHEMAS["scan"]).is_valid(document)


@pytest.mark.parametrize(("verb", "name"), [("scan", "scan"), ("diff", "plan"), ("validate", "validation")])
def test_scan_diff_and_validate_of_all_fixtures_print_what_their_schemas_say(remedy: Command, verb: str, name: str) -> None:
    document = valid(name, done(remedy(verb, *inputs(), "--format", "json"), 0, 1, 2, 4).out)
    assert len(document[{"scan": "targets", "plan": "changes", "validation": "answers"}[name]]) >= 5


def test_a_text_that_coredns_would_refuse_gives_no_document(remedy: Command) -> None:
    run = done(remedy("scan", "-", "--format", "json", stdin=b". {\n    forward . 192.0.2.53 {\n"), 2)
    assert run.out == ""
    assert "stdin:" in run.err


@pytest.mark.parametrize("flags", [("--style", "documented"), ("--style", "explicit"), ("--style", "minimal"), ("--unsafe",)])
def test_the_documents_of_an_embedded_cluster_are_what_their_schemas_say_in_every_style(remedy: Command, flags: tuple[str, ...]) -> None:
    assert valid("scan", done(remedy("scan", "--demo", "--format", "json", *flags), 1).out)["targets"][0]["target"]["kind"] == "cluster"
    assert valid("plan", done(remedy("diff", "--demo", "--format", "json", *flags), 1).out)["changes"][0]["before"]["resource_version"]
    assert valid("validation", done(remedy("validate", "--demo", "--format", "json", *flags), 0).out)["verdict"] == "passed"


def test_standard_input_is_a_target_without_a_path(remedy: Command) -> None:
    corefile = (GOLDEN / "corefile" / "Corefile").read_bytes()
    document = valid("scan", done(remedy("scan", "-", "--format", "json", stdin=corefile), 1).out)
    assert document["targets"][0]["target"] == {"kind": "stdin", **dict.fromkeys(("path", "context", "uid", "namespace", "name", "key"))}


def test_a_text_without_findings_gives_empty_lists_and_no_nulls(remedy: Command) -> None:
    corefile = b". {\n    forward . 192.0.2.53\n}\n"
    assert valid("scan", done(remedy("scan", "-", "--format", "json", stdin=corefile), 0).out)["targets"][0]["findings"] == []
    assert valid("plan", done(remedy("diff", "-", "--format", "json", stdin=corefile), 0).out)["changes"] == []
    assert valid("validation", done(remedy("validate", "-", "--format", "json", stdin=corefile), 0).out)["transcript"] == []


def test_an_answer_that_the_model_cannot_tell_is_unknown_and_has_no_rcode(remedy: Command) -> None:
    corefile = b". {\n    template IN AAAA {\n        rcode NXDOMAIN\n    }\n    ads a b\n    forward . 192.0.2.53\n}\n"
    document = valid("validation", done(remedy("validate", "-", "--format", "json", stdin=corefile), 4).out)
    assert document["verdict"] == "inconclusive"
    reply = document["answers"][0]["before"]["A"]
    assert (reply["rcode"], reply["records"]) == (None, None)
    assert "ads" in reply["unknown"]


def test_a_saved_plan_is_the_same_document(remedy: Command, tmp_path: Path) -> None:
    done(remedy("diff", "--demo", "--out", str(tmp_path / "plan.json")), 1)
    valid("plan", (tmp_path / "plan.json").read_text("utf-8"))


def test_the_records_of_an_apply_and_of_its_rollback_are_what_their_schema_says(remedy: Command) -> None:
    done(remedy("apply", "--demo", "--yes"), 0)
    done(remedy("rollback", "--demo", "--yes"), 0)
    kept = sorted((remedy.state / "remedy" / "records").glob("*.json"), reverse=True)
    undo, change = (valid("record", path.read_text("utf-8")) for path in kept)
    assert (change["outcome"], change["undoes"], undo["outcome"], undo["undoes"]) == ("rolled-back", None, "applied", change["id"])
    plan = json.loads(done(remedy("diff", "--demo", "--format", "json"), 1).out)
    assert change["plan"] == plan["fingerprint"]
    assert valid("history", done(remedy("history", "--format", "json"), 0).out)["records"] == [undo, change]
    assert valid("history", done(remedy("history", change["id"], "--format", "json"), 0).out)["records"] == [change]


@pytest.mark.parametrize("version", [(), ("--coredns-version", "v1.8.0-eksbuild.1")])
def test_the_hash_of_every_corefile_is_what_its_schema_says(remedy: Command, version: tuple[str, ...]) -> None:
    document = valid("hash", done(remedy("hash", "tests/golden", "--format", "json", *version), 0).out)
    assert {each["target"]["path"] for each in document["hashes"]} == {
        "tests/golden/corefile/Corefile",
        "tests/golden/manifest/coredns.yaml",
    }
    assert document["coredns_version"] == (version[1] if version else None)


def test_what_doctor_found_is_what_its_schema_says(remedy: Command) -> None:
    document = valid("doctor", done(remedy("doctor", "--demo", "--format", "json"), 0).out)
    (target,) = document["targets"]
    assert (target["target"]["name"], target["coredns_version"]) == ("coredns", NEWEST)
    missing = valid("doctor", done(remedy("doctor", "--kubeconfig", "none", "--format", "json"), 2).out)
    assert (missing["cluster"][0]["state"], missing["targets"]) == ("failed", [])


def test_without_records_the_history_is_an_empty_list(remedy: Command) -> None:
    assert valid("history", done(remedy("history", "--format", "json"), 0).out)["records"] == []


def test_a_record_of_a_file_that_is_not_utf8_keeps_its_bytes(remedy: Command, tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_bytes((GOLDEN / "corefile" / "Corefile").read_bytes() + b"# caf\xe9\n")
    done(remedy("apply", str(tmp_path / "Corefile"), "--yes", "--validate", "none"), 0)
    record = valid("history", done(remedy("history", "--format", "json"), 0).out)["records"][0]
    assert record["changes"][0]["before"].keys() == {"bytes_base64"}
    assert record["validation"] is None


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_verb_prints_the_schema_as_it_stands_in_the_package(remedy: Command, name: str) -> None:
    assert json.loads(done(remedy("schema", name), 0).out) == SCHEMAS[name]


def test_the_schema_verb_without_a_name_lists_the_names(remedy: Command) -> None:
    assert done(remedy("schema"), 0).out.split() == list(NAMES)
    files = {path.stem for path in (REPOSITORY / "remedy" / "report" / "schemas").iterdir()}
    assert files == set(NAMES)


def test_a_schema_that_does_not_exist_is_a_usage_error_that_lists_those_that_do(remedy: Command) -> None:
    run = done(remedy("schema", "../text"), 2)
    assert run.out == ""
    assert ", ".join(NAMES) in run.err


def test_the_schema_verb_loads_neither_the_grammar_nor_a_cluster(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", LOADED, "schema", "plan"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert not {"lark", "kubernetes", "dns", "ruamel.yaml", "remedy.verbs"} & set(run.stderr.split())


def test_a_schema_is_read_from_an_archive_too_where_a_file_has_no_path(tmp_path: Path) -> None:
    """A zipapp; that the wheel holds every file of the package is tests/test_packaging.py's to say."""
    archive = shutil.make_archive(str(tmp_path / "remedy"), "zip", REPOSITORY, "remedy")
    command = [sys.executable, "-m", "remedy.cli", "schema", "record"]
    run = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": archive}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == SCHEMAS["record"]
