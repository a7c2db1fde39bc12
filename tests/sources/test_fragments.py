"""What a Corefile imports: from other keys of its ConfigMap, from `coredns-custom` in the same file or beside it, or from nowhere at hand.

A finding in a fragment stands in the fragment, and so does its fix.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy import service
from remedy.errors import ParseError
from remedy.plan import Plan, from_data, to_data
from remedy.rules import Choices
from remedy.sources.document import Document
from remedy.sources.find import Search
from remedy.sources.manifest import parts
from remedy.sources.plain import FileSource
from remedy.sources.reading import read

MAIN = """\
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
        errors
        hosts /etc/coredns/NodeHosts {
            fallthrough
        }
        import custom/*.override
        import shared
        forward . /etc/resolv.conf
    }
    import custom/*.server
  NodeHosts: |
    192.0.2.1 node-1
  shared: |
    log
"""
CUSTOM = """\
kind: ConfigMap
metadata: {name: coredns-custom, namespace: kube-system}
data:
  aaaa.override: | # no IPv6 here
    # why: to save queries
    template ANY AAAA {
        rcode NXDOMAIN
    }
  corp.server: |
    corp.example:53 {
        forward . 192.0.2.53
    }
  notes.txt: nobody imports this
"""
FIXED = CUSTOM.replace("template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "template IN AAAA .\n")


def folder_of(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def documents(folder: Path) -> dict[str, Document]:
    return {Path(each.target.path or "").stem: each for each in Search([str(folder)])}


def planned(*found: Document) -> Plan:
    return service.plan(found, Choices())


def test_a_corefile_and_its_fragments_in_one_file_are_read_as_one_and_fixed_in_their_places() -> None:
    text = MAIN + "---\n" + CUSTOM
    found = parts(text, "x.yaml")
    assert [(part.name, part.key) for part in found] == [
        ("coredns", "Corefile"),
        ("coredns", "shared"),
        ("coredns-custom", "aaaa.override"),
        ("coredns-custom", "corp.server"),
    ]
    trees = [read(part.text, part.around) for part in found]
    assert {tuple(key.text for block in tree.blocks for key in block.keys) for tree in trees} == {(".:53", "corp.example:53")}
    assert [token for tree in trees for token in tree.unread] == []
    document = Document(FileSource("x.yaml").path and service.Target("manifest", "x.yaml"), text, found)
    plan = planned(document)
    (change,) = plan.changes
    assert change.after == MAIN + "---\n" + FIXED
    (finding,) = change.fixed
    assert text.split("\n")[finding.line - 1] == "    template ANY AAAA {"
    assert (finding.column, finding.corefile_line) == (5, 2)
    assert service.validate(plan).verdict == "passed"
    assert service.unread([document]) == []


def test_two_files_side_by_side_are_read_as_one_and_each_is_fixed_by_itself(tmp_path: Path) -> None:
    found = documents(folder_of(tmp_path, coredns=MAIN, custom=CUSTOM))
    plan = planned(*found.values())
    (change,) = plan.changes
    assert change.target.path == str(tmp_path / "custom.yaml")
    assert change.after == FIXED
    assert service.validate(plan).verdict == "passed"
    assert service.unread(found.values()) == []
    both = [str(tmp_path / f"{name}.yaml") for name in ("coredns", "custom")]
    assert [each.around for each in Search(both)] == [each.around for each in found.values()]


def test_a_saved_plan_holds_what_stood_around_its_texts(tmp_path: Path) -> None:
    plan = planned(*documents(folder_of(tmp_path, coredns=MAIN, custom=CUSTOM)).values())
    saved = from_data(to_data(plan), "plan.json")
    assert service.validate(saved) == service.validate(plan)
    assert saved.fingerprint == plan.fingerprint


def test_a_change_is_judged_together_with_those_of_the_files_beside_it(tmp_path: Path) -> None:
    other = "    .:1053 {\n        template ANY AAAA {\n            rcode NXDOMAIN\n        }\n    }\n"
    main = MAIN.replace("    import custom/*.server\n", f"{other}    import custom/*.server\n")
    plan = planned(*documents(folder_of(tmp_path, coredns=main, custom=CUSTOM)).values())
    assert len(plan.changes) == 2
    assert service.validate(plan).verdict == "passed"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (CUSTOM.replace("kube-system", "elsewhere"), "another namespace"),
        (CUSTOM.replace("coredns-custom", "coredns-other"), "another name"),
    ],
)
def test_what_belongs_to_another_corefile_is_not_taken(other: str, why: str, tmp_path: Path) -> None:
    found = documents(folder_of(tmp_path, coredns=MAIN, custom=other))
    assert len(service.unread([found["coredns"]])) == 2, why


def test_of_two_that_could_be_meant_none_is_taken(tmp_path: Path) -> None:
    found = documents(folder_of(tmp_path, coredns=MAIN, staging=CUSTOM, production=CUSTOM))
    assert len(service.unread([found["coredns"]])) == 2
    assert {change.target.path for change in planned(*found.values()).changes} == {
        str(tmp_path / f"{name}.yaml") for name in ("staging", "production")
    }


def test_a_fragment_alone_is_scanned_in_a_stand_in_and_what_else_there_is_stays_unknown() -> None:
    (override, server) = parts(CUSTOM, "x.yaml")
    assert [plugin.name.text for _, plugin in read(override.text, override.around).walk()] == ["template"]
    document = Document(service.Target("manifest", "x.yaml"), CUSTOM, (override, server))
    plan = planned(document)
    assert plan.changes[0].after == FIXED
    validation = service.validate(plan)
    assert validation.verdict == "inconclusive"
    assert "the-rest-of-the-Corefile" in validation.transcript[0]
    assert service.unread([document]) == []


def test_an_import_without_its_configmap_stays_unread() -> None:
    document = Document(service.Target("manifest", "x.yaml"), MAIN, parts(MAIN, "x.yaml"))
    assert service.unread([document]) == ["x.yaml:10: import custom/*.override", "x.yaml:14: import custom/*.server"]


def test_in_a_folder_of_which_all_is_known_a_pattern_that_matches_nothing_brings_nothing() -> None:
    text = MAIN + "---\n" + CUSTOM.replace("aaaa.override", "aaaa.txt")
    document = Document(service.Target("manifest", "x.yaml"), text, parts(text, "x.yaml"))
    assert service.unread([document]) == []
    assert planned(document).changes == ()


def test_a_snippet_of_the_corefile_may_be_imported_by_a_fragment() -> None:
    main = MAIN.replace("    .:53 {\n", "    (quiet) {\n        cache 30\n    }\n    .:53 {\n", 1)
    text = main + "---\n" + CUSTOM.replace("forward . 192.0.2.53", "import quiet")
    found = parts(text, "x.yaml")
    corp = read(found[-1].text, found[-1].around).blocks[1]
    assert [plugin.name.text for plugin in corp.plugins] == ["cache"]


def test_what_a_fragment_breaks_is_refused_in_the_fragment_s_own_place() -> None:
    text = MAIN + "---\n" + CUSTOM.replace("template ANY AAAA {", "import one two\n    template ANY AAAA {")
    document = Document(service.Target("manifest", "x.yaml"), text, parts(text, "x.yaml"))
    with pytest.raises(ParseError) as caught:
        service.scan([document], Choices())
    assert text.split("\n")[caught.value.line - 1][caught.value.column - 1 :] == "two"


def test_the_same_across_files_names_the_file_that_coredns_would_name(tmp_path: Path) -> None:
    broken = CUSTOM.replace("template ANY AAAA {", "import one two\n    template ANY AAAA {")
    found = documents(folder_of(tmp_path, coredns=MAIN, custom=broken))
    with pytest.raises(ParseError) as caught:
        service.scan([found["coredns"]], Choices())
    assert caught.value.path == f"{tmp_path}/coredns.yaml: /etc/coredns/custom/aaaa.override"
    assert caught.value.line == 2


@pytest.mark.parametrize("key", ["a.override", "b.include"])
def test_a_file_of_plugin_lines_is_a_fragment_by_its_name(key: str, tmp_path: Path) -> None:
    path = tmp_path / key
    path.write_text("template ANY AAAA {\n  rcode NXDOMAIN\n}\n")
    (change,) = planned(FileSource(str(path)).read()).changes
    assert change.after == "template IN AAAA .\n"
