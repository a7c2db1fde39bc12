"""What every screen shows, cell by cell, in every theme: a lost sign, or a colour that says something alone, is a failing test.

After a deliberate change of a screen: `REMEDY_GOLDEN=write python -m pytest tests/tui/test_golden.py`; then read the files' diff.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.golden import Captured, captured, is_golden
from tests.tui.sitting import ENVIRONMENT, Sitting, sit, sitting
from tests.tui.states import STATES, steady

SMALL, LARGE = (80, 24), (120, 40)


SIGNED = {"#56d364": r"[+!✓]|\bsafe\b", "#ff7b72": r"[-!✗]"}
"""What good and bad look like in the dark, and what has to stand in the same line."""


def unsigned(found: Captured) -> list[str]:
    """The lines in which such a colour stands alone; a sentence may go on below the line that has its sign."""
    wrong = []
    for colour, sign in SIGNED.items():
        letters = {each.partition(" = ")[0] for each in found.legend if colour in each.partition(" = ")[2].partition("on ")[0]}
        before = False
        for text, look in zip(found.text, found.looks, strict=True):
            painted = bool(letters & set(look))
            before = painted and (before or bool(re.search(sign, text)))
            wrong += [text] if painted and not before else []
    return wrong


async def quiet(here: Sitting) -> None:
    """Without what was said last, which depends on the moment."""
    here.app.said = ""
    here.app.update()
    await here.idle()


def seen(name: str) -> dict[str, Captured]:
    """The state by size and theme: `80x24.dark`."""
    given, go = STATES[name]
    found: dict[str, Captured] = {}

    async def story() -> None:
        async with sitting(given, size=SMALL) as here:
            await go(here)
            for size in (SMALL, LARGE):
                await here.pilot.resize_terminal(*size)
                for palette in ("light", "ansi", "dark"):
                    here.app._paint_by(palette)
                    await quiet(here)
                    found[f"{size[0]}x{size[1]}.{palette}"] = captured(here.app)
            if here.app.under_way is not None:
                here.app.under_way.stop.set()
                here.app.under_way.wait()

    sit(story)
    return found


def without_colours(name: str) -> dict[str, Captured]:
    """The state as NO_COLOR asks for it, by size."""
    given, go = STATES[name]
    found: dict[str, Captured] = {}

    async def story() -> None:
        async with sitting(given, size=SMALL, environment=ENVIRONMENT | {"NO_COLOR": "1"}) as here:
            await go(here)
            for size in (SMALL, LARGE):
                await here.pilot.resize_terminal(*size)
                await quiet(here)
                found[f"{size[0]}x{size[1]}"] = captured(here.app)
            if here.app.under_way is not None:
                here.app.under_way.stop.set()
                here.app.under_way.wait()

    sit(story)
    return found


@pytest.mark.parametrize("name", STATES)
def test_a_screen_has_its_words_in_every_theme_and_looks_as_it_did(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steady(monkeypatch, tmp_path)
    shown = seen(name)
    for size in (SMALL, LARGE):
        at = f"{size[0]}x{size[1]}"
        is_golden(f"{name}.{at}", shown[f"{at}.dark"].shown())
        for palette in ("light", "ansi", "dark"):
            each = shown[f"{at}.{palette}"]
            assert each.shown() == shown[f"{at}.dark"].shown(), palette
            is_golden(f"{name}.{at}.{palette}", each.styled())
            assert {len(line) for line in each.text} == {size[0]}
            assert "? keys" in each.text[-1]
        assert unsigned(shown[f"{at}.dark"]) == []
        assert not [words for words in shown[f"{at}.ansi"].legend if "#" in words], "a terminal of 16 colours has its own"


@pytest.mark.parametrize("name", STATES)
def test_without_colours_the_same_words_are_there_and_nothing_has_a_colour(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady(monkeypatch, tmp_path)
    for size, found in without_colours(name).items():
        is_golden(f"{name}.{size}", found.shown())
        is_golden(f"{name}.{size}.none", found.styled())
        used = {word for line in found.legend for word in line.partition(" = ")[2].split()}
        assert used <= {"plain", "bold", "dim", "italic", "underline", "reverse"}
