"""The tables beside the grammar save time, and change nothing."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import lark
import pytest

from remedy.corefile import parse
from tests.command import REPOSITORY
from tests.corefile.tables import FOLDER

TEXTS = [path.read_text("utf-8", "surrogateescape") for path in sorted((REPOSITORY / "fixtures" / "corefiles").glob("*.Corefile"))]


@pytest.fixture
def afresh() -> Iterator[None]:
    parse.grammar.cache_clear()
    yield
    parse.grammar.cache_clear()


def test_the_tables_that_ship_are_of_this_grammar_and_this_lark() -> None:
    """If not: make grammar."""
    shipped = pickle.loads((FOLDER / parse.TABLES).read_bytes())
    assert shipped["of"] == (lark.__version__, (FOLDER / "grammar.lark").read_text("utf-8"))


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("made", ["of another grammar", "not at all"])
def test_without_them_every_tree_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: str) -> None:
    with_them = [repr(parse.parse(text)) for text in TEXTS]
    if made == "of another grammar":
        (tmp_path / "tables").write_bytes(pickle.dumps({"of": (lark.__version__, "start: WORD")}))
    monkeypatch.setattr(parse, "TABLES", str(tmp_path / "tables"))
    parse.grammar.cache_clear()
    assert [repr(parse.parse(text)) for text in TEXTS] == with_them
    assert len(TEXTS) > 1
