"""All keys of the screen that it was called from, and of its focused pane: to be searched by words and by key.

Every key is shown with the command line that does the same, or with the reason why it is not possible now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui import actions, paint
from tui.paint import Line, line
from tui.screens.page import Page, bindings
from tui.widgets.pane import Listing, Pane

if TYPE_CHECKING:
    from tui.session import Session


class Key(NamedTuple):
    """A key, its words, the command line that does the same, and why it is not possible now."""

    keys: str
    label: str
    help: str
    command: str = ""
    why_not: str = ""


class KeysScreen(Page):
    NAME = "keys"
    BINDINGS: ClassVar[list[BindingType]] = bindings("keys")

    def __init__(self, screen: Page, pane: Pane | None) -> None:
        super().__init__()
        self._screen = screen
        self._pane = pane
        self._keys: Sequence[Key] = ()

    def body(self) -> Iterable[Widget]:
        yield Listing(id="listed", height=2)

    def update(self) -> None:
        every = [*keys(self._screen, self.session), *moves(self._pane)]
        self._keys = [each for each in every if held(each, self.words)]
        listing = self.query_one("#listed", Listing)
        listing.entitle(f"keys of: {self._screen.NAME}" if not self.words else f"{len(self._keys)} of {len(every)} keys")
        listing.list(len(self._keys), lambda item, part, _: paint.highlighted(key_line(self._keys[item], part), self.words))


def keys(screen: Page, session: Session | None) -> list[Key]:
    """Those of the registry."""
    found = []
    for action in actions.of(screen.NAME):
        why_not = action.possible(session) if session else ""
        equal = screen.command if action.name == "copy_command" else screen.equal(action)
        command = session.command(equal) if session and equal else ""
        written = " ".join(actions.written(each) for each in action.keys.split(","))
        found.append(Key(written, action.label, action.help, command, why_not))
    return found


def moves(pane: Pane | None) -> list[Key]:
    """Those by which one moves in a pane, and between panes."""
    found = [Key("tab", "next pane", "the pane beside or below")]
    for binding in pane.BINDINGS if pane is not None else ():
        if isinstance(binding, Binding):
            found.append(Key(" ".join(actions.written(each) for each in binding.key.split(",")), binding.description, "in this pane"))
    return found


def held(key: Key, words: str) -> bool:
    """Is this what is searched for: its key, or words in it? One character alone is a key."""
    wanted = words.strip()
    if len(wanted) == 1:
        return wanted in key.keys.split(" ")
    return wanted in key.keys.split(" ") or wanted.lower() in f"{key.label} {key.help} {key.command}".lower()


def key_line(key: Key, part: int) -> Line:
    """The key and what it does; below, the command line, or why it is not possible now."""
    if part == 0:
        return line((f"{key.keys:<12} ", "key"), (f"{key.label:<14} ", "title"), key.help)
    if key.why_not:
        return line(" " * 13, (f"not possible now: {key.why_not}", "warning"))
    return line(" " * 13, (key.command, "dim"))
