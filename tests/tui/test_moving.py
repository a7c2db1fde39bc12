"""Another release is to come (`--to`): what it would not start with is found, changed, judged for both, and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.cluster.embedded import INCIDENT
from tests.command import REPOSITORY
from tests.tui.sitting import sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
OLD = (REPOSITORY / "fixtures" / "corefiles" / "kubeadm-1.3.1.Corefile").read_text()
MOVED = OLD.replace("       upstream\n", "").replace("proxy .", "forward .")
SAME = ".:53 {\n    errors\n    forward . 192.0.2.1\n    cache 30\n}\n"


def test_a_file_is_moved_to_another_release_from_the_findings_to_the_applied_text(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(OLD)
    given = Given(targets=(str(tmp_path / "Corefile"),), to="1.15.0", coredns_version="1.3.1", validate="model")

    async def story() -> None:
        async with sitting(given, size=(100, 40)) as here:
            for words in ("findings: 2 errors, 7 notes", "! MIG002", "! MIG003", "Corefile  CoreDNS 1.3.1 to 1.15.0"):
                assert words in here.text, words
            await here.press("enter")
            assert "diff, from CoreDNS 1.3.1 to 1.15.0" in here.text
            await here.press("a")
            assert "answers, from CoreDNS 1.3.1 to 1.15.0" in here.text
            assert "model ✓ passed" in here.text
            await here.press("p")
            assert "write it?" in here.text
            assert (tmp_path / "Corefile").read_text() == OLD
            await here.press("y")
            await here.until(lambda: "how it ended" in here.text)
            assert "✓" in here.text
            await here.press("escape")
            assert "MIG00" not in here.text
            assert here.app.session is not None
            assert here.app.session.command("diff").endswith("--to 1.15.0 --coredns-version 1.3.1")

    sit(story)
    assert (tmp_path / "Corefile").read_text() == MOVED


def test_a_move_that_changes_no_text_is_judged_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(SAME)
    given = Given(targets=(str(tmp_path / "Corefile"),), to="1.15.0", coredns_version="1.14.2", coredns=str(tmp_path / "absent"))

    async def story() -> None:
        async with sitting(given, size=(100, 40)) as here:
            await here.press("a")
            assert "answers, from CoreDNS 1.14.2 to 1.15.0" in here.text
            assert "model ✓ passed" in here.text
            await here.press("s")
            assert "sandbox ✗ not possible" in here.text
            await here.press("p")
            assert "not possible: there is nothing to change" in here.text

    sit(story)


def test_for_which_release_a_corefile_is_taken_is_said(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(INCIDENT)

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),), to="1.15.0"), size=(100, 40)) as here:
            await here.press("end")
            assert "? taken on trust" in here.text
            assert "which release reads it now is not known; name it: --coredns-version V" in here.words
            assert "not looked at" not in here.text

    sit(story)
