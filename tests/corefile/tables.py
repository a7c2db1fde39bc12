"""`python -m tests.corefile.tables`: writes the tables of the grammar that lie beside it, so that no run has to make them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from remedy.corefile import parse

FOLDER = Path(parse.__file__).parent


def made() -> dict[str, Any]:
    """What is to lie there: the tables, and the lark and the grammar that they are of."""
    text = (FOLDER / "grammar.lark").read_text(encoding="utf-8")
    built = lark.Lark(text, parser="lalr", lexer=parse._None, start="corefile")
    data, memo = built.memo_serialize([TerminalDef, Rule])
    data["options"].pop("transformer", None)
    return {"of": (lark.__version__, text), "data": data, "memo": memo}


if __name__ == "__main__":
    (FOLDER / parse.TABLES).write_bytes(pickle.dumps(made(), protocol=4))
