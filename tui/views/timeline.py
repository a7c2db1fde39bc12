"""Where each replica is while a change is brought to it, put together from the events of an apply.

The seconds are since the write. A step is shown once, when it was first seen; a replica that falls back shows a step again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tui.paint import Line, Piece, Signs, line, width
from tui.views import sentence

if TYPE_CHECKING:
    from remedy.work import Event

_FORTH = {
    "poked": "kubelet told",
    "noticed": "text seen",
    "old": "answers as before",
    "new": "verified",
    "other": "not yet as predicted",
    "failed": "refused",
    "unreachable": "no answer",
}
_BACK = {**_FORTH, "old": "not back yet", "new": "back, verified"}
_ROLES = {"new": "ok", "failed": "bad", "unreachable": "warning", "back": "warning"}


class Step(NamedTuple):
    """One state of a replica, in words, and since when; `state` as in Event."""

    state: str
    text: str
    seconds: float


_CONTINUED = re.compile(r"\n {4}(?=\S)")  # a line of a note that was broken for another width


class Timeline(NamedTuple):
    """What is known so far. `phase` is the last event's kind that was a step of the whole; `waiting` what is waited for."""

    record: str = ""
    command: str = ""
    target: str = ""
    phase: str = ""
    why: str = ""
    waiting: str = ""
    seconds: float = 0.0
    replicas: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def undoing(self) -> bool:
        return self.phase in ("undoing", "undone")


def told(known: Timeline, event: Event) -> Timeline:
    """With what this event tells."""
    if event.kind in ("replica", "step"):
        return known._replace(replicas=_stepped(known.replicas, event), seconds=max(known.seconds, event.seconds or 0.0))
    if event.kind == "waiting":
        return known._replace(waiting=event.text, seconds=event.seconds or known.seconds)
    if event.kind == "note":
        return known._replace(notes=(*known.notes, event.text))
    if event.kind == "recorded":
        return known._replace(record=event.text.removeprefix("record "), command=event.command)
    if event.kind == "undoing":
        return known._replace(phase="undoing", why=event.text, waiting="", replicas=_marked(known))
    if event.kind == "writing":
        return known._replace(phase="writing", target=event.text)
    if event.kind in ("settling", "verified"):
        return known._replace(phase=event.kind, waiting=event.text)
    return known._replace(phase=event.kind)


def _stepped(replicas: tuple[tuple[str, tuple[Step, ...]], ...], event: Event) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    steps = dict(replicas)
    before = steps.get(event.replica, ())
    steps[event.replica] = (*before, Step(event.state, event.text, event.seconds or 0.0))
    return tuple(sorted(steps.items()))


def _marked(known: Timeline) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """From here on the way leads back."""
    back = Step("back", "old text again", known.seconds)
    return tuple((name, (*steps, back)) for name, steps in known.replicas)


def lines(known: Timeline, signs: Signs, columns: int, *, timeout: float, since: float = 0.0) -> list[Line]:
    """The record and the way back; a row for each replica; what is waited for, since when and until when at most.

    `since` in seconds: how long nothing was told.
    """
    found = [line(" record ", (known.record or "not made yet", "title"), f"   {_phase(known)}")]
    found += [each for name, steps in known.replicas for each in _replica(name, steps, signs, columns)]
    if known.why:
        found += [line(), *sentence(f"{signs.no} the change is taken back: {known.why}", columns - 1, first=" ", rest="   ", role="bad")]
    if known.waiting and known.phase not in ("verified", "undone"):
        settling = known.phase == "settling"  # its own words say for how long
        passed = f"{since:.0f} s of that are over" if settling else f"{known.seconds:.0f} of at most {timeout:g} s"
        found += [line(), *sentence(f"{known.waiting}; {passed}", columns - 1, first=" ", rest="   ")]
    if known.notes:
        found.append(line())
    found += [each for note in known.notes for each in sentence(_CONTINUED.sub(" ", note), columns - 1, first=" ", rest="   ", role="dim")]
    return found


def _phase(known: Timeline) -> str:
    return {
        "": "looking whether it can be written",
        "writing": "writing",
        "written": "written; following every replica",
        "settling": "every replica has it; watching on",
        "verified": "verified",
        "undoing": "putting the old text back",
        "undone": "the old text is live again, verified",
    }.get(known.phase, known.phase)


def _replica(name: str, steps: tuple[Step, ...], signs: Signs, columns: int) -> list[Line]:
    """Its steps in a row with their seconds, over more lines where the width is not enough; the last one's words below."""
    link = f" {signs.dash * 2} "
    pieces: list[Piece] = [("written", "")]
    words = _FORTH
    for place, step in enumerate(steps):
        if step.state == "old" and place < len(steps) - 1:  # as it was: whatever comes after says more
            continue
        words = _BACK if step.state == "back" else words
        said = "undoing" if step.state == "back" else words.get(step.state, step.text)
        sign = f" {signs.ok}" if step.state == "new" else f" {signs.no}" if step.state == "failed" else ""
        pieces.append((f"{said}{sign} {step.seconds:.1f} s", _ROLES.get(step.state, "")))
    rows: list[Line] = [line(f"  {name}   ", pieces[0])]
    for piece in pieces[1:]:
        if width(rows[-1]) + len(link) + len(piece[0]) > columns:
            rows.append(line("     "))
        rows[-1] = (*rows[-1], (link, "dim"), piece)
    last = steps[-1]
    if last.state in ("failed", "other", "unreachable"):
        rows += sentence(last.text, columns - 1, first="      ", rest="      ", role=_ROLES.get(last.state, ""))
    return rows
