"""The tables of docs/terminal.md, as the registry of actions says them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.command import REPOSITORY
from tui import actions
from tui.actions import Action

PATH = REPOSITORY / "docs" / "terminal.md"
SCREENS = ("findings", "change", "answers", "confirm", "apply", "done", "history", "pick", "trouble", "keys")
_BETWEEN = re.compile(r"(<!-- keys -->\n).*?(<!-- end of the keys -->\n)", re.DOTALL)


def renewed(page: str) -> str:
    """The page with its tables as they have to be."""
    return _BETWEEN.sub(lambda found: f"{found[1]}{rendered()}{found[2]}", page)


def rendered() -> str:
    """A table for each screen, and one of what is everywhere."""
    return "".join(_tables())


def _tables() -> Iterator[str]:
    for screen in SCREENS:
        own = [action for action in actions.ACTIONS if screen in action.screens]
        if own:
            yield f"\n### {screen}\n\n{_table(own)}"
    yield f"\n### everywhere\n\n{_table([action for action in actions.ACTIONS if not action.screens])}\n"


def _table(rows: list[Action]) -> str:
    return "| key | does | on the command line |\n|---|---|---|\n" + "".join(_row(action) for action in rows)


def _row(action: Action) -> str:
    written = ", ".join(f"`{actions.written(each)}`" for each in action.keys.split(","))
    command = f"`remedy {action.command}`" if action.command else ""
    return f"| {written} | {action.help} | {command} |\n"
