"""Where to look: the contexts of the kubeconfig, and the Corefiles of the cluster behind the one that was chosen.

Choosing begins a new sitting there; nothing of the old one is lost but its plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from remedy.errors import RemedyError
from remedy.mask import visible
from tui.given import Given
from tui.paint import Line, line
from tui.screens.page import Page, bindings
from tui.views.trouble import trouble
from tui.widgets.pane import Listing

if TYPE_CHECKING:
    from remedy.site import Held


class Looked(NamedTuple):
    """What is in the cluster of a context, or why that is not known."""

    context: str
    held: tuple[Held, ...] = ()
    error: RemedyError | None = None


class PickScreen(Page):
    NAME = "pick"
    COMMAND = "doctor"
    FOOTER = ("choose",)
    BINDINGS: ClassVar[list[BindingType]] = bindings("pick")

    def __init__(self) -> None:
        super().__init__()
        self._contexts: Sequence[str] = ()
        self._current = ""
        self._looked: Looked | None = None

    def body(self) -> Iterable[Widget]:
        yield Horizontal(Listing(id="contexts"), Listing(id="held", height=2), id="both")
        yield Static(id="sentence")

    def on_mount(self) -> None:
        super().on_mount()
        given = self.remedy.given

        def read() -> tuple[tuple[str, ...], str]:
            from remedy.site import contexts

            return contexts(given.kubeconfig, demo=given.demo)

        self.remedy.work("reading the kubeconfig", read, self._read)

    def _read(self, found: tuple[tuple[str, ...], str]) -> None:
        self._contexts, current = found
        self._current = self.remedy.given.context or current
        self.update()
        listing = self.query_one("#contexts", Listing)
        if self._current in self._contexts:
            listing.go(self._contexts.index(self._current))
        if self._contexts:
            self._look()

    def update(self) -> None:
        contexts, held = self.query_one("#contexts", Listing), self.query_one("#held", Listing)
        contexts.entitle("contexts")
        contexts.list(len(self._contexts), lambda item, _, __: context_line(self._contexts[item], self._current))
        looked = self._looked
        held.entitle(f"Corefiles of {looked.context}" if looked else "Corefiles")
        rows = (None, *looked.held) if looked and not looked.error else ()
        held.list(len(rows), lambda item, part, _: held_line(rows[item], part))
        columns = max(self.app.size.width - 4, 10)
        words = (
            trouble(looked.error, columns)[:-2] if looked and looked.error else [line(("enter on a context looks what is there", "dim"))]
        )
        self.query_one("#sentence", Static).update(self.remedy.text(words))

    def do_choose(self) -> None:
        if self.query_one("#held", Listing).has_focus and self._looked and not self._looked.error:
            place = self.query_one("#held", Listing).cursor
            held = None if place == 0 else self._looked.held[place - 1]
            where = (held.namespace, held.configmap) if held else (None, None)
            self.remedy.begin_at(self._there(self._looked.context)._replace(namespace=where[0], configmap=where[1]))
        else:
            self._look()

    def _there(self, context: str) -> Given:
        given = self.remedy.given
        return given._replace(context=None if given.demo or context == "in-cluster" else context, namespace=None, configmap=None)

    def _look(self) -> None:
        """What is in the cluster of the context under the cursor."""
        if not self._contexts:
            return
        context = self._contexts[self.query_one("#contexts", Listing).cursor]
        there = self._there(context)

        def look() -> Looked:
            from tui.session import Session

            session = Session(there)
            try:
                return Looked(context, session.site.held())
            except RemedyError as error:
                return Looked(context, error=error)
            finally:
                session.close()

        def shown(looked: Looked) -> None:
            self._looked = looked
            if looked.error is None:
                self.query_one("#held", Listing).focus()

        self.remedy.work(f"looking at context {context}", look, shown, limit=there.request_timeout)


def context_line(context: str, current: str) -> Line:
    return line(visible(context), ("  this one" if context == current else "", "dim"))


def held_line(held: Held | None, part: int) -> Line:
    """The name; below it, how it is known."""
    if held is None:
        return line("every Corefile" if part == 0 else ("  that discovery finds", "dim"))
    if part == 0:
        return line(visible(f"{held.namespace}/{held.configmap}"))
    return line((f"  {visible(held.how)}", "dim"))
