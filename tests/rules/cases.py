"""The fixtures of the rules: fixtures/rules/CODE-slug/, a shape each, with what is expected of it in about.toml.

`before.Corefile` is the shape; `after.Corefile` what the proposed fix makes of it, `after.NAME.Corefile` what another one does
(`explicit`, `minimal`: that style); `better.Corefile` what a person would write where there is no fix; `careless.Corefile` what a tool
would that only looks for words. The keys of about.toml: `source` where the shape comes from; `clean` nothing is wrong; `safety` of the
proposed fix: safe, unsafe, or none; `version` that it runs on, `to` the release it is moved to, `eager`, `defaults`; `run` the release
that proves it; `search` domains; `soa`; `raw`: it is run as it is written; `behind`: a forward is put into the first server block when it
is run; `world` names that exist; `not_run` why it is not run; `also` answers that the repair changes beside; `loses` the lookups that a
fix loses and is taken for safe all the same; `changes` what the careless rewrite changes, or `unchanged` why it changes nothing.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from remedy import engine
from remedy.engine import Finding, Repair
from remedy.rules import Choices, Style
from remedy.sources.document import Document, Target, WholePart
from rewrite_rules import RULES

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
KEYS = {
    "source",
    "clean",
    "safety",
    "version",
    "to",
    "eager",
    "defaults",
    "run",
    "search",
    "soa",
    "raw",
    "world",
    "not_run",
    "changes",
    "unchanged",
    "also",
    "behind",
    "loses",
}


class Case(NamedTuple):
    """A fixture by the name of its folder, and about.toml."""

    name: str
    about: dict[str, Any]

    @property
    def code(self) -> str:
        return self.name.partition("-")[0]

    @property
    def clean(self) -> bool:
        return bool(self.about["clean"])

    @property
    def safety(self) -> str:
        return str(self.about.get("safety", "none"))

    def has(self, variant: str) -> bool:
        return (FOLDER / self.name / f"{variant}.Corefile").exists()

    def read(self, variant: str = "before") -> str:
        return (FOLDER / self.name / f"{variant}.Corefile").read_bytes().decode("utf-8", "surrogateescape")

    def choices(self, style: Style = "documented", chosen: str = "") -> Choices:
        picked = {self.code: chosen} if chosen else {}
        about = self.about
        how = Choices(style, bool(about.get("soa")), about.get("version"), tuple(about.get("search", ())), picked)
        return how._replace(to=about.get("to"), eager=bool(about.get("eager")), defaults=bool(about.get("defaults")))

    def scan(self, text: str | None = None, style: Style = "documented") -> list[Finding]:
        return engine.scan(document(self.read() if text is None else text), RULES, self.choices(style))

    def repair(self, text: str | None = None, style: Style = "documented", *, unsafe: bool = True, chosen: str = "") -> Repair:
        return engine.repair(document(self.read() if text is None else text), RULES, self.choices(style, chosen), unsafe=unsafe)

    @property
    def alternatives(self) -> list[str]:
        """The names of the further fixes whose results are written down."""
        found = (path.name.split(".") for path in sorted((FOLDER / self.name).glob("after.*.Corefile")))
        return [name for _, name, _ in found if name not in ("explicit", "minimal")]


def document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))


@cache
def cases() -> tuple[Case, ...]:
    return tuple(Case(path.parent.name, tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*/about.toml")))


def about_answers() -> tuple[Case, ...]:
    """Those that are about what one release answers; the others are steps from one release to another."""
    return tuple(case for case in cases() if not case.code.startswith("MIG"))


def bad(findings: list[Finding]) -> list[Finding]:
    """Those that are more than a remark."""
    return [finding for finding in findings if finding.severity != "info"]
