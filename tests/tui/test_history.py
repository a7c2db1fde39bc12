"""The records, and the way back from each of them: it goes through the same question as every change."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy import journal
from remedy.cluster.embedded import INCIDENT
from tests.tui.sitting import Sitting, sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "Corefile"
    path.write_text(INCIDENT)
    return path


def given(path: Path) -> Given:
    return Given(targets=(str(path),), validate="model")


async def applied(here: Sitting) -> None:
    await here.press("enter")
    await here.press("p")
    await here.until(lambda: "write it?  y" in here.text)
    await here.press("y")
    await here.until(lambda: "done and verified" in here.text)
    await here.press("escape")


def test_without_records_it_says_so_and_a_key_says_why_it_does_nothing(path: Path) -> None:
    async def story() -> None:
        async with sitting(given(path)) as here:
            await here.press("h")
            assert "no change was recorded yet" in here.text
            await here.press("r")
            assert "not possible: there is no record" in here.text

    sit(story)


def test_a_record_shows_who_when_the_proof_the_diff_and_the_commands_of_the_way_back(path: Path) -> None:
    async def story() -> None:
        async with sitting(given(path), size=(120, 60)) as here:
            await applied(here)
            await here.press("h")
            record = journal.history()[0]
            for words in (
                record.id,
                record.who,
                "validation (model): passed",
                "-    template ANY AAAA {",
                "+    template IN AAAA .",
                "AAAA: NXDOMAIN -> NODATA",
            ):
                assert words in here.text
            assert f"undo it: remedy rollback {record.id}" in here.text
            assert "without remedy: cp " in here.text

    sit(story)


def test_an_edit_made_since_is_never_lost_by_a_rollback(path: Path) -> None:
    async def story() -> None:
        async with sitting(given(path), size=(120, 60)) as here:
            await applied(here)
            edited = path.read_text().replace("cache 30", "cache 60")
            path.write_text(edited)
            await here.press("h")
            await here.press("r")
            await here.until(lambda: "it cannot be put back" in here.text)
            assert "was edited after the change of record" in here.text
            assert "what was edited since" in here.text
            await here.press("y")
            assert "not possible" in here.text
            assert path.read_text() == edited

    sit(story)


def test_what_was_taken_back_cannot_be_taken_back_again(path: Path) -> None:
    async def story() -> None:
        async with sitting(given(path)) as here:
            await applied(here)
            await here.press("h", "r")
            await here.until(lambda: "put it back?  y" in here.text)
            await here.press("y")
            await here.until(lambda: "put back and verified" in here.text)
            assert path.read_text() == INCIDENT
            await here.press("escape")
            await here.press("h")
            assert "records: 2" in here.text
            await here.press("j")
            assert "rolled-back" in here.text
            await here.press("r")
            assert "not possible: that change was taken back already" in here.text

    sit(story)


def test_what_a_record_holds_of_secrets_is_not_shown(path: Path) -> None:
    path.write_text(INCIDENT.replace("    template ANY", "    tsig {\n        secret key. Zm9vYmFyc2VjcmV0\n    }\n    template ANY"))

    async def story() -> None:
        async with sitting(given(path), size=(120, 60)) as here:
            await applied(here)
            await here.press("h")
            assert "secret key. ****" in here.text
            assert "Zm9vYmFyc2VjcmV0" not in here.text

    sit(story)


def test_a_record_with_answers_of_another_form_is_shown_without_them(path: Path) -> None:
    async def story() -> None:
        async with sitting(given(path), size=(120, 60)) as here:
            await applied(here)
            record = journal.history()[0]
            journal._save(record._replace(validation={"verdict": "passed", "answers": [{"name": 1}]}))
            await here.press("h")
            assert "validation (?): passed" in here.text
            assert "the answers in this record cannot be read" in here.text

    sit(story)
