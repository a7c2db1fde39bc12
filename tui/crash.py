"""A fault in remedy itself: what a person is told on the normal screen, and the report that can be passed on.

The report holds the places in the code and what was said, never the values of variables: a Corefile may hold secrets.
"""

from __future__ import annotations

import os
import platform
import re
import traceback
from typing import TYPE_CHECKING

from remedy import __version__, journal
from remedy.mask import visible
from remedy.talk import say

if TYPE_CHECKING:
    from tui.underway import UnderWay

FAULT = 70
# A message may quote a piece of a Corefile from anywhere in a line, so what follows such a word goes, whatever it is.
_NAMED = re.compile(r"(?i)((?:passw(?:or)?d|passphrase|secret|token|credentials?|aws_access_key|[-_]key)[\"']?[ \t:=]+[\"']?)[^\n]+")


def end(error: BaseException, under_way: UnderWay | None, command: str) -> int:
    """Say what happened, and what state things are in: a change that was under way is put back first. The exit code."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" (at {os.path.basename(place[0].filename)}:{place[0].lineno})" if place else ""
    say(_bare(f"remedy: a fault in remedy itself: {type(error).__name__}{where}: {error}"))
    try:
        say(f"        the report, without secrets: {written(error, command)}")
    except OSError as refused:
        say(f"        its report could not be written: {refused.strerror}")
    if under_way is None:
        say("        nothing was written")
    else:
        say(visible(_state(under_way)))
    return FAULT


def _state(under_way: UnderWay) -> str:
    """How the change ended that was begun last."""
    if not under_way.ended:
        say("        a change is under way: waiting until the old text is live again, and proven")
        under_way.stop.set()
    under_way.wait()
    record = under_way.timeline.record
    named = f"        {f'record {record}' if record else 'no record was made'}: "
    if under_way.error is not None:
        return f"{named}{under_way.error}" + (f"; {under_way.error.hint}" if under_way.error.hint else "")
    return f"{named}the change is live and verified" + (f"; undo it: remedy rollback {under_way.record.id}" if under_way.record else "")


def written(error: BaseException, command: str) -> str:
    """The path of the report, below the state folder. OSError where it cannot be written."""
    folder = journal.folder() / "faults"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{os.getpid()}-{len(os.listdir(folder)) + 1}.txt"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(report(error, command))
    return str(path)


def report(error: BaseException, command: str) -> str:
    """The versions, how it was started, and the traceback."""
    about = f"remedy {__version__}, Python {platform.python_version()}, {platform.platform()}\nstarted as: {command}\n\n"
    return _bare(about + "".join(traceback.format_exception(error)))


def _bare(text: str) -> str:
    """Without secrets."""
    return _NAMED.sub(r"\1****", visible(text))
