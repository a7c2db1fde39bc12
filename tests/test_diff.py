"""The diff that is shown is exactly the change that is written, and nothing more.

`patched` is a small patch of the tests' own, written from the format's description; git and patch are asked too.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.corefile.edit import Edit, apply
from remedy.diff import unified

FOLDER = Path(__file__).parents[1] / "fixtures" / "rules"
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")


def lines_of(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def patched(before: str, diff: str) -> str:
    """The text after the diff; AssertionError where the diff does not fit."""
    rows = lines_of(diff)
    assert rows[0].startswith("--- a/")
    assert rows[1].startswith("+++ b/")
    old, place, done = lines_of(before), 2, 0
    new: list[str] = []
    while place < len(rows):
        head = _HUNK.fullmatch(rows[place])
        assert head, rows[place]
        start, size, into, length = (1 if each is None else int(each) for each in head.groups())
        first = start - 1 if size else start
        assert first >= done, "hunks are out of order"
        new += old[done:first]
        assert len(new) == (into - 1 if length else into), "the new line number of a hunk is wrong"
        done, place, removed, added = first, place + 1, 0, 0
        while place < len(rows) and not _HUNK.fullmatch(rows[place]):
            sign, line = rows[place][0], rows[place][1:]
            place += 1
            assert sign in " -+"
            if place < len(rows) and rows[place].startswith("\\"):
                assert rows[place] == "\\ No newline at end of file\n"
                line, place = line.removesuffix("\n"), place + 1
            if sign in " -":
                assert old[done] == line
                done, removed = done + 1, removed + 1
            if sign in " +":
                new.append(line)
                added += 1
        assert (removed, added) == (size, length), "the sizes of a hunk are wrong"
    return "".join(new + old[done:])


def changed(diff: str) -> tuple[int, int]:
    """Lines removed and added."""
    rows = diff.split("\n")[2:]
    return sum(row.startswith("-") for row in rows), sum(row.startswith("+") for row in rows)


def context(diff: str) -> list[int]:
    """Unchanged lines in each hunk, those between its changes included."""
    return [sum(row.startswith(" ") for row in hunk.split("\n")[1:]) for hunk in diff.split("\n@@")[1:]]


def fixture(case: str, name: str) -> str:
    return (FOLDER / case / f"{name}.Corefile").read_bytes().decode("utf-8", "surrogateescape")


def test_the_incident_is_three_lines_out_and_one_in() -> None:
    before, after = fixture("AAAA001-incident", "before"), fixture("AAAA001-incident", "after")
    diff = unified(before, after, "coredns/Corefile")
    assert diff == (
        "--- a/coredns/Corefile\n"
        "+++ b/coredns/Corefile\n"
        "@@ -4,9 +4,7 @@\n"
        "        lameduck 5s\n"
        "     }\n"
        "     ready\n"
        "-    template ANY AAAA {\n"
        "-      rcode NXDOMAIN\n"
        "-    }\n"
        "+    template IN AAAA .\n"
        "     kubernetes cluster.local in-addr.arpa ip6.arpa {\n"
        "        pods insecure\n"
        "        fallthrough in-addr.arpa ip6.arpa\n"
    )


def test_no_change_is_no_diff() -> None:
    assert unified("a\n", "a\n", "Corefile") == ""
    assert unified("a\n", "a\n", "Corefile", [Edit(0, 1, "a")]) == ""


BLOCK = "{}.example {{\n    template ANY AAAA {{\n        rcode NXDOMAIN\n    }}\n    cache\n}}\n"


@pytest.mark.parametrize("place", range(20))
def test_one_changed_block_among_identical_ones_is_all_that_is_shown(place: int) -> None:
    before = BLOCK.format("x") * 20
    start = before.replace("NXDOMAIN", "........", place).index("NXDOMAIN")
    edits = [Edit(start, start + 8, "NOERROR")]
    diff = unified(before, apply(before, edits), "Corefile", edits)
    assert changed(diff) == (1, 1)
    assert len(diff.split("\n")) <= 2 + 1 + 3 + 2 + 3 + 1
    line = before.count("\n", 0, start)
    assert f"@@ -{max(line - 2, 1)}," in diff
    whole = [Edit(before.index("    template", start - 40), before.index("    cache", start), "    template IN AAAA\n")]
    assert changed(unified(before, apply(before, whole), "Corefile", whole)) == (3, 1)


def test_changes_that_are_close_share_a_hunk_and_others_do_not() -> None:
    text = "".join(f"{number}\n" for number in range(40))

    def hunks(*lines: int) -> list[int]:
        edits = [Edit(text.index(f"\n{line}\n") + 1, text.index(f"\n{line}\n") + 1, "+") for line in lines]
        return context(unified(text, apply(text, edits), "Corefile", edits))

    assert hunks(10, 17) == [12]
    assert hunks(10, 18) == [6, 6]
    assert hunks(1) == [4]


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a", "b", 2),
        ("a\n", "a", 1),
        ("a", "a\n", 1),
        ("a\nb", "c\nb", 1),
        ("a\nb\nc\nd\ne", "x\nb\nc\nd\ne", 0),
        ("", "a", 1),
        ("a", "", 1),
    ],
)
def test_a_missing_final_newline_is_marked_where_it_is_shown(before: str, after: str, marked: int) -> None:
    diff = unified(before, after, "Corefile")
    assert diff.count("\\ No newline at end of file\n") == marked
    assert patched(before, diff) == after


def test_an_absolute_path_is_one_that_patch_can_use() -> None:
    assert unified("a\n", "b\n", "/etc/coredns/Corefile").startswith("--- a/etc/coredns/Corefile\n+++ b/etc/coredns/Corefile\n")


def test_lines_end_at_line_feeds_only() -> None:
    before = "a\rb\x0b\x85\u2028c\x1c\nd\r\n"
    assert changed(unified(before, before.replace("d", "e"), "Corefile")) == (1, 1)
    assert patched(before, unified(before, before.replace("c", "C"), "Corefile")) == before.replace("c", "C")


TEXTS = st.lists(
    st.sampled_from(["a", "a", "b", "{", "}", "", "\r", " x\r", "\\", "+b", "-a", "@@ -1 +1 @@", "é\udce9", "\x0b\u2028"]), max_size=14
).flatmap(lambda lines: st.sampled_from(["\n".join(lines), "\n".join(lines) + "\n", "\n".join(lines) + "\n\n"]))


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(TEXTS)
    count = draw(st.integers(0, 4))
    at = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2 * count, max_size=2 * count)))
    new = draw(st.lists(TEXTS, min_size=count, max_size=count))
    return text, [Edit(at[2 * index], at[2 * index + 1], new[index]) for index in range(count)]


@settings(deadline=None, max_examples=1500)
@given(edited())
def test_applying_the_diff_of_any_edits_yields_exactly_the_text_after(case: tuple[str, list[Edit]]) -> None:
    before, edits = case
    after = apply(before, edits)
    diff = unified(before, after, "Corefile", edits)
    assert (diff == "") == (before == after)
    if diff:
        assert patched(before, diff) == after


@settings(deadline=None, max_examples=1000)
@given(TEXTS, TEXTS)
def test_applying_the_diff_of_any_two_texts_yields_exactly_the_text_after(before: str, after: str) -> None:
    diff = unified(before, after, "Corefile")
    assert (diff == "") == (before == after)
    if diff:
        assert patched(before, diff) == after


SAMPLES = [
    ("a\nb\nc\n", [Edit(2, 3, "B")]),
    ("a\nb", [Edit(3, 3, "\n")]),
    ("a\nb\n", [Edit(3, 4, "")]),
    ("a\r\nb\r\n", [Edit(3, 4, "x\r\ny")]),
    ("x\n" * 30, [Edit(0, 2, ""), Edit(30, 30, "y\n"), Edit(59, 60, "")]),
    ("\udce9\n\x85\u2028\n\t \n", [Edit(0, 0, "# \udcff\n")]),
    (".:53 {\n}\n" * 6, [Edit(18, 18, "log\n")]),
]


@pytest.mark.parametrize("tool", [["git", "apply", "-"], ["patch", "-p1", "--binary", "--quiet"]], ids=["git", "patch"])
@pytest.mark.parametrize("name", ["Corefile", "my Corefile", "sub folder/Corefile é"])
@pytest.mark.parametrize(("before", "edits"), SAMPLES)
def test_git_and_patch_write_the_same_bytes(tmp_path: Path, before: str, edits: list[Edit], name: str, tool: list[str]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before.encode("utf-8", "surrogateescape"))
    after = apply(before, edits)
    diff = unified(before, after, name, edits).encode("utf-8", "surrogateescape")
    alone = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = subprocess.run(tool, cwd=tmp_path, input=diff, capture_output=True, env=alone)
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == after.encode("utf-8", "surrogateescape")


def test_neighbouring_lines_go_out_together_before_others_come_in() -> None:
    before = "a\nb\nc\nd\n"
    edits = [Edit(0, 1, "A"), Edit(2, 3, "B"), Edit(4, 5, "C")]
    assert unified(before, apply(before, edits), "x", edits).split("@@\n")[1] == "-a\n-b\n-c\n+A\n+B\n+C\n d\n"
