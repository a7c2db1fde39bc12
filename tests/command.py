"""Run the command as its users do: a process of its own, a state folder of its own, nothing inherited but the path."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Done:
    """What a run of the command left: exit code, data and talk."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Command:
    """The command in a folder, with a state folder; `environment` is added to it.

    `validate` is who judges an apply that does not name a prover: a canary for each would take most of the time of the cluster's tests.
    """

    state: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    validate: str = ""

    def argv(self, *words: str) -> list[str]:
        judge = ["--validate", self.validate] if self.validate and words[:1] == ("apply",) and "--validate" not in words else []
        return [sys.executable, "-m", "remedy.cli", *words, *judge]

    @property
    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL")}
        return {**kept, "PYTHONPATH": str(REPOSITORY), "XDG_STATE_HOME": str(self.state), **self.environment}

    def __call__(self, *words: str, stdin: bytes = b"", timeout: float = 300) -> Done:
        done = subprocess.run(self.argv(*words), env=self.variables, cwd=self.folder, input=stdin, capture_output=True, timeout=timeout)
        return Done(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape"))
