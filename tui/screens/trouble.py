"""What went wrong and what to do next, in place of a crash: no cluster, no right, a text that CoreDNS refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from remedy.errors import RemedyError
from tui.screens.page import Page, bindings
from tui.views.trouble import trouble


class TroubleScreen(Page):
    NAME = "trouble"
    FOOTER = ("again", "pick", "copy_command")
    BINDINGS: ClassVar[list[BindingType]] = bindings("trouble")

    def __init__(self, error: RemedyError) -> None:
        super().__init__()
        self.error = error

    def body(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(id="trouble"), id="troubled")

    def update(self) -> None:
        columns = max(self.app.size.width - 4, 10)
        self.query_one("#trouble", Static).update(self.remedy.text(trouble(self.error, columns)))
