"""docs/terminal.md says what the registry of actions says, of every screen there is."""

from __future__ import annotations

from tests.tui.keys import PATH, SCREENS, renewed
from tui.actions import ACTIONS


def test_the_keys_in_the_documentation_are_those_of_the_registry() -> None:
    page = PATH.read_text("utf-8")
    assert page == renewed(page), "make keys"


def test_every_screen_of_the_registry_is_on_the_page() -> None:
    assert {screen for action in ACTIONS for screen in action.screens} <= set(SCREENS)
