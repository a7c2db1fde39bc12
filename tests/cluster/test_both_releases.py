"""A live Corefile between two releases: what runs reads the text until its image changes, and has to load it too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from remedy.answers.plugins import NEWEST
from tests.command import Command

QUICK = ("--demo", "--yes", "--settle", "0")
OLD = ("--coredns-version", "1.4.0")  # it loads no template without a record; the documented text has none


@pytest.fixture
def remedy(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", tmp_path)


def live(remedy: Command) -> str:
    """The text of the embedded cluster, by a plan for it."""
    text: str = json.loads(remedy("diff", "--demo", "--format", "json").out)["changes"][0]["before"]["text"]
    return text


def test_a_text_that_what_runs_does_not_load_is_not_written(remedy: Command) -> None:
    before = live(remedy)
    done = remedy("apply", *QUICK, *OLD, "--to", "1.15.0", "--validate", "model")
    assert done.code == 4, done.err
    assert (
        "until the image changes, CoreDNS 1.4.0 reads it:\nvalidation (model, assuming an upstream with just these names): failed"
        in done.err
    )
    assert "before 1.5.1 a template that answers NODATA needs a record" in " ".join(done.err.split())
    assert "bring text and image at once, or the image first (docs/migration.md)" in done.err
    assert live(remedy) == before


def test_a_text_that_both_load_is_written_with_the_word_of_both_in_the_record(remedy: Command) -> None:
    done = remedy("apply", *QUICK, "--to", "1.10.1", "--format", "json")
    assert done.code == 0, done.err
    said = json.loads(done.out)["validation"]["transcript"]
    assert any(sentence.startswith(f"no canary: a canary is a copy of what runs, CoreDNS {NEWEST}") for sentence in said)
    assert f"until the image changes, CoreDNS {NEWEST} reads it (canary): passed" in said


def test_a_saved_plan_sees_that_its_release_runs_by_now(remedy: Command, tmp_path: Path) -> None:
    assert remedy("diff", "--demo", *OLD, "--to", NEWEST, "--out", "plan.json").code == 1
    done = remedy("apply", "plan.json", *QUICK)
    assert done.code == 0, done.err
    assert f"CoreDNS {NEWEST} runs by now\n" in done.err
    assert "until the image changes" not in done.err


def test_a_canary_tells_nothing_of_a_release_that_does_not_run(remedy: Command) -> None:
    done = remedy("apply", *QUICK, "--to", "1.10.1", "--validate", "canary")
    assert done.code == 4
    assert f"a canary is a copy of what runs, CoreDNS {NEWEST}, and 1.10.1 is to read the text" in done.err


def test_doctor_tells_the_nearest_release_the_default_and_what_changes_on_the_way(remedy: Command) -> None:
    done = remedy("doctor", "--demo", "--coredns-version", "1.8.0", "--to", "1.15.0")
    assert done.code == 0, done.out
    said = " ".join(done.out.split())
    assert "default: not as shipped what differs from the nearest default: remedy scan --verbose" in said
    assert "to 1.15.0: from CoreDNS 1.8.0 on," in said
    assert "1.9.3 behaviour template match: A name that no expression matches is answered SERVFAIL" in said
    assert "see it: remedy diff --to 1.15.0" in said
    assert "to 1.15.0" not in remedy("doctor", "--demo").out
    assert remedy("doctor", "--demo", "--to", "3.1").code == 2
