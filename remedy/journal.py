"""Records: what was written, when, by whom, and the whole text that stood there before, so that every change can be undone.

A record is on disk, flushed, before the change it describes. Files are the operator's own (0600): a Corefile may hold secrets.
"""

from __future__ import annotations

import base64
import contextlib
import getpass
import json
import os
import secrets
import shlex
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from remedy import __version__, state
from remedy.errors import StateError
from remedy.plan import Change, Plan, target_from
from remedy.sources.document import Target

SCHEMA = "remedy.record/1"
Outcome = Literal["started", "applied", "rolled-back", "failed"]
_KEPT = 200
_ULID_LENGTH = 26
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Record(NamedTuple):
    """One change and how it ended. `id` is a ULID: records sort by time. `plan` is the plan's fingerprint."""

    id: str
    when: str
    who: str
    tool_version: str
    plan: str
    changes: tuple[Change, ...]
    validation: dict[str, Any] | None
    outcome: Outcome
    undoes: str | None
    undo_command: str
    replicas: tuple[dict[str, Any], ...] = ()

    def to_data(self) -> dict[str, Any]:
        """The document `remedy.record/1`."""
        data = {name: getattr(self, name) for name in self._fields}
        changes = [{"target": each.target._asdict(), "before": _side(each.before), "after": _side(each.after)} for each in self.changes]
        return {"schema": SCHEMA, **data, "changes": changes, "replicas": list(self.replicas)}


def folder() -> Path:
    """`$XDG_STATE_HOME/remedy`, by default below ~/.local/state; absolute, since it stands in commands that a person will run."""
    return Path(state.records()).parent


def begin(plan: Plan, *, validation: dict[str, Any] | None, undoes: str | None, who: str = "") -> Record:
    """A record of what is about to be written, on disk. StateError where it cannot be: then nothing may be written.

    Beside it lie the old texts in files of their own, for a person who has to undo the change without remedy. `who` is the user's name
    in the cluster, where there is one. Until `finish`, or the end of this process, the record counts as under way.
    """
    now = datetime.now(UTC)
    id_ = _ulid(int(now.timestamp() * 1000))
    commands, by_hand = [], []
    try:
        state.open_(id_)
    except OSError as error:
        raise _unwritable(Path(state.records()), error) from None
    for place, change in enumerate(plan.changes):
        path = folder() / "records" / f"{id_}.{place}.undo"
        content, command = _by_hand(change, path)
        by_hand.append((path, content))
        commands.append(command)
    record = Record(
        id_,
        now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        f"{who} ({local_user()})" if who else local_user(),
        __version__,
        plan.fingerprint,
        tuple(change._replace(target=_anywhere(change.target)) for change in plan.changes),
        validation,
        "started",
        undoes,
        " && ".join(reversed(commands)),
    )
    try:
        for path, content in by_hand:
            _write(path, content)
        _save(record)
    except StateError:  # nothing will be written, so nothing is kept of it
        _remove(id_)
        state.close(id_)
        raise
    return record


def finish(record: Record, outcome: Outcome, replicas: tuple[dict[str, Any], ...] = ()) -> Record:
    """The same record with its end, on disk."""
    record = record._replace(outcome=outcome, replicas=replicas or record.replicas)
    _save(record)
    state.close(record.id)
    return record


def unfinished() -> list[Record]:
    """The records that a killed remedy or a power failure cut off, oldest first."""
    found = []
    for name in state.cut_off():
        try:
            record = load(name)
        except StateError:  # cut off before it was written, so nothing was
            state.drop(name)
            continue
        if record.outcome == "started":
            found.append(record)
        else:
            state.drop(name)
    return found


def prune(keep: int = _KEPT) -> None:
    """Remove all records but the newest `keep` and those that have not ended."""
    for record in history()[keep:]:
        if record.outcome != "started":
            _remove(record.id)


def _remove(id_: str) -> None:
    for path in (path_of(id_), *path_of(id_).parent.glob(f"{id_}.*.undo")):
        with contextlib.suppress(OSError):
            path.unlink()


def history() -> list[Record]:
    """All records, newest first; files that are no records are left out."""
    try:
        names = sorted((path.stem for path in (folder() / "records").glob("*.json")), reverse=True)
    except OSError:
        return []
    found = []
    for name in names:
        with contextlib.suppress(StateError):
            found.append(load(name))
    return found


def load(name: str) -> Record:
    """StateError where there is no such record, or its file is damaged."""
    path = path_of(name)
    try:
        return from_text(path.read_text("utf-8"))
    except FileNotFoundError:
        raise StateError(f"no record {name}", "remedy history lists those there are") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"the record {path} cannot be read: {error}", "its text is still in the file, under changes / before") from None


def to_text(record: Record) -> str:
    """The document as it stands in a file."""
    return json.dumps(record.to_data(), indent=1)


def from_text(text: str) -> Record:
    """ValueError, KeyError, TypeError or AttributeError where it is no record."""
    data = json.loads(text)
    changes = tuple(Change(target_from(each["target"]), _text(each["before"]), _text(each["after"])) for each in data["changes"])
    fields = {field: data[field] for field in Record._fields if field not in ("changes", "replicas")}
    return Record(**fields, changes=changes, replicas=tuple(data["replicas"]))


def adopt(text: str) -> Record | None:
    """A record that was kept elsewhere; None where it is none that remedy can read.

    Its id becomes the name of a file here, so it has to be one that remedy makes, and no path.
    """
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        record = from_text(text)
        return record if len(record.id) == _ULID_LENGTH and set(record.id) <= set(_BASE32) else None
    return None


def made_here(record: Record) -> bool:
    """Are the files here that its command for an undo by hand names?"""
    return all((folder() / "records" / f"{record.id}.{place}.undo").exists() for place in range(len(record.changes)))


def path_of(name: str) -> Path:
    return folder() / "records" / f"{name}.json"


def _save(record: Record) -> None:
    _write(path_of(record.id), to_text(record).encode())


def _anywhere(target: Target) -> Target:
    """The same target, named so that it is found from every folder."""
    return target._replace(path=os.path.abspath(target.path)) if target.path else target


def _by_hand(change: Change, path: Path) -> tuple[bytes, str]:
    """What to keep, and the plain command that puts the old text back from it."""
    target = change.target
    if target.kind != "cluster":
        return change.before.encode(
            "utf-8", "surrogateescape"
        ), f"cp {shlex.quote(str(path))} {shlex.quote(os.path.abspath(target.path or ''))}"
    context = "" if target.context in (None, "in-cluster") else f"--context {shlex.quote(target.context)} "
    command = f"kubectl {context}-n {target.namespace} patch configmap {target.name} --type merge --patch-file {shlex.quote(str(path))}"
    return json.dumps({"data": {target.key: change.before}}).encode(), command


def _write(path: Path, content: bytes) -> None:
    """Atomically, mode 0600, flushed to disk with its folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> StateError:
    return StateError(
        f"the record cannot be written: {path}: {error.strerror}",
        "remedy writes nothing without a record to undo it from; set XDG_STATE_HOME to a folder that you can write",
    )


def _side(text: str) -> dict[str, str]:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return {"bytes_base64": base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()}
    return {"text": text}


def _text(side: dict[str, str]) -> str:
    if "text" in side:
        return side["text"]
    return base64.b64decode(side["bytes_base64"]).decode("utf-8", "surrogateescape")


def _ulid(milliseconds: int) -> str:
    """26 characters of Crockford's base 32: 48 bits of time, 80 of chance (github.com/ulid/spec)."""
    number = milliseconds << 80 | secrets.randbits(80)
    return "".join(_BASE32[number >> 5 * place & 31] for place in reversed(range(_ULID_LENGTH)))


def local_user() -> str:
    """Who runs remedy, and on which machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no such user in this container
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
