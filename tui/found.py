"""What was found at one look: where it was, what is wrong, what could not be looked at, what stands before a write."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

from remedy.cluster.preflight import Check
from remedy.corefile.lexer import line_and_column
from remedy.errors import ParseError, RemedyError
from remedy.finding import Finding
from remedy.mask import visible
from remedy.plan import Plan
from remedy.service import Scanned
from remedy.sources.document import Document, Target
from remedy.sources.reading import read


class Place(NamedTuple):
    """Where this sitting is, for the line at the top. `replicas` is "" where nobody counted them."""

    context: str
    name: str
    version: str
    replicas: str
    mode: str


class Row(NamedTuple):
    """A finding, and the target that it is in."""

    target: Target
    finding: Finding
    block: str = ""


class Remark(NamedTuple):
    """What could not be looked at, or with `trusted` what was taken on trust, and what to do about it."""

    words: str
    hint: str = ""
    trusted: bool = False


class Checked(NamedTuple):
    """What an operator should know before a plan is written: who else writes there, what is left out, what to look out for.

    `plan` is what remains, and would be written; `stopped` why nothing can be.
    """

    plan: Plan
    owners: str
    advice: str
    refused: tuple[RemedyError, ...]
    warnings: tuple[Check, ...]
    stopped: RemedyError | None = None


def refusal(error: RemedyError) -> str:
    """An error in a sentence, with its place."""
    return f"{error.path}:{error.line}:{error.column}: {error}" if isinstance(error, ParseError) else str(error)


def _blocks(document: Document) -> dict[int, str]:
    """Where each server block begins, by line of the Document, and its keys."""
    found: dict[int, str] = {}
    with contextlib.suppress(RemedyError):
        for part in document.parts:
            for block in read(part.text, part.around).blocks:
                if not block.keys[0].file:
                    line, _ = line_and_column(document.text, part.locate(block.keys[0].start))
                    found[line] = visible(" ".join(key.text.rstrip(",") for key in block.keys))
    return found


def _block(blocks: dict[int, str], line: int) -> str:
    above = [start for start in blocks if start <= line]
    return blocks[max(above)] if above else ""


def rows_of(document: Document, scanned: Scanned) -> list[Row]:
    """The findings of a Document, each with the server block that it is in."""
    blocks = _blocks(document) if scanned.findings else {}
    return [Row(document.target, each, _block(blocks, each.line)) for each in scanned.findings]
