"""Which files a directory holds for remedy: what looks like a Corefile, what holds one, and a count of the rest."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from remedy.errors import InputError
from remedy.sources.find import Search

COREFILE = ". {\n    errors\n}\n"
MANIFEST = "kind: ConfigMap\ndata:\n  Corefile: |\n    . {\n    }\n"


def paths(folder: Path, *words: str) -> list[str]:
    return [os.path.relpath(document.target.path or "", folder) for document in Search(words or [str(folder)])]


def passed_over(folder: Path) -> int:
    search = Search([str(folder)])
    for _ in search:
        pass
    return search.counts.passed_over


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_directory_is_searched_in_the_order_of_its_paths(tmp_path: Path) -> None:
    put(tmp_path, Corefile=COREFILE, b__Corefile_base=COREFILE, b__coredns_yaml=MANIFEST, a__x_corefile=COREFILE, a__dns_json=MANIFEST)
    put(tmp_path, c__coredns_yml=MANIFEST)
    assert paths(tmp_path) == ["Corefile", "a/dns.json", "a/x.corefile", "b/Corefile.base", "b/coredns.yaml", "c/coredns.yml"]


def test_what_holds_no_corefile_is_passed_over_and_counted(tmp_path: Path) -> None:
    put(tmp_path, Corefile=COREFILE, README_md="Corefile ConfigMap", values_yaml="a: 1\n", cm_yaml="kind: ConfigMap\n", notes_txt=MANIFEST)
    assert paths(tmp_path) == ["Corefile"]
    assert passed_over(tmp_path) == 4


def test_git_folders_symbolic_links_and_what_is_no_file_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, Corefile=COREFILE, real__Corefile=COREFILE)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "Corefile").write_text(COREFILE)
    (tmp_path / "Corefile.link").symlink_to("Corefile")
    (tmp_path / "folder").symlink_to("real")
    os.mkfifo(tmp_path / "Corefile.fifo")
    (tmp_path / "Corefile.d").mkdir()
    assert paths(tmp_path) == ["Corefile", "real/Corefile"]
    assert passed_over(tmp_path) == 2


@pytest.mark.parametrize("count", [0, 2])
def test_a_directory_without_a_corefile_is_an_error_that_says_what_is_looked_for(tmp_path: Path, count: int) -> None:
    for number in range(count):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(InputError, match=rf"no Corefile and no manifest that holds one \({count} files passed over\)") as caught:
        list(Search([str(tmp_path)]))
    assert "Corefile" in caught.value.hint


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    put(tmp_path, dns_conf=COREFILE, Corefile=COREFILE)
    assert paths(tmp_path, str(tmp_path / "dns.conf")) == ["dns.conf"]
    with pytest.raises(InputError, match="none: No such file"):
        paths(tmp_path, str(tmp_path / "dns.conf"), str(tmp_path / "none"))


def test_a_symbolic_link_that_is_named_is_followed(tmp_path: Path) -> None:
    put(tmp_path, real__Corefile=COREFILE)
    (tmp_path / "link").symlink_to("real")
    assert paths(tmp_path, str(tmp_path / "link")) == ["link/Corefile"]


def test_a_hyphen_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(COREFILE.encode())))
    assert [document.target.kind for document in Search(["-"])] == ["stdin"]
    assert list(Search([])) == []


def test_a_saved_plan_of_a_manifest_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(".:53 {\n}\n")
    (tmp_path / "plan.json").write_text('{\n "schema": "remedy.plan/1",\n "changes": ["ConfigMap", "Corefile"]\n}\n')
    assert paths(tmp_path) == ["Corefile"]
    assert passed_over(tmp_path) == 1
