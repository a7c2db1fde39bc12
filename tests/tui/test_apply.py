"""From the question to the end: a change is written on one deliberate key after a question, and every way out is proven."""

from __future__ import annotations

import pytest

from tests.tui.sitting import sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
DEMO = Given(demo=True, settle=0.3)


def test_the_incident_is_healed_and_brought_back_by_keys_alone() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("a")
            print(here.text)
            await here.press("c")
            print(here.text)
            await here.press("p")
            print(here.text)
            await here.press("y")
            await here.until(lambda: "done and verified" in here.text)
            print(here.text)
            await here.press("escape")
            print(here.text)
            await here.press("h")
            print(here.text)
            await here.press("r")
            print(here.text)
            await here.press("y")
            await here.until(lambda: "put back and verified" in here.text)
            print(here.text)
            await here.press("escape")
            print(here.text)

    sit(story)
