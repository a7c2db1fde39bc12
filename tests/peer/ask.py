"""Put Corefiles to the peer: a Go program of this folder, built once and kept outside the checkout.

The library can die of a Corefile; its panic is an answer like any other. Some of its answers differ from run to run, where it walks a Go
map.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tests.testbed.build import go_program

VERSION = "1.0.36"  # the newest on 2026-11-23; it knows CoreDNS 1.1.3 to 1.15.0
_MODULE = Path(__file__).parent / "migration"

Op = Literal["migrate", "eager", "down", "deprecated", "unsupported", "default", "versions"]


class Question(NamedTuple):
    """`source` and `target` are releases of CoreDNS; for `default` the source is one of Kubernetes, or empty."""

    op: Op
    source: str = ""
    target: str = ""
    text: str = ""


class Notice(NamedTuple):
    """What the library says about a plugin, or one of its options, in a release."""

    version: str
    severity: str
    plugin: str
    option: str
    replaced_by: str


class Answer(NamedTuple):
    """`error` is the library's refusal, `panic` what it died of; then nothing else is set."""

    text: str
    notices: tuple[Notice, ...] = ()
    yes: bool = False
    words: tuple[str, ...] = ()
    error: str = ""
    panic: str = ""


def ask(questions: Iterable[Question]) -> list[Answer]:
    """The peer's answers, in order."""
    lines = [
        json.dumps({"Op": op, "From": source, "To": target, "Text": base64.b64encode(_bytes(text)).decode()})
        for op, source, target, text in questions
    ]
    done = subprocess.run([str(program())], input="".join(f"{line}\n" for line in lines).encode(), capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    answers = [_answer(json.loads(line)) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


@cache
def program() -> Path:
    return go_program(_MODULE, "peer", VERSION)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _answer(data: dict[str, Any]) -> Answer:
    notices = tuple(
        Notice(each["Version"], each["Severity"], each["Plugin"], each["Option"], each["ReplacedBy"]) for each in data["notices"] or ()
    )
    text = base64.b64decode(data["text"] or "").decode("utf-8", "surrogateescape")
    return Answer(text, notices, data["yes"], tuple(data["words"] or ()), data["error"], data["panic"])
