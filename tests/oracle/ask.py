"""Put Corefiles to CoreDNS's own parser: a Go program of this folder, built once and kept outside the checkout.

A case's files are written to a folder of its own, and both sides are told its absolute path: it is part of messages, tokens and hash.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.testbed.build import go_program

CADDY = "1.1.4"  # what CoreDNS 1.15.0 is built with
_MODULE = Path(__file__).parent / "caddyfile"

Block = tuple[list[str], dict[str, list[tuple[str, int, str]]]]


class Case(NamedTuple):
    """A Corefile and what it is read with; `files` are other files of its folder, `plugins` those of the build (None: any word)."""

    text: bytes
    files: Mapping[str, bytes] = {}
    environment: Mapping[str, str] = {}
    plugins: Sequence[str] | None = None
    folder: str = ""  # where it stands; a new folder if empty


class Answer(NamedTuple):
    """What a parser made of it; `blocks` holds keys, and by plugin its words with file and line. An error leaves nothing but tokens."""

    tokens: list[tuple[int, str]]
    blocks: list[Block]
    error: str
    sha512: str
    md5: str


def ask(cases: Iterable[Case]) -> list[Answer]:
    """The answers of CoreDNS's parser, in order."""
    questions = [
        {
            "Path": f"{case.folder}/Corefile",
            "Text": base64.b64encode(case.text).decode(),
            "Environment": dict(case.environment),
            "Directives": case.plugins,
        }
        for case in cases
    ]
    lines = "".join(json.dumps(question) + "\n" for question in questions).encode()
    done = subprocess.run([str(program())], input=lines, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    answers = [_answer(json.loads(line)) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


@cache
def program() -> Path:
    return go_program(_MODULE, "oracle", CADDY)


@contextmanager
def placed(cases: Iterable[Case]) -> Any:
    """The cases, each with its files in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as root:
        yield [_place(case, Path(root, str(number))) for number, case in enumerate(cases)]


def _place(case: Case, folder: Path) -> Case:
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return case if case.folder else case._replace(folder=str(folder))


def _answer(data: dict[str, Any]) -> Answer:
    blocks = [
        (
            block["Keys"],
            {name: [(token["File"], token["Line"], token["Text"]) for token in words] for name, words in block["Tokens"].items()},
        )
        for block in data["blocks"] or []
    ]
    return Answer([(token["line"], token["text"]) for token in data["tokens"] or []], blocks, data["error"], data["sha512"], data["md5"])
