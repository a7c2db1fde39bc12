"""Edits by whole lines: a plugin or an option put before or after another one, or taken out.

Indentation, line ends and a missing final newline are taken from the surroundings, comments stay, and the edit lands in the file in which
the neighbour really stands: an imported snippet or file is changed there, once.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Token, lex
from remedy.corefile.tree import Corefile, Directive, ServerBlock

_STEP = "    "


def before(corefile: Corefile, node: Directive, line: str) -> Edit:
    """`line` on a line of its own above a node and its comments; further lines in it are indented like the first."""
    text, name = corefile.texts[node.name.file], node.name
    start = _line_start(text, name.start)
    if text[start : name.start].strip(" \t"):
        new = _indented(corefile, node, f"{line}\n")
        return Edit(name.start, name.start, new, name.file)
    above = corefile.comments_of(node).above
    start = _line_start(text, above[0].start) if above else start
    return Edit(start, start, _indentation(corefile, node) + _indented(corefile, node, line) + _newline(text, name.start), name.file)


def after(corefile: Corefile, node: Directive, line: str) -> Edit:
    """`line` on a line of its own below a node, further lines like it; ValueError behind quotes that the text never closes."""
    text = corefile.texts[node.span.file]
    if node.span.end == len(text) and lex(text + "\n").tokens[-1].end > len(text):
        raise ValueError("the last quotes of the text are never closed")
    behind = corefile.comments_of(node).behind
    end = behind[-1].end if behind else node.span.end
    newline = _newline(text, node.span.end)
    new = _indented(corefile, node, f"\n{line}")
    if (block := _closed_with(corefile, node)) is not None:
        new += newline + _indent_at(text, block.keys[0].start) + "}"
    return Edit(end, end, new, node.span.file)


def without(corefile: Corefile, node: Directive) -> Edit:
    """No node any more, and no empty line in its place; its comments stay, each on a line of its own."""
    span, text = node.span, corefile.texts[node.span.file]
    found = corefile.comments_of(node)
    newline = _newline(text, span.end)
    end = found.behind[-1].end if found.behind else span.end
    line_start = _line_start(text, span.start)
    indent = text[line_start : span.start]
    brace = "}" if _closed_with(corefile, node) else ""
    comments = [corefile.source(comment).rstrip("\r") for comment in (*found.inside, *found.behind)]
    rest = re.compile(r"[ \t\r]*(\n|\Z)").match(text, end)
    if indent.strip(" \t") or rest is None:  # other words share its lines
        new = "".join(f"{comment}{newline}" for comment in comments) + brace
        return Edit(span.start, end, f" {new}" if comments else new, span.file)
    new = "".join(f"{indent}{comment}{newline}" for comment in comments) + (brace and brace + rest[1])
    if not rest[1] and not brace:  # the text goes on without a final newline, as it did
        return Edit(len(text[:line_start].rstrip("\r\n")) if not comments else line_start, rest.end(), new.rstrip("\r\n"), span.file)
    return Edit(line_start, rest.end(), new, span.file)


def without_options(corefile: Corefile, plugin: Directive, options: Collection[Directive]) -> tuple[Edit, ...]:
    """A plugin without some of its options, and without its block where nothing but them stands in it.

    Two changes of one plugin that leave no option touch each other, so that the later one finds the block as the other one left it.
    """
    if _all_in_block(corefile, plugin, options) and (block := without_block(corefile, plugin, plugin.head.end)):
        return (block,)
    edits = [without(corefile, option) for option in options]
    left = [option for option in plugin.options if option not in options]
    if left and plugin.options[-1] in options and left[-1].span.file == plugin.options[-1].span.file:
        edits.append(Edit(left[-1].span.start, left[-1].span.start, "", left[-1].span.file))
    return tuple(edits)


def without_block(corefile: Corefile, plugin: Directive, start: int) -> Edit | None:
    """The plugin without what stands behind `start`, its block included; None where that closes its server block too."""
    return None if _closed_with(corefile, plugin) else Edit(start, plugin.span.end, "", plugin.span.file)


def word(corefile: Corefile, token: Token, text: str) -> Edit:
    """Another word in a word's place; quotes stay, since the next word may follow them without a space."""
    quotes = corefile.source(token.span).startswith('"')
    return Edit(token.start, token.end, quoted(text, always=quotes), token.file)


def quoted(text: str, *, always: bool = False) -> str:
    """A word as it has to be written; ValueError for one that nobody can write (a backslash before a quote, and a space)."""
    for source in (f'"{_escaped(text)}"',) if always else (text, f'"{_escaped(text)}"'):
        tokens = lex(f"x {source}|x").tokens if source.startswith('"') else lex(f"x {source} x").tokens
        if [token.text for token in tokens][1:2] == [text] and len(tokens) == 3:
            return source
    raise ValueError(f"{text!r} cannot be written as one word")


def _all_in_block(corefile: Corefile, plugin: Directive, options: Collection[Directive]) -> bool:
    """Is there nothing else between the braces of a plugin, no comment and no import either?"""
    opening, closing, file = plugin.opening, plugin.closing, plugin.span.file
    if opening is None or closing is None or opening.file != file or closing.file != file or corefile.comments_in(plugin.span):
        return False
    at, text = opening.end, corefile.texts[file]
    for option in plugin.options:
        if option not in options or option.span.file != file or option.span.start < at or text[at : option.span.start].strip():
            return False
        at = option.span.end
    return at <= closing.start and not text[at : closing.start].strip()


def _escaped(text: str) -> str:
    return text.replace('"', '\\"')


def _indentation(corefile: Corefile, node: Directive) -> str:
    """That of the node's line if it begins it, else that of a sibling which does, else one step more than its block's."""
    text, name = corefile.texts[node.name.file], node.name
    for each in (node, *_siblings(corefile, node)):
        start = _line_start(text, each.name.start)
        if each.name.file == name.file and not text[start : each.name.start].strip(" \t"):
            return text[start : each.name.start]
    return _indent_at(text, name.start) + _STEP


def _indented(corefile: Corefile, node: Directive, lines: str) -> str:
    """Every line but the first as the node is indented, with the line ends of the text."""
    return lines.replace("\n", _newline(corefile.texts[node.name.file], node.name.start) + _indentation(corefile, node))


def _siblings(corefile: Corefile, node: Directive) -> tuple[Directive, ...]:
    for block in corefile.blocks:
        if any(plugin is node for plugin in block.plugins):
            return block.plugins
        for plugin in block.plugins:
            for each in plugin.walk():
                if any(option is node for option in each.options):
                    return each.options
    return ()


def _closed_with(corefile: Corefile, node: Directive) -> ServerBlock | None:
    """The server block whose closing brace is the node's own last one too: CoreDNS allows that at the end of a text."""
    last = node.rest[-1] if node.rest else node.closing
    return next((block for block in corefile.blocks if last is not None and block.closing is last), None)


def _indent_at(text: str, place: int) -> str:
    line = text[_line_start(text, place) : place]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _newline(text: str, place: int) -> str:
    """The line end that the text uses here."""
    end = text.find("\n", place)
    end = end if end >= 0 else text.rfind("\n", 0, place)
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
