"""docs/writing-a-rule.md is true to the letter: its files are written down, built, installed and run."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.command import REPOSITORY, Command

TEXT = (REPOSITORY / "docs" / "writing-a-rule.md").read_text("utf-8")
FILES = dict(re.findall(r"^`([\w.]+)`:\n\n```\w*\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
SESSION = re.findall(r"^\$ remedy (.*)\n((?:(?!\$ |```).*\n)*)", TEXT, re.MULTILINE)


class Stranger(NamedTuple):
    """A folder with the package's files, and the command in an environment in which it is installed."""

    folder: Path
    installed: Path
    remedy: Command


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    folder, installed = tmp_path_factory.mktemp("acme"), tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    work = tmp_path_factory.mktemp("work")
    (work / "Corefile").write_text(FILES["Corefile"])
    remedy = Command(tmp_path_factory.mktemp("state"), work, {"PYTHONPATH": f"{REPOSITORY}:{installed}"})
    return Stranger(folder, installed, remedy)


def test_the_page_holds_a_rule_of_at_most_forty_lines() -> None:
    assert set(FILES) == {"acme_rules.py", "test_acme_rules.py", "pyproject.toml", "Corefile"}
    assert len(FILES["acme_rules.py"].splitlines()) <= 40


def test_its_own_tests_pass(stranger: Stranger) -> None:
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(stranger.folder), "test_acme_rules.py"]
    variables = stranger.remedy.variables
    done = subprocess.run(run, cwd=stranger.folder, env=variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


@pytest.mark.parametrize(("words", "shown"), SESSION, ids=[words for words, _ in SESSION])
def test_the_command_prints_what_the_page_shows(stranger: Stranger, words: str, shown: str) -> None:
    done = stranger.remedy(*words.split())
    assert (done.code, done.out) == (1, shown), done.err


def test_the_rule_takes_part_in_everything(stranger: Stranger) -> None:
    remedy = stranger.remedy
    assert remedy("explain", "ACME001").out.startswith("ACME001 cache-too-long (warning)\n")
    assert "    -cache 3600\n    +cache 30\n" in remedy("explain", "cache-too-long").out
    assert "ACME001  warning  cache-too-long\n" in remedy("explain").out
    assert remedy("scan", "Corefile", "--ignore", "ACME001").code == 0
    assert remedy("scan", "Corefile", "--select", "AAAA").code == 0
    assert remedy("diff", "Corefile", "--fix", "ACME001=shorter").code == 1
    (remedy.folder / "applied").write_text(FILES["Corefile"])
    assert remedy("apply", "applied", "--yes").code == 0
    assert (remedy.folder / "applied").read_text() == FILES["Corefile"].replace("3600", "30")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"warning"', '"fatal"', "fatal is no severity"),
        ('"ACME001"', '"acme-1"', "acme-1 is no code"),
        ('"ACME001"', '"AAAA001"', "AAAA001 aaaa-nxdomain is there already"),
        ("cache-too-long", "cache-too-short", "the entry point has to have that name"),
        ("MOST = 30", "MOST = 1 / 0", "cannot be loaded: ZeroDivisionError"),
        ('"""ACME001', 'x = """ACME001', "no docstring"),
        ("RULE =", "OTHER =", "cannot be loaded: AttributeError"),
        ("RULE = Rule(", "RULE = (", "is no remedy.rules.Rule"),
        ("        seconds =", "        1 / 0\n        seconds =", "failed: ZeroDivisionError"),
    ],
)
def test_a_broken_rule_is_named_and_stops_the_run_and_can_be_left_out(stranger: Stranger, old: str, new: str, said: str) -> None:
    text = FILES["acme_rules.py"]
    assert old in text
    broken = stranger.installed / "acme_rules.py"
    broken.write_text(text.replace(old, new))
    try:
        done = stranger.remedy("scan", "Corefile")
        assert (done.code, done.out) == (2, ""), done.err
        assert "Traceback" not in done.err
        assert said in done.err
        assert done.err.startswith("remedy: the rule cache-too-long of acme-rules (acme_rules:RULE) ")
        assert "--ignore cache-too-long" in done.err
        assert stranger.remedy("scan", "Corefile", "--ignore", "cache-too-long").code == 0
    finally:
        broken.write_text(text)


def test_what_nothing_brings_costs_no_look_at_the_metadata(stranger: Stranger) -> None:
    code = "import sys; from remedy.registry import rules; rules(); print('importlib.metadata' in sys.modules)"
    for path, loaded in ((str(REPOSITORY), "False"), (f"{REPOSITORY}:{stranger.installed}", "True")):
        done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == loaded, done.stderr
