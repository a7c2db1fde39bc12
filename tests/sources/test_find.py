"""Which files a directory holds for remedy: what looks like a Corefile, what holds one, and a count of the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from remedy.errors import InputError
from remedy.sources.find import find
from remedy.sources.plain import FileSource, StdinSource

COREFILE = ". {\n    errors\n}\n"
MANIFEST = "kind: ConfigMap\ndata:\n  Corefile: |\n    . {\n    }\n"


def paths(folder: Path, *words: str) -> list[str]:
    found = find(words or [str(folder)])
    return [os.path.relpath(source.path, folder) for source in found.sources if isinstance(source, FileSource)]


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
    found = find([str(tmp_path)])
    assert len(found.sources) == 1
    assert found.passed_over == 4


def test_git_folders_symbolic_links_and_what_is_no_file_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, Corefile=COREFILE, real__Corefile=COREFILE)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "Corefile").write_text(COREFILE)
    (tmp_path / "Corefile.link").symlink_to("Corefile")
    (tmp_path / "folder").symlink_to("real")
    os.mkfifo(tmp_path / "Corefile.fifo")
    (tmp_path / "Corefile.d").mkdir()
    assert paths(tmp_path) == ["Corefile", "real/Corefile"]
    assert find([str(tmp_path)]).passed_over == 2


@pytest.mark.parametrize("count", [0, 2])
def test_a_directory_without_a_corefile_is_an_error_that_says_what_is_looked_for(tmp_path: Path, count: int) -> None:
    for number in range(count):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(InputError, match=rf"no Corefile and no manifest that holds one \({count} files passed over\)") as caught:
        find([str(tmp_path)])
    assert "Corefile" in caught.value.hint


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    put(tmp_path, dns_conf=COREFILE, Corefile=COREFILE)
    assert paths(tmp_path, str(tmp_path / "dns.conf"), str(tmp_path / "none")) == ["dns.conf", "none"]
    assert find([str(tmp_path / "dns.conf")]).passed_over == 0


def test_a_symbolic_link_that_is_named_is_followed(tmp_path: Path) -> None:
    put(tmp_path, real__Corefile=COREFILE)
    (tmp_path / "link").symlink_to("real")
    assert paths(tmp_path, str(tmp_path / "link")) == ["link/Corefile"]


def test_a_hyphen_is_standard_input() -> None:
    assert find(["-"]).sources == (StdinSource(),)
    assert find([]).sources == ()


def test_a_saved_plan_of_a_manifest_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(".:53 {\n}\n")
    (tmp_path / "plan.json").write_text('{\n "schema": "remedy.plan/1",\n "changes": ["ConfigMap", "Corefile"]\n}\n')
    found = find([str(tmp_path)])
    assert [source.path for source in found.sources if isinstance(source, FileSource)] == [str(tmp_path / "Corefile")]
    assert found.passed_over == 1
