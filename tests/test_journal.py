"""A record outlives the change it describes: private, whole, and enough to undo it without remedy."""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remedy import journal
from remedy.errors import StateError
from remedy.journal import Record
from remedy.plan import Change, Plan
from remedy.sources.document import Target


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder, which no test shares."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "remedy"


def begun(before: str = "old\n", after: str = "new\n", target: Target | None = None) -> Record:
    return journal.begin(Plan((Change(target or Target("file", "Corefile"), before, after),)), validation=None, undoes=None)


def test_a_record_is_on_disk_before_it_ends(state: Path) -> None:
    record = begun()
    assert journal.load(record.id) == record
    assert record.outcome == "started"
    ended = journal.finish(record, "applied", ({"replica": "coredns-1", "seconds": 0.5},))
    assert journal.load(record.id) == ended
    assert ended.outcome == "applied"
    assert json.loads((state / "records" / f"{record.id}.json").read_text())["schema"] == "remedy.record/1"


def test_only_the_operator_can_read_a_record(state: Path) -> None:
    before = os.umask(0)
    try:
        journal.finish(begun(), "applied")
    finally:
        os.umask(before)
    files = list((state / "records").iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((state / "records").stat().st_mode) == 0o700


def test_a_record_is_replaced_as_a_whole_and_leaves_nothing_beside_it(state: Path) -> None:
    record = begun()
    path = state / "records" / f"{record.id}.json"
    with path.open("rb") as held:
        journal.finish(record, "applied")
        assert json.loads(held.read())["outcome"] == "started"  # a reader in the middle sees the whole old one
    assert sorted(each.suffix for each in path.parent.iterdir()) == [".json", ".undo"]


def test_a_record_that_the_disk_has_no_room_for_leaves_nothing_behind(state: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, limit[1]))
    try:
        with pytest.raises(StateError, match="cannot be written"):
            begun("# old\n" * 500, "# new\n" * 500)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert list((state / "records").iterdir()) == []
    assert journal.unfinished() == []


def test_the_command_in_a_record_undoes_the_change_by_hand_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a folder's"
    folder.mkdir()
    monkeypatch.chdir(folder)
    before = "old\r\n\udcff# é\n"
    first, second = Path("Corefile"), Path("other Corefile")
    plan = Plan(tuple(Change(Target("file", str(path)), before + str(path), "new") for path in (first, second)))
    record = journal.begin(plan, validation=None, undoes=None)
    for path in (first, second):
        path.write_text("new")
    subprocess.run(record.undo_command, shell=True, check=True, cwd="/")
    for path in (first, second):
        assert path.read_bytes() == (before + str(path)).encode("utf-8", "surrogateescape")
        assert Path(record.changes[0].target.path or "").is_absolute()


def test_the_command_for_a_cluster_patches_the_one_key_that_was_changed(tmp_path: Path) -> None:
    target = Target("cluster", None, "my prod", "uid", "kube-system", "coredns", "Corefile")
    record = begun("old 'text'\n", "new\n", target)
    head, patch = record.undo_command.rsplit(" ", 1)
    assert head == "kubectl --context 'my prod' -n kube-system patch configmap coredns --type merge --patch-file"
    assert json.loads(Path(patch).read_text()) == {"data": {"Corefile": "old 'text'\n"}}
    assert "--context" not in begun("a", "b", target._replace(context="in-cluster")).undo_command


def test_bytes_that_are_not_utf8_are_kept_as_bytes(state: Path) -> None:
    record = begun("# caf\udce9\n", "# café\n")
    (change,) = json.loads((state / "records" / f"{record.id}.json").read_text())["changes"]
    assert base64.b64decode(change["before"]["bytes_base64"]) == b"# caf\xe9\n"
    assert change["after"] == {"text": "# café\n"}
    assert journal.load(record.id).changes[0].before == "# caf\udce9\n"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40), st.text(max_size=20))
def test_any_text_comes_back_from_a_record(before: bytes, after: str) -> None:
    record = begun(before.decode("utf-8", "surrogateescape"), after)
    assert journal.load(record.id).changes == record.changes
    assert (journal.path_of(record.id).with_suffix(".0.undo")).read_bytes() == before


def test_records_sort_by_time() -> None:
    ids = []
    for _ in range(5):
        ids.append(begun().id)
        time.sleep(0.002)
    assert ids == sorted(ids)
    assert [record.id for record in journal.history()] == ids[::-1]
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", each) for each in ids)


def test_a_state_folder_that_cannot_be_written_is_an_error_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(StateError, match="the record cannot be written") as caught:
        begun()
    assert "XDG_STATE_HOME" in caught.value.hint
    assert caught.value.exit_code == 2
    assert (tmp_path / "file").read_text() == "in the way"
    assert journal.history() == []


DAMAGED = ["", "{", "[]", "{}", "null", '{"schema": "remedy.record/1", "changes": [1]}', '{"changes": [{"target": "x"}]}', "\x00", "\udcff"]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_record_is_an_error_that_says_where_its_text_is(state: Path, content: str) -> None:
    good = begun()
    path = state / "records" / "01DAMAGED.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(StateError, match=re.escape(f"the record {path} cannot be read")) as caught:
        journal.load("01DAMAGED")
    assert "its text is still in the file" in caught.value.hint
    assert [record.id for record in journal.history()] == [good.id]


@pytest.mark.parametrize("name", ["01NONE", "", "..", "a/b"])
def test_a_record_that_is_not_there_is_an_error_that_says_where_to_look(name: str) -> None:
    with pytest.raises(StateError, match=re.escape(f"no record {name}")) as caught:
        journal.load(name)
    assert "remedy history" in caught.value.hint


def test_there_is_no_history_before_the_first_record() -> None:
    assert journal.history() == []


def test_without_xdg_state_home_records_lie_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert journal.folder() == tmp_path / ".local" / "state" / "remedy"


@pytest.mark.parametrize("id_", ["../../../../tmp/01ARZ3NDEKTSV4RRFF", "", "01ARZ3NDEKTSV4RRFFQ69G5FA/", "01ARZ3NDEKTSV4RRFFQ69G5FAV2"])
def test_a_record_kept_elsewhere_names_no_file_outside_the_folder_of_records(state: Path, id_: str) -> None:
    record = begun()
    assert journal.adopt(journal.to_text(record)) == record
    assert journal.adopt(journal.to_text(record._replace(id=id_))) is None


def test_whoever_looks_for_what_was_cut_off_never_takes_the_mark_of_a_run_that_has_just_begun(state: Path) -> None:
    """Two processes look without a pause, as no two commands would; before a mark was taken under its lock they took one of a hundred."""
    look = "from remedy import journal\nprint(flush=True)\nfor _ in range(1_000_000): journal.unfinished()"
    watchers = [subprocess.Popen([sys.executable, "-c", look], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for watcher in watchers:
            assert watcher.stdout
            watcher.stdout.readline()
        for _ in range(300):
            record = begun()
            assert (state / "records" / f"{record.id}.open").exists()
            journal.finish(record, "applied")
    finally:
        for watcher in watchers:
            watcher.kill()
            watcher.communicate()
