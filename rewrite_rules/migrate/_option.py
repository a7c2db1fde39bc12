"""One more option in a plugin's block, or no block: indentation and line ends as around it, and no brace that a server block shares."""

from __future__ import annotations

from remedy.corefile.edit import Edit
from remedy.corefile.lines import after, without_block
from remedy.corefile.tree import Corefile, Directive


def with_option(corefile: Corefile, plugin: Directive, option: str) -> Edit | None:
    """The plugin with one more line in its block; None where the block stands on one line and has comments.

    `option` may be several lines.
    """
    text, file = corefile.texts[plugin.span.file], plugin.span.file
    opening, closing = plugin.opening, plugin.closing
    if opening is not None and closing is not None and plugin.options:
        last = plugin.options[-1]
        if opening.line < plugin.options[0].name.line and last.span.end <= closing.start and last.name.line < closing.line:
            return after(corefile, last, option)
    if closing is not None and not plugin.options:
        start = text.rfind("\n", 0, closing.start) + 1
        if start > plugin.head.end and not text[start : closing.start].strip(" \t") and closing.file == file:
            indent = text[start : closing.start]
            newline = "\r\n" if "\r\n" in text else "\n"
            new = "".join(f"{indent}{_step(indent)}{each}{newline}" for each in option.split("\n"))
            return Edit(start, start, new, file)
    if corefile.comments_in(plugin.span) or without_block(corefile, plugin, plugin.head.end) is None:
        return None
    line = text[text.rfind("\n", 0, plugin.span.start) + 1 : plugin.span.start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [*(corefile.source(each.span) for each in plugin.options), *option.split("\n")]
    block = "".join(f"{newline}{indent}{_step(indent)}{each}" for each in lines)
    return Edit(plugin.head.end, plugin.span.end, f" {{{block}{newline}{indent}}}", file)


def _step(indent: str) -> str:
    return "\t" if indent.endswith("\t") else "    "
