"""Edits on a scalar's value as edits on the raw text around it: proposals in the scalar's own style first, others after.

Nothing here promises that a proposal reads back as wanted: the caller re-reads the document and takes the first proposal that does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from remedy.corefile.edit import Edit
from remedy.sources.scalar import BREAK, Block, Run, Span, block, folds, locate

# What YAML readers refuse, or read as a line break (YAML 1.1), outside of double quotes. A byte that is not UTF-8 has no other form.
_UNPRINTABLE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udc7f\udd00-\udfff\ufeff\ufffe\uffff]")
# What every reader takes for a plain text, in YAML 1.1 and 1.2; a space rules out numbers, dates and booleans.
_PLAIN = re.compile(r"(?=[^\n]* )[A-Za-z./](?:[A-Za-z0-9_./{}\n -]|:(?=[A-Za-z0-9]))*")
_NAMED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def tidy(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """The same change as few, short edits that do not touch each other, first to last."""
    short = [_trim(text, edit) for edit in _join(sorted(set(edits)))]
    return [edit for edit in short if edit.new or edit.start < edit.end]


def _join(edits: Sequence[Edit]) -> list[Edit]:
    """Edits that touch, as one: two insertions at one place would otherwise be sorted by what they insert."""
    joined: list[Edit] = []
    for edit in edits:
        if joined and edit.start <= joined[-1].end:
            last = joined.pop()
            joined.append(Edit(last.start, edit.end, last.new + edit.new))
        else:
            joined.append(edit)
    return joined


def _trim(text: str, edit: Edit) -> Edit:
    old, new = text[edit.start : edit.end], edit.new
    head, tail = _common(old, new)
    return Edit(edit.start + head, edit.end - tail, new[head : len(new) - tail])


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How much two texts or lists share at the start, and at the end of what is left."""
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    least -= head
    return head, next((at for at in range(least) if old[-1 - at] != new[-1 - at]), least)


def proposals(raw: str, span: Span, runs: Sequence[Run], text: str, edits: Sequence[Edit], after: str) -> Iterator[list[Edit]]:
    """Ways to write `after` where `text` stands, the smallest change first; `edits` are tidy."""
    printable = not any(_UNPRINTABLE.search(edit.new) for edit in edits)
    if span.style in ("|", ">"):
        found = block(raw, span)
        if printable and found.used and after.strip("\n"):
            yield _block(raw, span, found, runs, text, edits, after)
            if span.style == ">":
                yield _block(raw, Span(span.start, span.end, "|", span.base), found, runs, text, [Edit(0, len(text), after)], after)
        end = _row_start(found, found.used)
        yield [Edit(span.start, found.head, _quoted(after)), Edit(_row_start(found, 0), end, "")]
        return
    if span.style == '"' or (printable and (span.style == "'" or _PLAIN.fullmatch(after))):
        yield [_flow(raw, span, runs, edit) for edit in edits]
        yield [_flow(raw, span, runs, edit) for edit in _join([_widen(text, edit) for edit in edits])]
    yield [Edit(span.start, span.end, _quoted(after))]


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """For double quotes, in YAML and in JSON alike."""
    return "".join(_NAMED.get(char) or (f"\\u{ord(char):04x}" if _UNPRINTABLE.match(char) else char) for char in text)


def _flow(raw: str, span: Span, runs: Sequence[Run], edit: Edit) -> Edit:
    start = end = locate(runs, span, edit.start)
    if edit.start < edit.end:
        last = runs[_run_at(runs, edit.end - 1)]
        end = last.end if last.char is not None else last.start + edit.end - last.at
    if span.style == '"':
        return Edit(start, end, _escaped(edit.new))
    new = edit.new.replace("'", "''") if span.style else edit.new
    return Edit(start, end, re.sub("\n+", lambda found: _breaks(raw, span, len(found.group())), new))


def _run_at(runs: Sequence[Run], offset: int) -> int:
    return bisect_right(runs, offset, key=lambda run: run.at) - 1


def _breaks(raw: str, span: Span, newlines: int) -> str:
    """Newlines inside single quotes or a plain scalar: one more break than newlines, and the indentation that its other lines have."""
    line = re.search(rf"({BREAK})(?:[ \t]*{BREAK})*([ \t]*)", raw[span.start : span.end])
    near = re.search(BREAK, raw)
    indent = line[2] if line else " " * (span.start - 1 - max(raw.rfind("\n", 0, span.start), raw.rfind("\r", 0, span.start)))
    return (line[1] if line else near[0] if near else "\n") * (newlines + 1) + indent


def _widen(text: str, edit: Edit) -> Edit:
    """With the blanks and newlines on both sides, which a fold next to the edit would swallow."""
    start, end = edit.start, edit.end
    while start and text[start - 1] in " \t\n":
        start -= 1
    while end < len(text) and text[end] in " \t\n":
        end += 1
    return Edit(start, end, text[start : edit.start] + edit.new + text[edit.end : end])


def _row_start(found: Block, index: int) -> int:
    if index < len(found.rows):
        return found.rows[index].start
    return found.rows[-1].end if found.rows else found.head


def _block(raw: str, span: Span, found: Block, runs: Sequence[Run], text: str, edits: Sequence[Edit], after: str) -> list[Edit]:
    """Whole rows, replaced; a piece of the text (from newline to newline) is one row, or several if it is folded."""
    pieces = text.split("\n")
    starts = list(accumulate((len(piece) + 1 for piece in pieces), initial=0))[:-1]
    rows = [raw[row.text : row.stop] for row in found.rows[: found.used]]
    first, last = _rows_of_pieces(starts, rows, runs)
    ending = re.sub("[^\r\n]+", "", raw[found.head : found.rows[0].start])
    bare = found.rows[found.used - 1].stop == found.rows[found.used - 1].end
    result = _header(raw, span, found, text, after)
    for i, j, group in _groups(starts, pieces, edits):
        begin, end = starts[i], starts[j] + len(pieces[j])
        local = [Edit(edit.start - begin, edit.end - begin, edit.new) for edit in group]
        x, y = (last[i - 1] + 1 if i else 0), (first[j + 1] if j + 1 < len(pieces) else found.used)
        head = rows[first[i] : last[i] + 1] if span.style == ">" and i in first else []
        tail = rows[first[j] : last[j] + 1] if span.style == ">" and j in first else []
        new = _laid_out(span.style, rows[x - 1] if i else "", _applied(text[begin:end], local).split("\n"), rows[y : y + 1], head, tail)
        same, also = _common(rows[x:y], new)
        x, y, new = x + same, y - also, new[same : len(new) - also]
        if x == y and not new:
            continue
        written = "".join((" " * found.indent + row if row else "") + ending for row in new)
        start, stop = _row_start(found, x), _row_start(found, y)
        if bare and y == found.used:
            written = written.removesuffix(ending)
            if x == y:
                written = ending + written
            elif not new:
                start = found.rows[x - 1].stop
        result.append(Edit(start, stop, written))
    return _join(result + _tail(found, text, after, ending, bare=bare))


def _applied(text: str, edits: Sequence[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def _rows_of_pieces(starts: Sequence[int], rows: Sequence[str], runs: Sequence[Run]) -> tuple[dict[int, int], dict[int, int]]:
    """The first and the last row of every piece that is not empty."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    written = iter(run for run in runs if run.char is None)
    for index, row in enumerate(rows):
        if row:
            piece = bisect_right(starts, next(written).at) - 1
            first.setdefault(piece, index)
            last[piece] = index
    return first, last


def _groups(starts: Sequence[int], pieces: Sequence[str], edits: Sequence[Edit]) -> list[tuple[int, int, list[Edit]]]:
    """Edits with the pieces they touch, grown over empty pieces, so that an untouched row (or nothing) stands on both sides."""
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        i, j = bisect_right(starts, edit.start) - 1, bisect_right(starts, edit.end) - 1
        while i and not pieces[i - 1]:
            i -= 1
        while j + 1 < len(pieces) and not pieces[j + 1]:
            j += 1
        if groups and i <= groups[-1][1] + 1:
            groups[-1] = (groups[-1][0], j, [*groups[-1][2], edit])
        else:
            groups.append((i, j, [edit]))
    return groups


def _laid_out(style: str, before: str, pieces: Sequence[str], after: Sequence[str], head: Sequence[str], tail: Sequence[str]) -> list[str]:
    """The rows that say `pieces` between two rows; `head` and `tail` are the rows a folded piece had, kept where they still fit."""
    rows: list[str] = []
    newlines = 1 if before else 0
    count = len(pieces)
    for index, piece in enumerate([*pieces, *after]):
        if piece:
            blank = newlines if not before or folds(style, before, piece) else newlines - 1
            rows += [""] * blank
            if index < count:
                rows += _refolded(piece, head if index == 0 else [], tail if index == count - 1 else [])
                before = rows[-1]
            newlines = 0
        newlines += 1
    return rows


def _refolded(piece: str, head: Sequence[str], tail: Sequence[str]) -> list[str]:
    front: list[str] = []
    back: list[str] = []
    for row in head:
        rest = piece.removeprefix(row + " ")
        if not rest or rest == piece or not folds(">", row, rest):
            break
        front, piece = [*front, row], rest
    for row in reversed(tail):
        rest = piece.removesuffix(" " + row)
        if not rest or rest == piece or not folds(">", rest, row):
            break
        back, piece = [row, *back], rest
    return [*front, piece, *back]


def _newlines(text: str) -> int:
    return len(text) - len(text.rstrip("\n"))


def _header(raw: str, span: Span, found: Block, text: str, after: str) -> list[Edit]:
    """The indicators that the new text needs: how its end is chomped, and the indentation if its first row starts with a blank."""
    style, chomp, indicator = span.style, found.chomp, found.indicator
    newlines = _newlines(after)
    if newlines != _newlines(text):
        chomp = "-" if newlines == 0 else "+" if newlines > 1 or chomp == "+" else ""
    if not indicator and after.lstrip("\n")[0] in " \t" and (text.lstrip("\n")[0] not in " \t"):
        indicator = str(found.indent - span.base)
    if (raw[span.start], found.chomp, found.indicator) == (style, chomp, indicator):
        return []
    return [Edit(span.start, found.head, style + indicator + chomp)]


def _tail(found: Block, text: str, after: str, ending: str, *, bare: bool) -> list[Edit]:
    """What follows the last row with text: its line break if the file ended without, and the empty rows that `+` keeps."""
    newlines, before = _newlines(after), _newlines(text)
    if newlines == before or newlines == 0:
        return []
    end = _row_start(found, found.used)
    result = [Edit(end, end, ending)] if bare else []
    if newlines > 1 or found.chomp == "+":
        kept = min(newlines - 1, len(found.rows) - found.used)
        start, stop = _row_start(found, found.used + kept), _row_start(found, len(found.rows))
        result.append(Edit(start, stop, ending * (newlines - 1 - kept)))
    return result
