"""What went wrong and what to do next, in place of a crash: no cluster, no right, a text that CoreDNS refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from remedy.errors import ParseError, RemedyError
from remedy.mask import visible
from tui import paint
from tui.paint import Line
from tui.screens.page import Page, bindings


class TroubleScreen(Page):
    NAME = "trouble"
    FOOTER = ("again", "copy_command")
    BINDINGS: ClassVar[list[BindingType]] = bindings("trouble")

    def __init__(self, error: RemedyError) -> None:
        super().__init__()
        self.error = error

    def body(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(id="trouble"), id="troubled")

    def update(self) -> None:
        columns = max(self.app.size.width - 4, 10)
        self.query_one("#trouble", Static).update(self.remedy.text(trouble(self.error, columns)))


def trouble(error: RemedyError, columns: int) -> list[Line]:
    """The message, the place, and what to do next."""
    place = f"{error.path or 'Corefile'}:{error.line}:{error.column}: " if isinstance(error, ParseError) else ""
    lines = paint.wrapped(visible(f"! {place}{error}"), columns, "error", "  ")
    if isinstance(error, ParseError) and error.excerpt:
        lines += [(), *((("    " + visible(each), ""),) for each in error.excerpt.split("\n"))]
    if error.hint:
        lines += [(), (("what to do next", "title"),), *paint.wrapped(visible(error.hint), columns)]
    return [*lines, (), (("nothing was written", "dim"),)]
