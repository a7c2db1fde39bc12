"""What is awaited holds nobody up, and no screen says anything of what it has not asked; a command that is copied is that of the screen."""

from __future__ import annotations

import shlex
import threading

import pytest

from remedy.cli import parser
from tests.tui.sitting import Sitting, sit, sitting
from tui.given import Given
from tui.screens.answers import AnswersScreen
from tui.screens.change import ChangeScreen
from tui.screens.findings import FindingsScreen

pytestmark = pytest.mark.usefixtures("state")
DEMO = Given(demo=True, settle=0.0, validate="model")


def copied(here: Sitting) -> str:
    return here.app.clipboard


@pytest.mark.parametrize("key", ["p", "h"])
def test_while_something_is_awaited_no_screen_opens_that_would_wait_for_ever(key: str) -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("enter", "a")
            if key == "h":
                await here.press("escape")
            where, awaited = here.app.screen, threading.Event()
            here.app.work("asking the canary", lambda: awaited.wait(30), lambda _: None)
            await here.pilot.press(key)
            await here.pilot.pause()
            assert here.app.screen is where
            await here.until(lambda: "asking the canary" in here.text or "not possible" in here.text)
            awaited.set()
            await here.idle()
            await here.press(key)
            assert here.app.screen is not where

    sit(story)


@pytest.mark.parametrize("key", ["escape", "n", "enter"])
def test_no_is_the_answer_to_a_question_that_is_still_looked_into(key: str) -> None:
    async def story() -> None:
        async with sitting(DEMO._replace(validate="canary")) as here:
            await here.press("enter")
            await here.pilot.press("p")
            await here.until(lambda: "still looking" in here.text)
            await here.press(key)
            assert isinstance(here.app.screen, ChangeScreen)
            assert "nothing was written" in here.words

    sit(story)


def test_answers_that_are_asked_can_be_left_and_looked_at_again() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("a")
            awaited = threading.Event()
            here.app.work("asking the canary", lambda: awaited.wait(30), lambda _: None)
            here.app.pop_screen()
            await here.until(lambda: isinstance(here.app.screen, FindingsScreen))
            await here.pilot.press("a")
            await here.until(lambda: isinstance(here.app.screen, AnswersScreen) and "passed by model" in here.text)
            awaited.set()

    sit(story)


def test_the_command_that_is_copied_is_that_of_the_screen_and_of_the_way_back_where_that_is_asked() -> None:
    async def story() -> None:
        async with sitting(DEMO, size=(120, 60)) as here:
            seen = []
            for keys, words in (((), "findings"), (("enter",), "lines"), (("a",), "passed by model"), (("p",), "write it?  y")):
                await here.press(*keys)
                await here.until(lambda words=words: words in here.text)  # type: ignore[misc]
                await here.press("Y")
                seen.append(shlex.split(copied(here))[1])
            assert seen == ["scan", "diff", "validate", "apply"]
            await here.press("y")
            await here.until(lambda: "how it ended" in here.text)
            assert here.app.session is not None
            (record,) = here.app.session.written
            back = f"remedy rollback {record.id} "
            await here.press("Y")
            assert copied(here).startswith(back)
            await here.press("h", "question_mark")
            assert back in here.text
            await here.press("escape", "r")
            await here.until(lambda: "put it back?  y" in here.text)
            await here.press("Y")
            assert copied(here).startswith(back)
            await here.press("question_mark")
            assert f"{back}--yes" in here.text
            assert "remedy apply --yes" not in here.text
            assert parser(["rollback"]).parse_args(shlex.split(copied(here))[1:]).verb == "rollback"

    sit(story)
