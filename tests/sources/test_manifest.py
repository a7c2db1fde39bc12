"""Corefiles in YAML and JSON: found, located, and edited without touching another byte.

PyYAML is the second opinion: what one YAML library reads back from an edited file proves little about the one in kubectl.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from remedy.corefile.edit import Edit, apply
from remedy.errors import ManifestError
from remedy.sources.manifest import ManifestPart, parts

yaml: Any = pytest.importorskip("yaml")

FOLDER = Path(__file__).parents[2] / "fixtures" / "manifests"
ALL = sorted(path.name for path in FOLDER.iterdir() if path.is_file())
AROUND = {"kind": "ConfigMap", "metadata": {"name": "a"}}


def fixture(name: str) -> str:
    return (FOLDER / name).read_bytes().decode("utf-8", "surrogateescape")


def only(text: str) -> ManifestPart:
    (part,) = parts(text, "x.yaml")
    return part


def corefile(value: str, *, rest: str = "") -> str:
    return f"kind: ConfigMap\ndata:\n  Corefile: {value}{rest}"


def replace(part: ManifestPart, old: str, new: str) -> list[Edit]:
    start = part.text.index(old)
    return [Edit(start, start + len(old), new)]


def edited(text: str, edits: list[Edit]) -> str:
    """The text after the edits on its only Corefile, which must read back as they say."""
    part = only(text)
    after = apply(text, part.edits(edits))
    assert only(after).text == apply(part.text, edits)
    return after


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.split("\n"), after.split("\n")) if line[0] in "+-"]


@pytest.mark.parametrize("name", ALL)
def test_a_fix_in_any_fixture_changes_only_the_line_with_the_rcode(name: str) -> None:
    text = fixture(name)
    found = [part for part in parts(text, name) if "NXDOMAIN" in part.text]
    assert found
    for part in found:
        after = apply(text, part.edits(replace(part, "NXDOMAIN", "NOERROR")))
        start = text.index("NXDOMAIN")
        assert after == text[:start] + "NOERROR" + text[start + len("NXDOMAIN") :]
        again = parts(after, name)
        assert [each.text for each in again] == [each.text.replace("NXDOMAIN", "NOERROR") for each in parts(text, name)]


@pytest.mark.parametrize("name", ALL)
def test_every_character_is_located_where_it_stands(name: str) -> None:
    text = fixture(name)
    for part in parts(text, name):
        offsets = [part.locate(offset) for offset in range(len(part.text) + 1)]
        assert offsets == sorted(offsets)
        for offset, char in enumerate(part.text):
            if char.isalnum() and char.isascii():
                assert text[offsets[offset]] == char


@pytest.mark.parametrize("name", ALL)
def test_no_edit_and_an_edit_that_changes_nothing_leave_the_file_alone(name: str) -> None:
    for part in parts(fixture(name), name):
        assert part.edits([]) == ()
        assert part.edits([Edit(0, len(part.text), part.text)]) == ()


def test_parts_come_in_file_order_with_their_object_and_an_aliased_text_once() -> None:
    found = parts(fixture("list-with-node-local.yaml"), "x.yaml")
    assert [(part.namespace, part.name, part.key) for part in found] == [
        ("kube-system", "coredns", "Corefile"),
        ("kube-system", "node-local-dns", "Corefile"),
    ]
    assert found[0].text.startswith("  .:53 {")
    assert found[1].text.endswith("}\n\n")
    assert [part.name for part in parts(fixture("single-and-plain.yaml"), "x.yaml")] == ["single", "plain"]


def test_an_alias_stands_for_the_scalar_it_was_anchored_to() -> None:
    text = "x-text: &x |\n  .:53 {\n  }\n" + corefile("*x\n")
    assert edited(text, [Edit(0, 0, "# hi\n")]) == text.replace("  .:53", "  # hi\n  .:53")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "Corefile",
        "kind: Secret\ndata:\n  Corefile: |\n    x\n",
        "kind: ConfigMap\nbinaryData:\n  Corefile: eA==\n",
        "kind: ConfigMap\ndata:\n  x.server: |\n    Corefile\n",
        "kind: ConfigMap\ndata:\n  Corefile:\n",
        "kind: ConfigMap\ndata: null # Corefile\n",
        "{{ if .Values.dns }}\nno YAML: [\n",
    ],
)
def test_a_text_without_a_corefile_has_no_parts(text: str) -> None:
    assert parts(text, "x.yaml") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (corefile("|\n    x\n", rest=" y: [\n"), "x.yaml:5:2: not valid YAML"),
        (corefile("x\n", rest="  Corefile: y\n"), "x.yaml:4:3: the key Corefile stands twice in the same mapping"),
        (corefile("{a: b}\n"), "x.yaml:3:13: the value of Corefile is a mapping, not text"),
        (corefile("!!binary eA==\n"), "x.yaml:3:13: the value of Corefile is tagged tag:yaml.org,2002:binary, not text"),
        (corefile("*nowhere\n"), "x.yaml:3:13: the alias *nowhere has no anchor before it"),
        (corefile('"\\ud83d"\n'), "x.yaml:3:13: Corefile cannot be read: the escape \\ud83d is half a character"),
        (corefile("x\n", rest="---\n# Corefile\n" + "[" * 5000), "x.yaml:6:200: nested more than 200 levels deep"),
        (corefile("{{ .Values.corefile }}\n"), "x.yaml:3:13: "),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_a_hint(text: str, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parts(text, "x.yaml")
    assert str(caught.value).startswith(message)
    assert caught.value.hint


def test_documents_without_a_corefile_are_not_read_and_directives_stay_with_theirs() -> None:
    text = (
        "a: [ # broken\n---\nb: 1\n...\n%TAG !x! tag:x,1:\n# about the next\n---\n!x!y\n" + corefile("|\n    x\n") + "---\n{{ broken }}\n"
    )
    assert edited(text, [Edit(0, 0, "y\n")]) == text.replace("    x", "    y\n    x")


def test_an_inserted_line_takes_the_indentation_and_the_line_break_of_its_scalar() -> None:
    part = only(fixture("crlf.yaml"))
    assert part.text == ".:53 {\n    rcode NXDOMAIN\n}"
    text = fixture("crlf.yaml")
    assert edited(text, [Edit(7, 7, "    errors\n\n")]) == text.replace(" {\r\n", " {\r\n        errors\r\n\r\n")
    assert edited(text, [Edit(len(part.text), len(part.text), "\n# end")]) == text + "\r\n    # end"
    assert edited(text, [Edit(len(part.text), len(part.text), "\n")]) == text + "\r\n"


def test_removing_lines_leaves_no_trace_of_their_indentation() -> None:
    text = corefile("|\n    a\n    b\n\n    c\n", rest="  z: 1\n")
    assert edited(text, replace(only(text), "b\n", "")) == text.replace("    b\n", "")
    assert edited(text, replace(only(text), "\nc\n", "")) == text.replace("\n    c\n", "")


@pytest.mark.parametrize(("chomp", "then"), [("", "+"), ("-", "+"), ("+", "+")])
def test_the_chomping_indicator_follows_the_newlines_at_the_end(chomp: str, then: str) -> None:
    text = corefile(f"|{chomp} # note\n    a\n", rest="  z: 1\n")
    size = len(only(text).text)
    assert edited(text, [Edit(1, size, "\n\n\n")]) == corefile(f"|{then} # note\n    a\n\n\n", rest="  z: 1\n")
    bare = text if chomp == "-" else corefile("|- # note\n    a\n", rest="  z: 1\n")
    assert edited(text, [Edit(1, size, "")]) == bare


def test_a_first_line_that_starts_with_a_blank_gets_an_indentation_indicator() -> None:
    text = corefile("|\n    a\n")
    assert edited(text, [Edit(0, 0, "  ")]) == corefile("|2\n      a\n")
    assert edited(text, [Edit(0, 0, "\t")]) == corefile("|2\n    \ta\n")


def test_an_edit_in_a_folded_scalar_changes_only_its_own_lines() -> None:
    text = fixture("folded.yaml")
    part = only(text)
    assert part.text.startswith("# this comment is folded over three lines\n.:53 {\n  errors\n")
    assert edited(text, replace(part, "folded", "FOLDED")) == text.replace("    folded", "    FOLDED")
    assert edited(text, replace(part, "  errors\n", "  errors\n  log\n")) == text.replace("      errors\n", "      errors\n      log\n")
    assert edited(text, replace(part, "lines\n", "lines\n# four\n")) == text.replace("lines\n\n", "lines\n\n    # four\n\n")


def test_an_edit_in_quotes_is_escaped_in_the_way_of_its_quotes() -> None:
    double, single = corefile('"a\\n\\\n    b c\n    d"\n'), corefile("'a b\n\n    c'\n")
    assert edited(double, replace(only(double), "b", '"\t\\\n\x07')) == double.replace("b", '\\"\\t\\\\\\n\\u0007')
    assert edited(single, replace(only(single), "b", "it's\nb")) == single.replace("b", "it''s\n\n    b", 1)


@pytest.mark.parametrize("value", ["|\n    a\n", ">\n    a\n", "'a'\n", "a\n", "|- # note\n    a\n"])
@pytest.mark.parametrize("new", ["", "\n", " \n", "a\rb", "\x07", "# a\n  b\n", "true", "1: x", "\u2028"])
def test_what_a_style_cannot_say_is_written_in_one_that_can(value: str, new: str) -> None:
    text = corefile(value, rest="  z: 1\n")
    size = len(only(text).text)
    after = edited(text, [Edit(0, size, new)])
    assert yaml.safe_load(after) == {"kind": "ConfigMap", "data": {"Corefile": new, "z": 1}}
    assert ("# note" in after) == ("# note" in text)


def test_bytes_that_are_not_utf8_and_control_characters_survive() -> None:
    text = fixture("latin1.yaml")
    part = only(text)
    assert part.text.startswith("# d\udce9j\udce0 vu \f \u2028\n")
    after = edited(text, replace(part, "vu", "VU"))
    assert after == text.replace("vu", "VU")
    assert edited(text, replace(part, "rcode", "\x01")).encode("utf-8", "surrogateescape").count(b"\xe9") == 2


def test_a_text_that_no_style_can_say_is_refused_with_the_place_of_the_scalar() -> None:
    part = only(corefile("|\n    a\n"))
    with pytest.raises(ManifestError, match=r"^x\.yaml:3:13: this change of Corefile cannot be written here") as caught:
        part.edits([Edit(0, 0, "\ud800")])
    assert caught.value.hint


def test_adjoining_insertions_keep_their_order() -> None:
    text = corefile('"ab"\n')
    assert edited(text, [Edit(1, 1, "\n"), Edit(1, 1, '"'), Edit(1, 2, "")]) == corefile('"a\\n\\""\n')


def test_time_grows_with_the_size_and_not_faster() -> None:
    def seconds(count: int) -> float:
        text = corefile("|\n" + "    # a comment line\n" * count, rest="  z: 1\n")
        part = only(text)
        start = perf_counter()
        part.edits([Edit(at, at + 1, "!") for at in range(0, len(part.text), 1700)])
        return perf_counter() - start

    seconds(100)
    assert seconds(16_000) < 16 * max(seconds(4_000), 0.02)


LINES = [
    "",
    ".:53 {",
    "    errors",
    "}",
    "\ttab",
    "  forward . 1.1.1.1 # c",
    '# a: "b"',
    " ",
    "x\\y",
    "---",
    "trail  ",
    "é 😀",
    "k: v",
    "ab " * 30,
]
COREFILES = st.lists(st.sampled_from(LINES), max_size=6).map("\n".join) | st.text(alphabet=" \n\ta#:'\"\\-é{\r\x07", max_size=12)
SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    count = draw(st.integers(1, 3))
    at = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2 * count, max_size=2 * count)))
    return [Edit(at[2 * index], at[2 * index + 1], draw(COREFILES)) for index in range(count)]


class Corefile(str):
    """A text whose style the dumper is told."""

    __slots__ = ()


def dumped(text: str, style: str | None, width: int) -> str:
    class Dumper(yaml.SafeDumper):  # type: ignore[misc]
        pass

    Dumper.add_representer(Corefile, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style=style))
    data = {**AROUND, "data": {"A": "1", "Corefile": Corefile(text), "Z": "2"}}
    return str(yaml.dump(data, Dumper=Dumper, width=width, allow_unicode=True))


@SLOW
@given(COREFILES, st.sampled_from(["|", ">", '"', "'", None]), st.sampled_from([20, 80, 9999]), st.booleans(), st.data())
def test_any_edit_in_any_style_reads_back_and_changes_nothing_else(
    text: str, style: str, width: int, crlf: bool, data: st.DataObject
) -> None:
    raw = dumped(text, style, width).replace("\n", "\r\n" if crlf else "\n")
    part = only(raw)
    # What was written, not what was meant: PyYAML folds a text with blanks in front at places where folding changes it.
    assert part.text == yaml.safe_load(raw)["data"]["Corefile"]
    after = edited(raw, data.draw(edits_of(part.text)))
    assert yaml.safe_load(after) == {**AROUND, "data": {"A": "1", "Corefile": only(after).text, "Z": "2"}}


@SLOW
@given(COREFILES, st.booleans(), st.sampled_from([None, 2, "\t"]), st.data())
def test_edited_json_stays_json(text: str, ascii_only: bool, indent: int | str | None, data: st.DataObject) -> None:
    raw = json.dumps({**AROUND, "data": {"Corefile": text}}, ensure_ascii=ascii_only, indent=indent)
    assert only(raw).text == text
    after = edited(raw, data.draw(edits_of(text)))
    assert json.loads(after) == {**AROUND, "data": {"Corefile": only(after).text}}


ROWS = ["", "  ", "      ", "    a", "    b c", "      e", "    \tf", "    # x ", "    z  "]


@SLOW
@given(st.lists(st.sampled_from(ROWS), max_size=7), st.sampled_from("|>"), st.sampled_from(["", "-", "+", "2", "1-", "+2"]), st.data())
def test_any_block_scalar_keeps_the_lines_that_an_edit_does_not_touch(
    rows: list[str], style: str, indicators: str, data: st.DataObject
) -> None:
    rest = data.draw(st.sampled_from(["", "  z: 1\n", "---\nkind: ConfigMap\ndata: {Corefile: abc}\n", "# end\n", "...\n"]))
    raw = corefile(f"{style}{indicators}\n" + "\n".join(rows) + data.draw(st.sampled_from(["", "\n"] if not rest else ["\n"])), rest=rest)
    try:
        part, *others = parts(raw, "x.yaml")
    except ManifestError:
        assume(False)
    edits = data.draw(edits_of(part.text))
    after = apply(raw, part.edits(edits))
    assert [each.text for each in parts(after, "x.yaml")] == [apply(part.text, edits), *(each.text for each in others)]
    assert after.endswith(rest)


ODD = st.text(alphabet=st.sampled_from(list("abk: \n\t-|>'\"#&*{}[],!%?\\01+~<\x07\x85\u2028\ufeff\udc80\r")), max_size=40)


@SLOW
@given(ODD, st.sampled_from(["Corefile {}", "kind: ConfigMap\ndata:\n  Corefile: {}", "kind: ConfigMap\ndata: {}\n  Corefile: x"]))
def test_any_other_text_is_read_or_refused_in_our_own_words(text: str, where: str) -> None:
    try:
        for part in parts(where.replace("{}", text), "x.yaml"):
            part.edits([Edit(0, 0, "#")])
    except ManifestError as error:
        refused = str(error)
    else:
        refused = "x.yaml:"
    assert refused.startswith("x.yaml:")
