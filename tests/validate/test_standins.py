"""Which edits make a Corefile runnable here, and that places in the text that runs lead back to the user's own."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.errors import UnavailableError
from remedy.validate.confined import beyond
from remedy.validate.stage import Machine, Runnable
from remedy.validate.standins import runnable
from tests.validate.sandboxed import FIXTURES, WORLD, text_of

COREFILES = sorted((FIXTURES / "rules").glob("*/before.Corefile"))


def made(text: str, version: tuple[int, ...] = (1, 15, 0)) -> Runnable:
    ports = itertools.count(20000)
    foreign = frozenset(plugin.name.text for _, plugin in parse(text).walk())
    return runnable(parse(text), Machine("/sandbox", 19999, "token", lambda: next(ports), version, WORLD, foreign))


@pytest.mark.parametrize("path", COREFILES, ids=lambda path: path.parent.name)
def test_every_word_that_stays_leads_back_to_where_it_stands_in_the_original(path: Path) -> None:
    text = text_of(path)
    run = made(text)
    kept = 0
    for token in lex(run.text).tokens:
        place = run.origin(token.start)
        original = next((each for each in lex(text).tokens if each.start == place), None)
        if original is not None and original.text == token.text and run.origin(token.end - 1) == original.end - 1:
            kept += 1
    replaced = [edit for edit in run.edits if edit.end > edit.start]
    untouched = [t for t in lex(text).tokens if not any(edit.start <= t.start < edit.end for edit in replaced)]
    assert kept >= len(untouched)


@pytest.mark.parametrize("path", COREFILES, ids=lambda path: path.parent.name)
def test_nothing_that_runs_names_an_address_beyond_loopback(path: Path) -> None:
    for block in parse(made(text_of(path)).text).blocks:
        assert [[word.text for word in bind.arguments] for bind in block.plugin("bind")] == [["127.0.0.1"]]
        for forward in block.plugin("forward"):
            assert [word.text for word in forward.arguments[1:]] == ["127.0.0.1:19999"]


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text("ab\n", min_size=1, max_size=40))
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    edits = [Edit(start, end, draw(st.text("XY\n", max_size=5))) for start, end in zip(places[::2], places[1::2], strict=False)]
    return text, edits


@given(edited())
def test_a_place_in_the_new_text_leads_to_the_same_letter_or_to_the_edit_that_brought_it(pair: tuple[str, list[Edit]]) -> None:
    text, edits = pair
    new = apply(text, edits)
    run = Runnable(new, tuple(edits), {}, (), {}, (), {}, {}, ())
    assert [run.origin(place) for place in range(len(new))] == sorted(run.origin(place) for place in range(len(new)))
    for place, letter in enumerate(new):
        origin = run.origin(place)
        assert text[origin : origin + 1] == letter if letter in "ab" else letter in "XY\n"
    assert run.origin(len(new)) == len(text) or any(edit.end == len(text) for edit in edits)


def test_an_older_coredns_whose_file_plugin_cannot_fall_through_leaves_those_names_unknown() -> None:
    text = ". {\n kubernetes cluster.local in-addr.arpa {\n  fallthrough\n }\n forward . 9.9.9.9\n}\n"
    assert made(text).blind == {}
    assert set(made(text, (1, 10, 1)).blind) == {"cluster.local.", "in-addr.arpa."}
    assert made(text.replace("fallthrough", "fallthrough in-addr.arpa"), (1, 10, 1)).blind == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("forward . 9.9.9.9", "forward . 9.9.9.9"),
        ("forward . 127.0.0.1:19999 9.9.9.9", "forward . 127.0.0.1:19999 9.9.9.9"),
        ("hosts /etc/hosts", "hosts /etc/hosts"),
        ("on startup reboot", "on startup reboot"),
        ("prometheus :9153", "prometheus :9153"),
        ("bind 0.0.0.0", "a server block without its bind"),
        ("import /etc/hosts", "import /etc/hosts"),
        ("netbox https://netbox.example", "netbox https://netbox.example"),
    ],
)
def test_a_text_that_would_reach_beyond_the_sandbox_is_found_before_it_runs(line: str, found: str) -> None:
    run = made(". {\n errors\n}\n")
    assert beyond(run, "/sandbox", 19999, frozenset()) == ()
    changed = run._replace(text=run.text.replace(" errors\n", f" errors\n {line}\n"))
    assert found in beyond(changed, "/sandbox", 19999, frozenset({"netbox"}))


def test_a_text_whose_imported_files_are_at_hand_is_not_run_without_them() -> None:
    tree = parse("import more\n", path="/etc/coredns/Corefile", files={"/etc/coredns/more": ". {\n whoami\n}\n"})
    with pytest.raises(UnavailableError, match="imports files"):
        runnable(tree, Machine("/sandbox", 19999, "token", lambda: 20000, (1, 15, 0), WORLD, frozenset()))
