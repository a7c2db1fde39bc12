"""What is printed, byte for byte: one golden file a verb and format, and the promises that hold for every text.

After a deliberate change of the output: `REMEDY_GOLDEN=write python -m pytest tests/report/test_text.py` writes the golden files anew; then
read their diff as an operator would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from remedy.answers.model import Reply
from remedy.cli import _VERBS
from remedy.clients import CLIENTS
from remedy.plan import Answer, Observed
from remedy.report import text
from tests.command import REPOSITORY, Command

GOLDEN = REPOSITORY / "tests" / "golden"
INPUTS = {"corefile": "Corefile", "manifest": "coredns.yaml"}
CODES = {"scan": 1, "diff": 1, "validate": 0}
SUFFIX = {"text": "txt", "json": "json"}
PRINTED = [(verb, format_) for verb in CODES for format_ in SUFFIX] + [("diff", "markdown"), ("validate", "markdown")]
OTHERS = [{}, {"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "COLUMNS": "20"}, {"TZ": "Asia/Tokyo", "NO_COLOR": "1"}]


def command(folder: str, tmp_path: Path, environment: dict[str, str] | None = None) -> Command:
    """The command in the folder of an input, so that the path in the output is only its name."""
    return Command(tmp_path / "state", GOLDEN / folder, environment or {})


@pytest.mark.parametrize(("verb", "format_"), PRINTED)
@pytest.mark.parametrize("folder", INPUTS)
def test_what_is_printed_is_the_golden_file(tmp_path: Path, folder: str, verb: str, format_: str) -> None:
    run = command(folder, tmp_path)(verb, INPUTS[folder], "--format", format_)
    assert run.code == CODES[verb], run.err
    path = GOLDEN / folder / f"{verb}.{SUFFIX.get(format_, 'md')}"
    if os.environ.get("REMEDY_GOLDEN") == "write":
        path.write_bytes(run.out.encode())
    assert run.out.encode() == path.read_bytes()


@pytest.mark.parametrize("verb", CODES)
@pytest.mark.parametrize("folder", INPUTS)
def test_the_same_input_gives_the_same_bytes_in_any_environment(tmp_path: Path, folder: str, verb: str) -> None:
    for format_ in SUFFIX:
        runs = [command(folder, tmp_path, others)(verb, INPUTS[folder], "--format", format_) for others in OTHERS]
        assert {run.out for run in runs} == {runs[0].out}
        assert {run.err for run in runs} == {runs[0].err}


def test_an_embedded_cluster_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    for verb in CODES:
        runs = [command("corefile", tmp_path / str(turn))(verb, "--demo", "--format", "json") for turn in range(2)]
        assert runs[0] == runs[1]


@pytest.mark.parametrize("verb", ["scan", "diff", "validate"])
@pytest.mark.parametrize("folder", INPUTS)
def test_what_is_rendered_is_ascii(tmp_path: Path, folder: str, verb: str) -> None:
    run = command(folder, tmp_path)(verb, INPUTS[folder], "--verbose")
    assert (run.out + run.err).isascii()


def test_a_name_that_a_terminal_would_obey_is_printed_as_dns_escapes_it(tmp_path: Path) -> None:
    template = b"template IN AAAA b\xc3\xbccher.example \x1b[31m.example \xff.example {\n        rcode NXDOMAIN\n    }"
    corefile = b". {\n    " + template + b"\n    forward . 192.0.2.53\n}\n"
    # the model does not answer for such names, so its table is made by hand
    names = ["v4.b\u00fccher.example.", "v4.\x1b[31m.example.", "v4.\ufffd.example."]
    same = observed(Reply("NOERROR"), Reply("NXDOMAIN"), "EAI_NONAME")
    shown = text.answers([Answer(name, "v4", same, same) for name in names], everything=True)
    assert shown.isascii()
    assert "\x1b" not in shown
    fffd = r"\239\191\189"  # CoreDNS reads a byte that is not UTF-8 as U+FFFD
    assert {r"v4.b\195\188cher.example.", r"v4.\027[31m.example.", rf"v4.{fffd}.example."} <= set(shown.split())
    scanned = command("corefile", tmp_path)("scan", "-", stdin=corefile)
    assert scanned.out.isascii()
    assert r"b\195\188cher.example." in scanned.out


def observed(a: Reply, aaaa: Reply, outcome: str) -> Observed:
    return Observed(a, aaaa, tuple((client, outcome) for client in CLIENTS))


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize(
    ("old", "new"), [("EAI_AGAIN", "EAI_NONAME"), ("EAI_NONAME", "EAI_NODATA"), ("not-found", "unknown"), ("ok", "ok")]
)
def test_the_table_of_answers_fits_80_columns_for_names_of_40_characters(old: str, new: str, everything: bool) -> None:
    before, after = observed(Reply("SERVFAIL"), Reply("NXDOMAIN"), old), observed(Reply("NXDOMAIN"), Reply("SERVFAIL"), new)
    table = [Answer(f"{'x' * 39}.", "v4", before, after), Answer("short.", "v4", before, before)]
    lines = text.answers(table, everything=everything).splitlines()
    assert max(map(len, lines)) <= 80
    words = "\n".join(lines).split()
    assert all(client in " ".join(words) for client in CLIENTS) or old == new


def test_names_that_fare_alike_share_their_replies_and_their_clients() -> None:
    held, nodata = Reply("NOERROR", has_records=True), Reply("NOERROR")
    before, after = observed(held, Reply("NXDOMAIN"), "EAI_NONAME"), observed(held, nodata, "ok")
    shown = text.answers([Answer(f"{name}.example.", "v4", before, after) for name in "ab"])
    assert shown.partition("  in the logs")[0] == (
        "what clients get (v4, dual, v6, absent: any name of that kind):\n"
        "  a.example.\n"
        "  b.example.\n"
        "      A answered\n"
        "      AAAA NXDOMAIN -> NODATA\n"
        "      musl<=1.2.0, musl-1.2.1-1.2.3, musl>=1.2.4, glibc, go, node, nginx:\n"
        "        fails (EAI_NONAME) -> resolves\n"
    )


def test_the_help_of_every_verb_fits_80_columns(tmp_path: Path) -> None:
    remedy = command("corefile", tmp_path, {"COLUMNS": "80"})
    for verb in ("", *_VERBS):
        shown = remedy(*verb.split(), "--help")
        assert shown.code == 0, shown.err
        assert shown.out.isascii()
        assert [line for line in shown.out.splitlines() if len(line) > 80] == []
