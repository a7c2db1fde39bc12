"""The folder of records, and which of them were cut off: looked at by every verb, so nothing else may be imported here.

A record under way has a file ID.open beside it that its process holds a lock on; the lock goes with the process, the file does not.
"""

from __future__ import annotations

import contextlib
import errno
import os

_OPEN = ".open"
_TRIES = 200  # whoever looks for what was cut off holds a new marker for a moment, and may take it away before it is held
_PAUSE_SECONDS = 0.01
_held: dict[str, int] = {}


def records() -> str:
    """`$XDG_STATE_HOME/remedy/records`, by default below ~/.local/state; absolute, for it stands in commands that a person will run."""
    home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(os.path.abspath(home), "remedy", "records")


def open_(id_: str) -> None:
    """Mark a record as under way, for as long as this process lives. OSError where the folder cannot be written."""
    import fcntl
    import time

    os.makedirs(records(), mode=0o700, exist_ok=True)
    for left in reversed(range(_TRIES)):
        handle = os.open(_marker(id_), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(_marker(id_))):
                _held[id_] = handle
                return
        except (BlockingIOError, FileNotFoundError):
            if not left:
                os.close(handle)
                raise
        os.close(handle)
        time.sleep(_PAUSE_SECONDS)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), _marker(id_))


def close(id_: str) -> None:
    """The record has come to its end."""
    with contextlib.suppress(OSError):
        os.unlink(_marker(id_))
    if id_ in _held:
        os.close(_held.pop(id_))


def drop(id_: str) -> None:
    """Take the marker of a process that has ended away; one that a process has just made and holds, or is about to hold, stays."""
    import fcntl

    with contextlib.suppress(OSError):
        handle = os.open(_marker(id_), os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(_marker(id_))
        finally:
            os.close(handle)


def cut_off() -> list[str]:
    """The marked records that no process works on any more, oldest first."""
    try:
        names = os.listdir(records())
    except OSError:
        return []
    return sorted(name.removesuffix(_OPEN) for name in names if name.endswith(_OPEN) and _left(name.removesuffix(_OPEN)))


def _left(id_: str) -> bool:
    import fcntl

    if id_ in _held:
        return False
    try:
        handle = os.open(_marker(id_), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _marker(id_: str) -> str:
    return os.path.join(records(), id_ + _OPEN)
