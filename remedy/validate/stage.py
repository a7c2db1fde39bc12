"""What the sandbox needs to know of this machine, and the text that then runs on it, with the way back to the user's own places. Pure.

The line that CoreDNS names is one of the text that ran: `Runnable.origin` leads from there to the original.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from remedy.answers.message import Kind
from remedy.corefile.edit import Edit
from remedy.corefile.tree import ServerBlock


class Machine(NamedTuple):
    """Where it is to run: an empty folder, the port of the upstream, a token that tells this process from others.

    `free` gives another free port at each call. `version` is the CoreDNS that runs, `world` what the stand-ins hold, as in
    `answers.model.reply`; `foreign` are names of plugins of other makers, which are not run.
    """

    folder: str
    upstream: int
    token: str
    free: Callable[[], int]
    version: tuple[int, ...]
    world: Mapping[str, Kind]
    foreign: frozenset[str]


class Runnable(NamedTuple):
    """A Corefile as it runs here. `edits` made it from the original text, `files` it reads from its folder.

    `ports` are those to be asked, all of them; `shown` gives for each port of the text what stood there. `hollow` are the blocks whose
    answers may rest on what is not here; `blind` are zones that a stand-in cannot play, with the reason; `clusters` are the zones of
    `kubernetes`, and whether it answers pods' names; `notes` say what was replaced.
    """

    text: str
    edits: tuple[Edit, ...]
    files: Mapping[str, str]
    ports: tuple[int, ...]
    shown: Mapping[int, str]
    hollow: tuple[ServerBlock, ...]
    blind: Mapping[str, str]
    clusters: Mapping[str, bool]
    notes: tuple[str, ...]

    def origin(self, place: int) -> int:
        """The offset in the original text of an offset in this one; inside of what was put in, where it was put."""
        shift = 0
        for edit in sorted(set(self.edits)):
            start = edit.start + shift
            if place < start:
                break
            if place < start + len(edit.new):
                return edit.start
            shift += len(edit.new) - (edit.end - edit.start)
        return place - shift
