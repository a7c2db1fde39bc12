"""What cannot be used stops remedy with 2, its place, a reason and what to do next, and nothing is written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Command, Done
from tests.corefile.test_refusals import ROWS

VERBS = [("scan",), ("diff",), ("validate",), ("apply", "--yes", "--settle", "0")]
Refused = Callable[..., Done]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_corefile_that_coredns_refuses_is_refused_in_its_words(verb: tuple[str, ...], folder: Path, refused: Refused) -> None:
    (folder / "bad").write_text(".:53 {\n    errors\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n}\nx {\n  log\n")
    done = refused(2, *verb, "bad")
    assert done.err.splitlines() == [
        "remedy: bad:8:3: Unexpected token 'log', expecting '}'",
        "          log",
        "          ^",
        "        a server block is not closed; add a line with }",
    ]


# What a text alone shows; which names are plugins is the build's affair (a brace is none in any), and the files of an import are the pod's.
FROM_THE_TEXT = [row for row in ROWS if "Unknown directive" not in row[1] and "not found" not in row[1]]
FROM_THE_TEXT.append((". {\n  {\n  }\n}\n", "2 - Error during parsing: Unknown directive '{'", 2, 3, "before its opening brace"))


@pytest.mark.parametrize("verb", [("scan",), ("diff",), ("apply", "--yes", "--settle", "0")], ids=lambda verb: verb[0])
@pytest.mark.parametrize(
    ("text", "said", "line", "column", "hint"), FROM_THE_TEXT, ids=[f"{row[1][4:60]} ({row[4]})" for row in FROM_THE_TEXT]
)
def test_every_class_of_refusal_names_its_place_and_writes_nothing(
    verb: tuple[str, ...], text: str, said: str, line: int, column: int, hint: str, folder: Path, refused: Refused
) -> None:
    (folder / "bad").write_text(text)
    done = refused(2, *verb, "bad")
    message = said.partition(": ")[2].partition(": /nowhere")[0]
    assert done.err.startswith(f"remedy: bad:{line}:{column}: {message}")
    assert hint in done.err


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_the_place_of_an_error_in_a_manifest_is_that_in_the_file(verb: tuple[str, ...], folder: Path, refused: Refused) -> None:
    (folder / "cm.yaml").write_text("kind: ConfigMap\ndata:\n  Corefile: |\n    . { whoami }\n")
    done = refused(2, *verb, "cm.yaml")
    assert done.err.startswith("remedy: cm.yaml:4:16: Unexpected '}' because no matching opening brace\n")


# A file's content, and the words of the refusal.
UNUSABLE = [
    ("broken.yaml", b"kind: ConfigMap\ndata: [\n  Corefile: x\n", "broken.yaml:4:1: not valid YAML"),
    ("twice.yaml", b"kind: ConfigMap\ndata:\n  Corefile: x\n  Corefile: y\n", "twice.yaml:4:3: the key Corefile stands twice"),
    ("secret.yaml", b"kind: Secret\ndata:\n  Corefile: x\n", "secret.yaml: no ConfigMap with a key Corefile in it"),
    ("binary", b". {\n\0}\n", "binary: a binary file, not a Corefile"),
    ("empty", b"", "empty: the file is empty"),
    ("blank", b" \r\n\t\n", "blank: the file is empty"),
    ("missing", None, "missing: No such file or directory"),
    ("folder/", None, "no Corefile and no manifest that holds one (0 files passed over)"),
]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
@pytest.mark.parametrize(("name", "content", "message"), UNUSABLE, ids=[row[0] for row in UNUSABLE])
def test_what_is_no_corefile_is_refused(
    verb: tuple[str, ...], name: str, content: bytes | None, message: str, folder: Path, refused: Refused
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    elif name.endswith("/"):
        (folder / name).mkdir()
    done = refused(2, *verb, name)
    assert message in done.err.splitlines()[0]
    assert done.err.splitlines()[1].startswith("        "), "what to do next"


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_standard_input_without_anything_in_it_is_refused(verb: tuple[str, ...], refused: Refused) -> None:
    assert "stdin: the file is empty" in refused(2, *verb, "-").err


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_standard_input_that_is_closed_is_refused(verb: tuple[str, ...], remedy: Command) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *remedy.argv(*verb, "-")], env=remedy.variables, cwd=remedy.folder, capture_output=True
    )
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[0] == "remedy: standard input is closed"


def test_standard_input_cannot_be_written(refused: Refused, folder: Path) -> None:
    done = refused(2, "apply", "-", "--yes", stdin=(folder / "Corefile").read_bytes())
    assert "standard input cannot be written" in done.err


def test_a_directory_with_one_bad_file_still_shows_the_others_and_writes_none(folder: Path, remedy: Command) -> None:
    (folder / "Corefile.bad").write_text(". {\n")
    (folder / "notes.txt").write_text("")
    done = remedy("scan", ".")
    assert done.code == 2
    assert done.out.startswith("Corefile:7:5: error AAAA001")
    assert "Corefile.bad:1:3: Unexpected token '{', expecting '}'" in done.err
    assert "1 file passed over" in done.err
    before = (folder / "Corefile").read_bytes()
    done = remedy("apply", ".", "--yes")
    assert (done.code, done.out) == (2, "")
    assert (folder / "Corefile").read_bytes() == before


def test_nothing_is_written_without_a_yes_or_a_terminal(refused: Refused) -> None:
    assert "add --yes" in refused(2, "apply", "Corefile").err
    assert "add --yes" in refused(2, "apply", "Corefile", stdin=b"y\n").err


def test_without_a_terminal_a_closed_standard_input_is_no_yes(remedy: Command, folder: Path) -> None:
    before = (folder / "Corefile").read_bytes()
    words = ["sh", "-c", 'exec "$@" <&-', "sh", *remedy.argv("apply", "Corefile")]
    done = subprocess.run(words, env=remedy.variables, cwd=folder, capture_output=True)
    assert done.returncode == 2
    assert b"add --yes" in done.stderr
    assert (folder / "Corefile").read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["scan", "--nope"],
        ["nope"],
        ["apply", "Corefile", "--style", "pretty"],
        ["scan", "--format", "sarif"],
        ["apply", "--timeout", "soon"],
        ["apply", "--timeout", "-1"],
        ["diff", "--out"],
        ["rollback", "a", "b"],
        ["validate", "Corefile", "--validate", "none"],
        ["schema", "nope"],
    ],
    ids=" ".join,
)
def test_words_that_remedy_does_not_know_are_a_usage_error(words: list[str], refused: Refused) -> None:
    refused(2, *words)


def test_bare_remedy_shows_its_help_on_stderr(refused: Refused) -> None:
    assert "exit codes:" in refused(2).err


def test_a_state_folder_that_cannot_be_written_stops_before_the_file_is(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    before = (folder / "Corefile").read_bytes()
    done = Command(tmp_path / "file", folder)("apply", "Corefile", "--yes")
    assert done.code == 2
    assert "the record cannot be written" in done.err
    assert "set XDG_STATE_HOME" in done.err
    assert (folder / "Corefile").read_bytes() == before


def without_privileges(words: list[str]) -> list[str]:
    """The same command, for which permissions count even where the tests run as root."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *words] if os.geteuid() == 0 else words


def test_a_folder_that_cannot_be_written_leaves_the_file_as_it_was(folder: Path, remedy: Command) -> None:
    before = (folder / "Corefile").read_bytes()
    folder.chmod(0o500)
    try:
        done = subprocess.run(
            without_privileges(remedy.argv("apply", "Corefile", "--yes")), env=remedy.variables, cwd=folder, capture_output=True, text=True
        )
        assert os.listdir(folder) == ["Corefile"]
    finally:
        folder.chmod(0o700)
    assert done.returncode == 2
    assert "remedy: Corefile: cannot be written: Permission denied" in done.stderr
    assert "nothing was written" in done.stderr
    assert (folder / "Corefile").read_bytes() == before
    assert "failed" in remedy("history").out


@pytest.mark.parametrize("name", ["Corefile", "cm.yaml"])
def test_a_file_that_cannot_be_read_is_refused_alone_and_in_its_directory(name: str, folder: Path, remedy: Command) -> None:
    (folder / name).write_text("kind: ConfigMap\ndata:\n  Corefile: . {}\n")
    (folder / name).chmod(0)
    for target in (name, "."):
        words = without_privileges(remedy.argv("scan", target))
        done = subprocess.run(words, env=remedy.variables, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 2
        assert f"{name}: Permission denied" in done.stderr


def test_an_output_that_cannot_be_written_is_said_and_a_closed_one_is_not_needed(remedy: Command, folder: Path) -> None:
    def run(redirection: str) -> tuple[int, bytes]:
        words = ["sh", "-c", f'exec "$@" {redirection}', "sh", *remedy.argv("scan", "Corefile")]
        done = subprocess.run(words, env=remedy.variables, cwd=folder, capture_output=True)
        return done.returncode, done.stderr

    code, said = run(">/dev/full")
    assert code == 2
    assert b"standard output cannot be written: No space left on device" in said
    code, said = run(">&-")
    assert code == 1
    assert b"1 finding in 1 target" in said
    assert run("2>&-") == (1, b"")
