"""`python -m tests.releases.tables`: writes what releases.toml says beside it, so that no run has to read TOML."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path
from typing import Any

from remedy import releases

FOLDER = Path(releases.__file__).parent


def made() -> dict[str, Any]:
    """What is to lie there: the data, and the text that it is of."""
    text = (FOLDER / "releases.toml").read_bytes()
    return {"of": text, "data": tomllib.loads(text.decode())}


if __name__ == "__main__":
    (FOLDER / releases.TABLES).write_bytes(pickle.dumps(made(), protocol=4))
