"""A fault in remedy itself: what a person is told on the normal screen, and the report that can be passed on.

The report holds the places in the code and what was said, never the values of variables: a Corefile may hold secrets.
"""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Sequence

from remedy import __version__, journal
from remedy.mask import visible

FAULT = 70


def told(error: BaseException, under_way: Sequence[str], command: str) -> str:
    """What to say, after the report has been written: where it is, and what state things are in."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" (at {os.path.basename(place[0].filename)}:{place[0].lineno})" if place else ""
    lines = [f"remedy: a fault in remedy itself: {type(error).__name__}: {error}{where}"]
    try:
        lines.append(f"        the report, without secrets: {written(error, command)}")
    except OSError as refused:
        lines.append(f"        its report could not be written: {refused.strerror}")
    lines += [f"        record {each} was under way; undo it: remedy rollback {each}" for each in under_way]
    return visible("".join(f"{line}\n" for line in (*lines, *(() if under_way else ("        nothing was written",)))))


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
    return visible(about + "".join(traceback.format_exception(error)))
