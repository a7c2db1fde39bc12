"""Every distribution's own Corefile, where and how it keeps it: clean as it is shipped, found and fixed in place with the incident in it.

A file NAME.incident.* holds the incident where a form has no place for a line to be put in. PyYAML is the second opinion.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from remedy import service
from remedy.corefile.edit import Edit, apply
from remedy.errors import RemedyError
from remedy.rules import Choices
from remedy.sources.document import Document, Part, Target
from remedy.sources.find import Search
from remedy.sources.plain import FileSource
from remedy.sources.reading import LINES, read

yaml: Any = pytest.importorskip("yaml")

FOLDER = Path(__file__).parents[2] / "fixtures" / "manifests" / "distributions"
ALL = sorted(path.name for path in FOLDER.iterdir())
CLEAN = [name for name in ALL if ".incident." not in name]
PAIRS = [name for name in ALL if ".incident." in name]
INCIDENT = "template ANY AAAA {\n    rcode NXDOMAIN\n}\n"
HEALED = "template IN AAAA .\n"


def document(name: str) -> Document:
    return FileSource(str(FOLDER / name)).read()


def put_in(part: Part, lines: str) -> tuple[Edit, ...]:
    """These lines first in the server block of the root zone; in a fragment, first of all."""
    block = next((block for block in read(part.text, part.around).blocks if block.keys[0].text.startswith(".")), None)
    if (part.key or "").endswith(LINES):
        return part.edits([Edit(0, 0, lines)])
    if block is None or block.keys[0].file:
        return ()
    place = part.text.index("{\n", block.keys[0].end) + 2
    return part.edits([Edit(place, place, "".join(f"    {line}" for line in lines.splitlines(keepends=True)))])


def loaded(name: str, text: str) -> Any:
    return json.loads(text) if name.endswith(".json") else list(yaml.safe_load_all(text))


@pytest.mark.parametrize("name", ALL)
def test_every_fixture_says_where_its_shape_comes_from(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    said = text.split("\n")[1].partition('"//": "')[2] if name.endswith(".json") else text.partition("\n")[0].removeprefix("# ")
    assert 20 < len(said) < 140


@pytest.mark.parametrize("name", CLEAN)
def test_what_a_distribution_ships_is_clean(name: str) -> None:
    (scanned,) = service.scan([document(name)], Choices())
    assert [finding for finding in scanned.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("name", [name for name in CLEAN if name.replace(".", ".incident.", 1) not in PAIRS])
def test_the_incident_in_it_is_found_at_its_place_and_fixed_there(name: str) -> None:
    shipped = document(name)
    for part in shipped.parts:
        broken = apply(shipped.text, put_in(part, INCIDENT))
        if broken == shipped.text:
            continue
        found = shipped._replace(text=broken, parts=service.plain.parts_of(broken, name))
        plan = service.plan([found], Choices())
        (change,) = plan.changes
        assert [finding.code for finding in change.fixed] == ["AAAA001"]
        line = broken.split("\n")[change.fixed[0].line - 1]
        assert line[change.fixed[0].column - 1 :].startswith("template ANY AAAA")
        if (part.name, name) != ("coredns-custom", "gardener.yaml"):  # in single quotes, there two lines may be written in two ways
            assert change.after == apply(shipped.text, put_in(part, HEALED))
        if not name.endswith(".Corefile"):
            assert loaded(name, change.after) == loaded(name, apply(shipped.text, put_in(part, HEALED)))
        (again,) = service.scan([found._replace(text=change.after, parts=service.plain.parts_of(change.after, name))], Choices())
        assert [finding.code for finding in again.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("name", PAIRS)
def test_in_a_list_of_plugins_the_entry_itself_is_found_and_fixed(name: str) -> None:
    broken, shipped = document(name), document(name.replace(".incident", ""))
    (change,) = service.plan([broken], Choices()).changes
    (finding,) = change.fixed
    assert broken.text.split("\n")[finding.line - 1][finding.column - 1 :].lstrip('"\\').startswith("template")
    before, after = broken.text.split("\n"), change.after.split("\n")
    head = next(place for place, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    tail = len(after) - next(place for place, (old, new) in enumerate(zip(before[::-1], after[::-1], strict=False)) if old != new)
    assert "IN AAAA ." in "\n".join(after[head:tail])
    assert "configBlock" not in "\n".join(after[head:tail]) or name.startswith("cce-string")
    assert tail - head <= 4
    (healed,) = service.plain.parts_of(change.after, name)
    (part,) = shipped.parts
    indent = "" if part.key == "plugins" else "    "
    assert [line for line in healed.text.split("\n") if line not in part.text.split("\n")] == [f"{indent}template IN AAAA ."]
    assert healed.text.replace(f"{indent}template IN AAAA .\n", "") == part.text
    loaded(name, change.after)


def test_a_scan_of_all_of_them_finds_each_once() -> None:
    search = Search([str(FOLDER)])
    found = list(search)
    assert [Path(each.target.path or "").name for each in found] == ALL
    assert search.counts.passed_over == 0
    scanned = service.scan(found, Choices())
    assert sum(len([finding for finding in each.findings if finding.code == "AAAA001"]) for each in scanned) == len(PAIRS)


@pytest.mark.parametrize("name", ["helm-values.yaml", "rke2-helmchartconfig.yaml", "flux-helmrelease.yaml", "argocd-application.yaml"])
def test_values_are_rendered_to_what_coredns_reads_of_the_chart_s_own_configmap(name: str) -> None:
    rendered, values = document("helm-rendered.yaml"), document(name)
    first, second = (service.running(each, each.parts[0], None) for each in (rendered, values))
    assert first.hash == second.hash


_BITS = [
    "servers:",
    "plugins",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "|",
    "&a ",
    "*a",
    "<<: ",
    "configBlock",
    "!!binary ",
    ": ",
    "#",
]


def test_a_damaged_manifest_is_refused_or_read_and_a_fix_in_it_is_one_that_holds() -> None:
    chance = random.Random(20261123)
    texts = {name: (FOLDER / name).read_text("utf-8") for name in ALL if not name.endswith(".Corefile")}
    read_all = 0
    for _ in range(1500):
        name = chance.choice(sorted(texts))
        text = texts[name]
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(text))
            text = text[:place] + chance.choice([chance.choice(_BITS), ""]) + text[place + chance.choice([0, 0, chance.randint(1, 12)]) :]
        try:
            found = Document(Target("manifest", name), text, service.plain.parts_of(text, name))
            changes = service.pending(service.plan([found], Choices())).changes
        except RemedyError:
            continue
        read_all += 1
        for change in changes:
            again = service.plain.parts_of(change.after, name)
            assert len(again) == len(found.parts)
            after = Document(Target("manifest", name), change.after, again)
            assert service.pending(service.plan([after], Choices())).changes == ()
    assert read_all > 500
