"""What every client gets: by the model at once, by the others on a key; whoever cannot be asked says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.cluster.embedded import INCIDENT
from tests.tui.sitting import sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
DEMO = Given(demo=True, settle=0.1)
HEALED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")


def test_the_model_answers_at_once_with_the_words_that_stand_in_a_log() -> None:
    async def story() -> None:
        async with sitting(DEMO, size=(120, 60)) as here:
            await here.press("a")
            for words in ("model ✓ passed", "canary: not asked [c]", "NXDOMAIN", "NODATA", "✗ EAI_NONAME", "✓ resolves"):
                assert words in here.text
            assert 'prints "Name does not resolve"' in here.text
            assert 'prints "NAME could not be resolved (3: Host not found)"' in here.text

    sit(story)


def test_a_canary_on_a_key_takes_the_verdict_over() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("a")
            await here.press("c")
            assert "canary ✓ passed" in here.text
            assert "✓ passed by canary" in here.text
            await here.press("m")
            assert "✓ passed by model" in here.text

    sit(story)


def test_whoever_cannot_be_asked_says_why_and_takes_nothing_away(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(INCIDENT)

    async def story() -> None:
        given = Given(targets=(str(tmp_path / "Corefile"),), coredns=str(tmp_path / "absent"))
        async with sitting(given) as here:
            await here.press("a")
            await here.press("s")
            assert "sandbox ✗ not possible" in here.text
            assert "no sandbox:" in here.text
            assert "✓ passed by model" in here.text
            await here.press("c")
            assert "not possible: a canary is a pod beside the live ones, and these are files" in here.text

    sit(story)


def test_names_that_are_answered_as_before_are_counted_and_shown_on_a_key(tmp_path: Path) -> None:
    text = INCIDENT.replace("template ANY AAAA {", "template ANY AAAA example.com {")
    (tmp_path / "Corefile").write_text(text)

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),), unsafe=True), size=(100, 60)) as here:
            await here.press("a")
            before = here.text
            assert "answered as before" in before
            await here.press("a")
            assert "answered as before" not in here.text

    sit(story)


def test_with_nothing_to_change_it_says_what_clients_get_today(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(HEALED)

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),))) as here:
            await here.press("a")
            assert "answers today: there is nothing to change" in here.text
            assert "✓ resolves" in here.text

    sit(story)


def test_a_verdict_belongs_to_one_plan_and_is_gone_with_it() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("a")
            await here.press("c")
            await here.press("escape", "enter")
            await here.press("s")
            await here.press("a")
            assert "canary: not asked [c]" in here.text

    sit(story)
