"""Records: a line or two in the list, and one of them whole: who, when, what it changed, how it was proven, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remedy.mask import visible
from remedy.service import shown
from tui.paint import Line, Signs, fit, line
from tui.views import sentence
from tui.views.done import on_demo, timings

if TYPE_CHECKING:
    from remedy.journal import Record

_SIGNS = {"applied": ("ok", "ok"), "rolled-back": ("dash", "dim"), "failed": ("no", "bad")}


def item(record: Record, part: int, signs: Signs, columns: int) -> Line:
    """A line of the list: when and how it ended, or (`part` 1) of what."""
    name, role = _SIGNS.get(record.outcome, ("", "warning"))
    sign = getattr(signs, name) if name else "!"
    if part == 0:
        return fit(line((f"{sign} ", role), record.when[:16].replace("T", " "), (f"  {record.outcome}", role)), columns, signs.cut)
    what = ", ".join(change.target.shown for change in record.changes)
    return fit(line((f"  {'undoes ' + record.undoes[-6:] + ', ' if record.undoes else ''}{what}", "dim")), columns, signs.cut)


def whole(record: Record, signs: Signs, columns: int, *, rollback: str) -> list[Line]:
    """One record. What it holds of secrets is masked."""
    name, role = _SIGNS.get(record.outcome, ("", "warning"))
    said = (
        "started, and never ended: the old text or the new one is live, perhaps unproven" if record.outcome == "started" else record.outcome
    )
    found = [
        line((f" {record.id}", "title")),
        *sentence(said, columns - 1, first=f" {getattr(signs, name) if name else '!'} ", rest="   ", role=role),
    ]
    found += sentence(f"{record.when} by {record.who}", columns - 1, first=" ", rest="   ")
    if record.undoes:
        found += sentence(f"takes back the change of record {record.undoes}", columns - 1, first=" ", rest="   ")
    judged = record.validation
    if judged:
        found += sentence(f"validation ({judged.get('method', '?')}): {judged.get('verdict', '?')}", columns - 1, first=" ", rest="   ")
    found += timings(record, signs)
    if record.outcome in ("applied", "started"):
        found += sentence(rollback, columns - 1, first=" undo it: ", rest="   ", role="title")
        if not on_demo(record):
            found += sentence(record.undo_command, columns - 1, first=" without remedy: ", rest="   ", role="dim")
    for change in record.changes:
        found.append(line())
        found += diff(shown(change.before, change.after, change.target))
    try:
        return [*found, *(proof(judged, columns) if judged else ())]
    except (KeyError, TypeError, AttributeError):  # of another version, or edited by hand
        return [*found, line(), line((" the answers in this record cannot be read", "warning"))]


def proof(judged: Mapping[str, Any], columns: int) -> list[Line]:
    """What the change does to the answers, as the record keeps it; names that fare alike share their lines. Then the reasons."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for each in judged.get("answers", ()):
        before, after = each["before"], each["after"]
        pairs = [(type_, _reply(before[type_]), _reply(after[type_])) for type_ in ("A", "AAAA")]
        pairs += [(client, old, after["clients"].get(client, "unknown")) for client, old in before["clients"].items()]
        rows = tuple(f"{who}: {old} -> {new}" for who, old, new in pairs if old != new)
        if rows:
            alike.setdefault(rows, []).append(each["name"])
    found: list[Line] = [line(), line((" answers", "title"))]
    for rows, names in alike.items():
        found += sentence(", ".join(dict.fromkeys(names)), columns - 1, first=" ", rest="   ", role="zone")
        found += [each for row in rows for each in sentence(row, columns - 1, first="   ", rest="     ")]
    return [*found, *(each for words in judged["transcript"] for each in sentence(words, columns - 1, first=" ", rest="   ", role="dim"))]


def _reply(reply: Mapping[str, Any]) -> str:
    if reply["unknown"] or reply["rcode"] is None:
        return "unknown"
    return "answered" if reply["records"] else "NODATA" if reply["rcode"] == "NOERROR" else str(reply["rcode"])


def diff(text: str) -> list[Line]:
    """A unified diff with a colour for each sign."""
    found: list[Line] = []
    head = True
    for each in visible(text).split("\n")[:-1]:
        head = head and not each.startswith("@@")
        role = "dim" if head else {"+": "added", "-": "removed", "@": "hunk"}.get(each[:1], "")
        found.append(line((f" {each.replace(chr(9), '    ')}", role)))
    return found
