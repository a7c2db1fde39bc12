"""Drive the application as a person does: keys in, words on the screen out; nothing behind the screens is replaced."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tui.app import RemedyApp
from tui.given import Given

ENVIRONMENT = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}
_STEPS = 600


class Sitting:
    """An application that runs, with a screen of this size."""

    def __init__(self, app: RemedyApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press them, and wait until what they began is done."""
        await self.pilot.press(*keys)
        await self.idle()

    async def type(self, words: str) -> None:
        await self.press(*("space" if each == " " else each for each in words))

    async def idle(self) -> None:
        await self.until(lambda: self.app.busy is None)
        await self.pilot.pause()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until this is so, at most half a minute."""
        for _ in range(_STEPS):
            await self.pilot.pause()
            if holds():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"it never came to that; the screen shows:\n{self.text}")

    @property
    def text(self) -> str:
        """What the screen shows, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def words(self) -> str:
        """What the screen says, whatever the lines and frames it says it in."""
        return " ".join(re.sub(r"[\u2500-\u257f]", " ", self.text).split())


@asynccontextmanager
async def sitting(
    given: Given,
    *,
    size: tuple[int, int] = (80, 24),
    environment: Mapping[str, str] = ENVIRONMENT,
    wait: bool = True,
    pause: float = 0.0,
) -> AsyncIterator[Sitting]:
    app = RemedyApp(given, environment=environment, pause=pause)
    async with app.run_test(size=size) as pilot:
        here = Sitting(app, pilot)
        if wait:
            await here.until(lambda: app.session is not None or len(app.screen_stack) > 2)
            await here.idle()
        try:
            yield here
        finally:
            if app.session:
                app.session.close()


def sit(story: Callable[[], Awaitable[Any]]) -> None:
    """Run a test's story."""
    asyncio.run(story())  # type: ignore[arg-type]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"
