"""Hands that are tired press anything, at any speed: nothing breaks, nothing is written that was not asked for, and q still leaves."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from remedy.cluster.embedded import INCIDENT
from tests.tui.sitting import Sitting, sit, sitting
from tui import actions
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
KEYS = sorted(
    {key for action in actions.ACTIONS for key in action.keys.split(",")} - {"q"}
    | {"tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "backspace", "j", "k", "z", "1"}
)
MANY = "".join(
    f"zone{number}.example:53 {{\n    template IN AAAA zone{number}.example {{\n        rcode NXDOMAIN\n    }}\n    erratic\n}}\n"
    for number in range(3)
)


async def mashed(here: Sitting, keys: list[str], *, seed: int) -> None:
    """Press them, now and then without waiting for what the one before began, and in windows of any size."""
    rest = random.Random(seed)
    for key in keys:
        if rest.random() < 0.03:
            await here.pilot.resize_terminal(rest.choice((20, 40, 80, 200)), rest.choice((8, 15, 24, 60)))
        await here.pilot._wait_for_screen(timeout=10)
        here.app.simulate_key(key)
        await asyncio.sleep(0)
        if rest.random() < 0.3:
            await here.pilot.pause()
        assert here.app.fault is None
        if not here.app.is_running:  # one of the actions is to leave
            return
    await here.pilot.resize_terminal(80, 24)
    await here.until(lambda: here.app.busy is None and not here.app.writing)


@pytest.mark.parametrize("seed", range(4))
def test_any_keys_but_yes_write_nothing_and_break_nothing(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    corefile = tmp_path / "Corefile"
    corefile.write_text(MANY + INCIDENT)
    keys = random.Random(seed).choices([key for key in KEYS if key != "y"], k=150)

    async def story() -> None:
        async with sitting(Given(targets=("Corefile",), validate="model", coredns="/absent")) as here:
            await mashed(here, keys, seed=seed)
            assert here.app.session is not None
            assert here.app.session.written == ()

    sit(story)
    assert corefile.read_text() == MANY + INCIDENT


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_every_write_that_any_keys_bring_about_has_its_record_and_its_way_back(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = random.Random(seed).choices([*KEYS, *("p", "y", "escape", "enter", "h", "r") * 4], k=200)

    async def story() -> None:
        async with sitting(Given(demo=True, settle=0.0, validate="model", coredns="/absent")) as here:
            before = INCIDENT
            await mashed(here, keys, seed=seed)
            session = here.app.session
            assert session is not None
            for record in session.written:
                (change,) = record.changes
                assert change.before == before
                before = change.after
            live = session.site.door().configmap("kube-system", "coredns").data["Corefile"]
            assert live == before

    sit(story)


def test_a_page_up_in_the_list_of_actions_that_is_not_laid_out_yet_does_nothing() -> None:
    async def story() -> None:
        async with sitting(Given(demo=True)) as here:
            for key in ("ctrl+p", "pageup", "pagedown"):
                here.app.simulate_key(key)
            await here.until(lambda: "what every client gets" in here.text)
            assert here.app.fault is None

    sit(story)


def test_a_command_that_was_chosen_for_a_screen_which_is_gone_does_nothing_on_another() -> None:
    async def story() -> None:
        async with sitting(Given(demo=True)) as here:
            await here.press("a")
            commands = list(here.app.get_system_commands(here.app.screen))
            await here.press("escape")
            for each in commands:
                each.callback()
                await here.idle()
            assert "not possible: another screen is shown by now" in here.text

    sit(story)
