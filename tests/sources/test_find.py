"""Which files a directory holds for remedy: what looks like a Corefile, what holds one, and a count of the rest."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from remedy.errors import InputError
from remedy.sources.find import Counts, Search

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


FORMS = {
    "values.yaml": "servers:\n- plugins:\n  - name: cache\n    parameters: 30\n",
    "config.json": '{"corefile": ".:53 {\\n}\\n"}',
    "chart.yaml": "kind: HelmChartConfig\nspec:\n  valuesContent: |\n    servers:\n    - plugins:\n      - {name: cache, parameters: 30}\n",
    "patch.yaml": "- op: replace\n  path: /data/Corefile\n  value: . {}\n",
    "custom.yaml": "kind: ConfigMap\nmetadata: {name: coredns-custom}\ndata:\n  a.override: log\n",
    "cluster.yaml": "spec:\n  kubeDNS:\n    externalCoreFile: . {}\n",
}
# What has the words of a Corefile's manifest in it and holds none.
NONE = {
    "deployment.yaml": "kind: Deployment\nspec:\n  volumes:\n  - configMap: {name: coredns, items: [{key: Corefile, path: Corefile}]}\n",
    "kong.yaml": "plugins:\n- name: cors\n  parameters: {}\n- name: hosts\n",
    "copy.yaml": "kind: Secret\nmetadata:\n  annotations:\n    last: |\n      {kind: ConfigMap, data: {Corefile: '. {}'}}\n",
    "dns-service.yaml": "kind: ConfigMap\nmetadata: {name: dns}\ndata:\n  web.server: example.org\n",
    "template.yaml": "{{ if .x }}\nservers: [\nname: cache plugins parameters configBlock\n",
    "readme.md": "Corefile ConfigMap\n",
}


def test_every_form_is_found_and_what_only_sounds_like_one_is_passed_over_and_counted(tmp_path: Path) -> None:
    for name, text in (FORMS | NONE).items():
        (tmp_path / name).write_text(text)
    search = Search([str(tmp_path)])
    assert sorted(Path(each.target.path or "").name for each in search) == sorted(FORMS)
    assert search.counts == Counts(len(FORMS) + len(NONE), taken=len(FORMS), passed_over=len(NONE))


def test_what_cannot_be_read_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    put(tmp_path, a_yaml=MANIFEST + "  x: [\n", b_yaml=MANIFEST, Corefile_base="\0")
    refused: list[str] = []
    search = Search([str(tmp_path)], refused=lambda error: refused.append(str(error)))
    assert [Path(each.target.path or "").name for each in search] == ["b.yaml"]
    assert [line.removeprefix(f"{tmp_path}/").partition(": ")[0] for line in refused] == ["Corefile.base", "a.yaml:7:1"]
    assert search.counts == Counts(3, taken=1, refused=2)
    with pytest.raises(InputError):
        list(Search([str(tmp_path)]))


def test_a_file_that_a_kustomization_turns_into_a_corefile_is_one(tmp_path: Path) -> None:
    files = ["Corefile=dns/coredns.conf # ours", "custom/log.override", "other=notes.txt"]
    generator = "configMapGenerator:\n- name: coredns\n  files:\n" + "".join(f"  - {each}\n" for each in files)
    put(tmp_path, kustomization_yaml=generator, dns__coredns_conf=COREFILE, notes_txt="x", x_conf=COREFILE)
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "log.override").write_text("log\n")
    assert paths(tmp_path) == ["custom/log.override", "dns/coredns.conf"]
    assert passed_over(tmp_path) == 3


@pytest.mark.parametrize("name", ["main.tf", "main.tf.json", "prod.tfvars", "stack.hcl", "dns.cue"])
def test_a_form_that_is_a_program_is_named_and_left_alone(name: str, tmp_path: Path) -> None:
    put(tmp_path, Corefile=COREFILE)
    (tmp_path / name).write_text('"data": {"Corefile": ". {}"}\n')
    (tmp_path / f"other-{name}").write_text('"data": {}\n')
    search = Search([str(tmp_path)])
    assert [each.target.path for each in search] == [str(tmp_path / "Corefile")]
    assert search.read_only == [str(tmp_path / name)]
    assert search.counts.passed_over == 2
    with pytest.raises(InputError, match="remedy does not edit this form"):
        list(Search([str(tmp_path / name)]))


def test_the_counts_are_told_after_each_file(tmp_path: Path) -> None:
    put(tmp_path, Corefile=COREFILE, a_txt="", b_yaml=MANIFEST)
    told: list[Counts] = []
    list(Search([str(tmp_path)], seen=told.append))
    assert [each.looked_at for each in told] == [1, 2, 3]
    assert told[-1] == Counts(3, taken=2, passed_over=1)
