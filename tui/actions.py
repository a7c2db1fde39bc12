"""Everything that can be done, once: its key, its words, where, how the command line does the same, and why it is not possible now.

Bindings, the footer, the list of keys and the palette are all read from here. What a key does is the method `do_NAME` of a screen, or of
the application.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.session import Session


def _always(_session: Session) -> str:
    return ""


def _findings(session: Session) -> str:
    return "" if session.rows else "there is no finding"


class Action(NamedTuple):
    """`keys` as the terminal library names them, the first is shown; without `screens` it is everywhere. `command` is what a person would
    type after `remedy`; "" where only the picture changes. The first five of a screen stand in its footer.
    """

    name: str
    keys: str
    label: str
    help: str
    screens: tuple[str, ...] = ()
    command: str = ""
    possible: Callable[[Session], str] = _always


ACTIONS: tuple[Action, ...] = (
    Action("take", "space", "take/leave", "take this finding's fix, or leave it alone", ("findings",), "diff", _findings),
    Action("again", "r", "look again", "read everything again and look at it", ("findings", "trouble"), "scan"),
    Action("copy_command", "Y", "copy command", "the command line that does the same, into the clipboard", (), "scan"),
    Action("back", "escape", "back", "the screen before; nothing is lost"),
    Action("theme", "t", "theme", "dark, light, the terminal's own colours"),
    Action("palette", "ctrl+p,colon", "commands", "find an action by its name"),
    Action("leave", "q", "leave", "end, with a summary of what was done"),
)
_SHOWN = {"slash": "/", "question_mark": "?", "colon": ":", "escape": "esc", "space": "space"}


def named(name: str) -> Action:
    return next(action for action in ACTIONS if action.name == name)


def of(screen: str) -> tuple[Action, ...]:
    """Those of a screen, its own first."""
    own = tuple(action for action in ACTIONS if screen in action.screens)
    return (*own, *(action for action in ACTIONS if not action.screens))


def key(action: Action) -> str:
    """The key as it is written on a keyboard."""
    first = action.keys.split(",")[0]
    return _SHOWN.get(first, first)
