"""The list of actions by their names: the library's own, with words in ASCII, and unharmed by keys that come before it is laid out."""

from __future__ import annotations

import contextlib

from textual.command import CommandPalette


class Commands(CommandPalette):
    def __init__(self) -> None:
        super().__init__(placeholder="an action, by its name", id="--command-palette")

    def _action_command_list(self, action: str) -> None:
        """A page up or down fails in the library while no line of the list is known yet."""
        with contextlib.suppress(KeyError):
            super()._action_command_list(action)
