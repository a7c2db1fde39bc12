"""`python -m tests.tui`: writes docs/screens/ anew, a handful of pictures of real states; with `keys`, the keys of docs/terminal.md."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import pytest

from tests.command import REPOSITORY
from tests.tui import keys
from tests.tui.sitting import sit, sitting
from tests.tui.states import STATES, steady

FOLDER = REPOSITORY / "docs" / "screens"
PICTURES = ("findings", "change", "answers", "question", "applying", "history")
SIZE = (100, 30)
_FOREIGN = re.compile(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", re.DOTALL)


def picture(name: str) -> str:
    """The state as SVG, in the reader's own fonts."""
    given, go = STATES[name]
    found: list[str] = []

    async def story() -> None:
        async with sitting(given, size=SIZE) as here:
            await go(here)
            here.app._paint_by("dark")
            here.app.update()
            await here.idle()
            found.append(_FOREIGN.sub("", here.app.export_screenshot(title="remedy")))
            if here.app.under_way is not None:
                here.app.under_way.stop.set()
                here.app.under_way.wait()

    sit(story)
    return found[0]


def main() -> None:
    if sys.argv[1:] == ["keys"]:
        keys.PATH.write_text(keys.renewed(keys.PATH.read_text("utf-8")), "utf-8")
        return
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
            steady(monkeypatch, Path(folder))
            drawn = picture(name)
        (FOLDER / f"{name}.svg").write_text(drawn, "utf-8")
        print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    main()
