"""The embedded cluster is held against the real one: the same commands, the same steps, the same exit codes.

Without this the demonstration, and every fast test that runs on it, would prove nothing about a cluster.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from remedy.cluster.embedded import INCIDENT as EMBEDDED
from tests.cluster.test_main_job import edited_plan
from tests.command import Command, Done
from tests.testbed.cluster import Testbed

STEP = re.compile(r"(record|writing|written|verified|undoing|nothing|the old text|done|remedy:)\b")
VARIES = [
    (re.compile(r"\b[0-9A-Z]{26}\b"), "RECORD"),
    (re.compile(r"\bremedy-[0-9a-f]{8}\b"), "NAME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "FINGERPRINT"),
    (re.compile(r"coredns-[-0-9a-z]+"), "POD"),
    (re.compile(r" \([0-9.]+ s\)"), ""),
    (re.compile(r", and runs the predicted hash"), ""),  # shown after a reload; every command has a new embedded cluster
    (re.compile(r"of \S+Z, by \S+ \(\S+\):"), "of WHEN, by WHO:"),
    (re.compile(r" --demo"), ""),
    (re.compile(r"\((POD: [^;)]*(; )?)+\)"), "(PODS)"),
]


def steps(done: Done) -> tuple[int, list[str], set[str]]:
    """The exit code, the steps that were told in order, and what was told of the replicas, which answer in an order of their own."""
    talk = done.err
    for pattern, word in VARIES:
        talk = pattern.sub(word, talk)
    talk = re.sub(r"(POD: .+)(; \1)+", r"\1", talk)  # one of them may be seen to refuse before the other
    lines = [line.strip() for line in talk.splitlines()]
    told = [line for line in lines if STEP.match(line)]
    # A replica may be seen in the moment of its reload; only the states that every run passes through are compared.
    replicas = {line for line in lines if line.startswith("POD: ") and line.endswith(("before the write", "as predicted"))}
    return done.code, told, replicas


@pytest.fixture
def demo(tmp_path: Path) -> Command:
    return Command(tmp_path / "demo-state", tmp_path)


def both(real: Command, demo: Command, *words: str) -> Done:
    """Run on both and compare; what the real one did."""
    here, there = demo(*words, "--demo"), real(*words)
    assert steps(here) == steps(there), f"embedded:\n{here.err}\nreal:\n{there.err}"
    return there


def test_the_embedded_cluster_takes_the_same_steps_as_the_real_one(testbed: Testbed, remedy: Command, demo: Command) -> None:
    testbed.reset(EMBEDDED)
    assert both(remedy, demo, "scan").code == 1
    assert both(remedy, demo, "diff").code == 1
    assert both(remedy, demo, "validate").code == 0
    assert both(remedy, demo, "apply").code == 2
    assert both(remedy, demo, "apply", "--yes", "--settle", "0").code == 0
    assert both(remedy, demo, "scan").code == 0
    assert both(remedy, demo, "apply", "--yes", "--settle", "0").code == 0
    assert both(remedy, demo, "rollback", "--yes", "--settle", "0").code == 0
    assert both(remedy, demo, "rollback", "--yes", "--settle", "0").code == 0


def test_both_show_the_same_findings_and_the_same_diff(testbed: Testbed, remedy: Command, demo: Command) -> None:
    testbed.reset(EMBEDDED)
    assert demo("scan", "--demo").out == remedy("scan").out
    assert demo("diff", "--demo").out == remedy("diff").out
    shown = [json.loads(run.out)["answers"] for run in (demo("diff", "--demo", "--format", "json"), remedy("diff", "--format", "json"))]
    assert shown[0] == shown[1]


def test_both_put_the_old_text_back_when_the_new_does_not_load(testbed: Testbed, remedy: Command, demo: Command, tmp_path: Path) -> None:
    testbed.reset(EMBEDDED)
    results = []
    for command, flags in ((demo, ["--demo"]), (remedy, [])):
        plan = tmp_path / f"plan{len(flags)}.json"
        edited_plan(command, plan, "    ready\n", "    ready\n    frobnicate\n", *flags)
        results.append(steps(command("apply", str(plan), "--validate", "none", "--yes", "--settle", "0", "--timeout", "12", *flags)))
    assert results[0][0] == 5
    assert results[0] == results[1]
    assert testbed.corefile() == EMBEDDED


def test_both_refuse_a_plan_that_was_overtaken(testbed: Testbed, remedy: Command, demo: Command, tmp_path: Path) -> None:
    testbed.reset(EMBEDDED)
    results = []
    for command, flags in ((demo, ["--demo"]), (remedy, [])):
        command("diff", "--style", "minimal", "--out", str(tmp_path / "plan.json"), *flags)
        assert command("apply", "--yes", "--settle", "0", *flags).code == 0
        results.append(steps(command("apply", str(tmp_path / "plan.json"), "--yes", "--settle", "0", *flags)))
    assert results[0][0] == 3
    assert results[0] == results[1]
