"""A pane paints the lines that are in view, asked one by one; a listing is a pane with a cursor.

Neither holds what it shows: a text of a megabyte costs what fits on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui import paint
from tui.paint import Line

if TYPE_CHECKING:
    from textual.events import Click

Paint = Callable[[int, int], Line]
"""The line of this number, for a pane of so many columns."""
_SIDEWAYS = 8
_FRAME = 6  # columns of a border that its title cannot have


def _nothing(_number: int, _columns: int) -> Line:
    return ()


class Pane(ScrollView, can_focus=True):
    """Shows `count` lines; `widest` is the columns of the widest, where it may be scrolled sideways."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "up", show=False),
        Binding("down,j", "scroll_down", "down", show=False),
        Binding("pageup,ctrl+b", "page_up", "a page up", show=False),
        Binding("pagedown,ctrl+f", "page_down", "a page down", show=False),
        Binding("home,g", "scroll_home", "to the top", show=False),
        Binding("end,G", "scroll_end", "to the end", show=False),
        Binding("left", "scroll_left", "to the left", show=False),
        Binding("right", "scroll_right", "to the right", show=False),
    ]

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._count = 0
        self._paint: Paint = _nothing

    def entitle(self, words: str) -> None:
        """What stands in its border, as it is: a name may hold what the library would take for markup, and obey."""
        signs = getattr(self.app, "signs", paint.UNICODE)
        told = paint.told(paint.line(paint.tame(words)), signs)
        columns = self.outer_size.width
        self.border_title = Content(paint.plain(paint.fit(told, max(columns - _FRAME, 1), signs.cut) if columns else told))

    def present(self, count: int, line: Paint, widest: int = 0) -> None:
        """From now on, these lines."""
        self._count, self._paint = count, line
        self.virtual_size = Size(widest, count)
        self.refresh()

    def show(self, lines: Sequence[Line]) -> None:
        """From now on, just these lines, which may be scrolled to the end of the widest."""
        self.present(len(lines), lambda number, _: lines[number], max(map(paint.width, lines), default=0))

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        columns = self.scrollable_content_region.width
        number = top + y
        painted = self._paint(number, columns) if number < self._count else ()
        painted = paint.told(painted, getattr(self.app, "signs", paint.UNICODE))
        whole = paint.strip(painted, self._palette, left + columns, self._base(number), self.rich_style)
        return self._cut(whole, painted, left, columns).crop(left, left + columns)

    def _cut(self, whole: Strip, painted: Line, left: int, columns: int) -> Strip:
        """With a sign at the side where there is more than fits."""
        right = left + columns
        more = whole.cell_length > right and cell_len(paint.plain(painted).rstrip()) > right
        if columns < 2 or not painted or not (left or more):
            return whole
        sign = Strip([Segment(getattr(self.app, "signs", paint.UNICODE).cut, paint.style("dim", self._palette) + self.rich_style)])
        parts = [whole.crop(0, left), sign, whole.crop(left + 1, right)] if left else [whole.crop(0, right)]
        return Strip.join([Strip.join(parts).crop(0, right - 1), sign] if more else parts)

    def action_scroll_left(self) -> None:
        self.scroll_to(x=self.scroll_x - _SIDEWAYS, animate=False)

    def action_scroll_right(self) -> None:
        self.scroll_to(x=self.scroll_x + _SIDEWAYS, animate=False)

    def reveal(self, number: int, above: int = 3) -> None:
        """Scroll so that this line is in view, with a few lines above it."""
        height = max(self.scrollable_content_region.height, 1)
        top = round(self.scroll_y)
        if not top + above <= number < top + height - 1:
            self.scroll_to(y=max(number - above, 0), animate=False, force=True)

    @property
    def _palette(self) -> str:
        return str(getattr(self.app, "palette", "dark"))

    def _base(self, _number: int) -> str:
        return ""


class Listing(Pane):
    """Items of `height` lines each, one of which the cursor is on; the cursor's sign stands in the first column of what is painted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "the one above", show=False),
        Binding("down,j", "move(1)", "the one below", show=False),
        Binding("pageup,ctrl+b", "move_page(-1)", "a page up", show=False),
        Binding("pagedown,ctrl+f", "move_page(1)", "a page down", show=False),
        Binding("home,g", "move(-1000000)", "the first", show=False),
        Binding("end,G", "move(1000000)", "the last", show=False),
    ]

    class Moved(Message):
        """The cursor is on another item."""

        def __init__(self, listing: Listing) -> None:
            super().__init__()
            self.listing = listing

        @property
        def control(self) -> Listing:
            return self.listing

    def __init__(self, id: str | None = None, *, height: int = 1) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._items = 0
        self._height = height

    def list(self, items: int, line: Callable[[int, int, int], Line]) -> None:
        """From now on, so many items; `line` paints a line of one: (item, its line, columns)."""
        self._items = items
        self.cursor = min(self.cursor, max(items - 1, 0))
        here = str(getattr(self.app, "signs", paint.UNICODE).here)

        def painted(number: int, columns: int) -> Line:
            item, part = divmod(number, self._height)
            sign = here if item == self.cursor and not part else " "
            return ((sign, "key"), *paint.fit(line(item, part, columns - 1), columns - 1))

        self.present(items * self._height, painted)

    def go(self, item: int) -> None:
        """Put the cursor there."""
        before, self.cursor = self.cursor, max(0, min(item, self._items - 1))
        self.reveal(self.cursor * self._height, above=0)
        self.refresh()
        if before != self.cursor:
            self.post_message(self.Moved(self))

    def action_move(self, by: int) -> None:
        self.go(self.cursor + by)

    def action_move_page(self, by: int) -> None:
        self.go(self.cursor + by * max(self.scrollable_content_region.height // self._height - 1, 1))

    def on_click(self, event: Click) -> None:
        self.go((round(self.scroll_y) + event.y) // self._height)

    def _base(self, number: int) -> str:
        return "cursor" if self._items and number // self._height == self.cursor else ""
