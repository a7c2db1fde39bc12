"""An error in words: what happened, where, and what to do next."""

from __future__ import annotations

from remedy.errors import ParseError, RemedyError
from remedy.mask import visible
from tui import paint
from tui.paint import Line


def trouble(error: RemedyError, columns: int) -> list[Line]:
    """The message, the place, and what to do next."""
    place = f"{error.path or 'Corefile'}:{error.line}:{error.column}: " if isinstance(error, ParseError) else ""
    lines = paint.wrapped(visible(f"! {place}{error}"), columns, "error", "  ")
    if isinstance(error, ParseError) and error.excerpt:
        lines += [(), *((("    " + visible(each), ""),) for each in error.excerpt.split("\n"))]
    if error.hint:
        lines += [(), (("what to do next", "title"),), *paint.wrapped(visible(error.hint), columns)]
    return [*lines, (), (("nothing was written", "dim"),)]
