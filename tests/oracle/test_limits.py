"""Size and depth: what CoreDNS's parser takes, remedy takes, without a stack that grows with the text; and the limits of imports."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from remedy.corefile import files as corefiles
from remedy.corefile.parse import parse
from tests.oracle.agree import disagreements
from tests.oracle.ask import Case
from tests.oracle.generate import ENVIRONMENT, cases

DEEP = 10_000
MIB = 1 << 20


def test_braces_ten_thousand_deep() -> None:
    nested = b". {\nplugin " + b"a {\n" * DEEP + b"}\n" * DEEP + b"}\n"
    lines = b". {\nplugin " + b"{\n" * DEEP + b"}\n" * DEEP + b"}\n"
    assert not disagreements([Case(nested), Case(lines), Case(nested[:-DEEP]), Case(b"{\n" * DEEP), Case(b"} " * DEEP)])


def test_words_of_a_mebibyte() -> None:
    words = [
        b"a" * MIB,
        b'"' + b"a b\n" * (MIB // 4) + b'"',
        b'"' + b'\\"' * (MIB // 2) + b'"',
        b'"' + b"\\" * MIB,
        b"\xff" * MIB,
        b"\r" * MIB + b"x",
    ]
    words += [b"#" * MIB, b"a#" + b"#" * MIB, b"{$" * (MIB // 2), b"{$}" * (MIB // 3), b"a," * (MIB // 2), b'""' * (MIB // 2), b" " * MIB]
    assert not disagreements(Case(b". {\n  log " + word + b" x\n}\n") for word in words)
    assert not disagreements(Case(word + b" {\n}\n") for word in words[:4])


def test_a_hundred_thousand_short_lines() -> None:
    assert not disagreements([Case(b". {\n" + b"log a b\n" * 100_000 + b"}\n"), Case(b"a {\n}\n" * 100_000)])


def test_ten_thousand_snippets_are_put_in_and_one_more_is_refused() -> None:
    text = b"(s) {\n  log\n}\na {\n" + b"import s\n" * 10_000 + b"%s}\n"
    assert not disagreements([Case(text % b""), Case(text % b"import s\n")])
    mutual = b"(b) {\n import {$A}\n}\n(a) {\n import b\n}\nx {\n import a\n}\n"
    assert not disagreements([Case(mutual, environment={"A": "a"})])


def test_a_hundred_thousand_files_are_read_and_one_more_is_refused() -> None:
    circle = Case(b"import a\n", {"a": b"import b\n", "b": b"import a\n"})
    enough = Case(b"import c\n" * 250, {"c": b"import d\n" * 399, "d": b""})  # 250 + 250 * 399
    assert not disagreements([circle, enough, enough._replace(text=enough.text + b"import d\n")])


def test_a_file_that_closes_and_opens_blocks_may_come_ten_thousand_times() -> None:
    assert not disagreements([Case(b"a {\n" + b"import b\n" * 10_000 + b"}\n", {"b": b"log {\n x\n}\n}\nb {\n"})])


@pytest.mark.parametrize("seed", range(4))
def test_texts_at_hand_are_read_like_the_same_files_on_disk(seed: int) -> None:
    """The keys of a ConfigMap, mounted as files."""
    for case in cases(seed, 100):
        text = case.text.decode("utf-8", "surrogateescape")
        folder = f"/nowhere/{seed}"
        contents = {f"{folder}/{name}": content.decode("utf-8", "surrogateescape") for name, content in case.files.items()}
        found = disagreements([case._replace(environment=ENVIRONMENT)])
        assert not found
        outcomes = [_outcome(text, f"{folder}/Corefile", files) for files in (contents, corefiles.texts(contents))]
        assert outcomes[0] == outcomes[1]


def _outcome(text: str, path: str, files: object) -> object:
    try:
        return parse(text, path=path, files=files, environment=ENVIRONMENT)  # type: ignore[arg-type]
    except ValueError:
        raise
    except Exception as error:
        return str(error)


ODD = [
    b'"',
    b"\\",
    b"#",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"{",
    b"}",
    b",",
    b"(",
    b")",
    b"a",
    b"import",
    b"import",
    b"{$A}",
    b"{%",
    b"%}",
    b"{$",
    b"\xff",
    b"\0",
]
ODD += [
    "\u0085 \u00a0 \u2028 \u2003 \u200b \ufeff \x1c \x0b \x0c é 😀".encode(),
    *(char.encode() for char in "\u0085\u00a0\u2028\u3000\u200b\ufeff\x1c\x0b\x0c"),
]


@pytest.mark.parametrize("seed", range(5))
def test_any_bytes_are_cut_and_read_alike(seed: int) -> None:
    """Each word's span, unquoted by other means, is the oracle's word; between the words is white space and comments only."""
    dice = random.Random(seed)
    noise = [b"".join(dice.choices(ODD, k=dice.randrange(60))) for _ in range(600)]
    noise += [dice.randbytes(dice.randrange(80)) for _ in range(400)]
    assert not disagreements(Case(text, environment={"A": "{"}) for text in noise)


def test_every_character_of_the_basic_plane_separates_words_or_does_not_as_in_go() -> None:
    lines = [f"a{chr(code)}b" for code in range(0x10000) if not 0xD800 <= code < 0xE000 and chr(code) not in '"#']
    assert not disagreements([Case("\n".join(lines).encode())])


def test_links_that_lead_nowhere_are_refused_alike(tmp_path: Path) -> None:
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c").write_text("c {\n}\n")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    names = ["nowhere", "circle", "link", "link/c", "*/c", "n*", "c*", "folder/../link/c", "link/", "nowhere/x", "a\0b", "x" * 300]
    assert not disagreements(Case(f"import {name}\n".encode(), folder=str(tmp_path)) for name in names)
