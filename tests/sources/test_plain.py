"""Files and standard input: bytes come back as they were, a file is replaced as a whole, and what cannot be used is refused."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remedy.errors import ConflictError, InputError
from remedy.sources.document import Target
from remedy.sources.plain import FileSource, StdinSource, parts_of

COREFILES = Path(__file__).parents[2] / "fixtures" / "corefiles"
TEXT = ". {\r\n    errors\n}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Corefile"
    path.write_bytes(TEXT.encode())
    return path


def stdin(content: bytes, monkeypatch: pytest.MonkeyPatch) -> StdinSource:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return StdinSource()


def test_a_corefile_is_one_part_that_is_the_whole_text(file: Path) -> None:
    document = FileSource(str(file)).read()
    assert document.text == TEXT
    assert [part.text for part in document.parts] == [TEXT]
    assert document.target == Target("file", str(file))
    assert document.parts[0].locate(3) == 3


def test_a_path_below_the_current_folder_is_shown_relative_to_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert FileSource(str(file)).read().target.path == "Corefile"
    assert FileSource("./Corefile").read().target.shown == "Corefile"
    monkeypatch.chdir("/")
    assert FileSource(str(file)).read().target.path == str(file).removeprefix("/")
    (file.parent / "below").mkdir()
    monkeypatch.chdir(file.parent / "below")
    assert FileSource("../Corefile").read().target.path == "../Corefile"


def test_a_manifest_is_known_by_its_suffix_or_its_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "kind: ConfigMap\nmetadata: {name: coredns, namespace: kube-system}\ndata:\n  Corefile: |\n    . {\n    }\n"
    for name in ("coredns.yaml", "coredns", "Corefile"):
        (tmp_path / name).write_text(text)
        target = FileSource(str(tmp_path / name)).read().target
        assert target[4:] == ("kube-system", "coredns", "Corefile")
        assert target.kind == "manifest"
    assert stdin(text.encode(), monkeypatch).read().target == Target("stdin", None, None, None, "kube-system", "coredns", "Corefile")


@pytest.mark.parametrize(
    "text",
    [
        "servers:\n- plugins:\n  - name: cache\n    parameters: 30\n",
        "- op: add\n  path: /data/Corefile\n  value: . {}\n",
        '[{"op": "add", "path": "/data/Corefile", "value": ". {}"}]\n',
        '{"corefile": ". {}"}\n',
    ],
)
def test_other_forms_are_known_by_their_shape_too(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stdin(text.encode(), monkeypatch).read().parts[0].text.startswith(". {")


@pytest.mark.parametrize(
    "text",
    [
        (COREFILES / "zone-named-kind.Corefile").read_text("utf-8"),
        "# kind: ConfigMap\n. {\n}\n",
        "kind {\n}\n",
        '.\n{ "errors"\n}\n',
        'apiVersion:53, "kind":53 {\n}\n',
    ],
)
def test_a_corefile_that_only_looks_like_a_manifest_is_a_corefile(text: str) -> None:
    assert [part.text for part in parts_of(text, "Corefile")] == [text]


def test_several_corefiles_in_a_manifest_are_several_parts_of_one_target(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text("".join(f"---\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n  Corefile: . {{}}\n" for name in "ab"))
    document = FileSource(str(path)).read()
    assert [part.name for part in document.parts] == ["a", "b"]
    assert document.target == Target("manifest", str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b". {\0}", "a binary file, not a Corefile"),
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"kind: Secret\ndata: {}\n", "no ConfigMap with a key Corefile in it"),
        (b"\xff\xfe.\0 \0{\0", "a binary file"),
    ],
)
def test_what_is_no_corefile_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    path = tmp_path / "Corefile"
    path.write_bytes(content)
    for source, shown in ((FileSource(str(path)), str(path)), (stdin(content, monkeypatch), "stdin")):
        with pytest.raises(InputError) as caught:
            source.read()
        assert str(caught.value).startswith(f"{shown}: {message}")
        assert caught.value.hint


def test_what_cannot_be_opened_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, reason in ((tmp_path / "none", "No such file or directory"), (tmp_path, "a directory")):
        with pytest.raises(InputError, match=reason) as caught:
            FileSource(str(path)).read()
        assert caught.value.hint
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        StdinSource().read()


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(file: Path) -> None:
    with file.open("rb") as held:
        FileSource(str(file)).write(Target("file"), TEXT, "new\r\n\udcff")
        assert held.read() == TEXT.encode()
    assert file.read_bytes() == b"new\r\n\xff"
    assert os.listdir(file.parent) == ["Corefile"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o440, 0o664])
def test_a_replaced_file_keeps_its_mode_and_its_owner(file: Path, mode: int) -> None:
    file.chmod(mode)
    owner = (1234, 1234) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    os.chown(file, *owner)
    FileSource(str(file)).write(Target("file"), TEXT, "new\n")
    kept = file.stat()
    assert (stat.S_IMODE(kept.st_mode), kept.st_uid, kept.st_gid) == (mode, *owner)


@pytest.mark.parametrize("relative", [True, False])
def test_a_symbolic_link_stays_and_what_it_points_to_is_written(file: Path, relative: bool) -> None:
    (file.parent / "real").mkdir()
    real = file.rename(file.parent / "real" / "Corefile")
    file.symlink_to("real/Corefile" if relative else real)
    FileSource(str(file)).write(Target("file"), TEXT, "new\n")
    assert file.is_symlink()
    assert not real.is_symlink()
    assert real.read_text() == "new\n"


def test_a_file_that_was_changed_meanwhile_is_not_written(file: Path) -> None:
    file.write_text("theirs\n")
    with pytest.raises(ConflictError, match="nothing was written"):
        FileSource(str(file)).write(Target("file"), TEXT, "new\n")
    assert file.read_text() == "theirs\n"


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60).filter(lambda content: b"\0" not in content and content.decode("utf-8", "surrogateescape").strip()))
def test_any_bytes_are_read_and_written_back_as_they_were(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    source = FileSource(str(file))
    text = source.text()
    source.write(Target("file"), text, text + "\n")
    assert file.read_bytes() == content + b"\n"
    source.write(Target("file"), text + "\n", text)
    assert file.read_bytes() == content
