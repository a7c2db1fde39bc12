"""Names and texts that other people wrote are shown as words, whatever they hold, and nothing of them is cut without a sign."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.cluster.embedded import INCIDENT
from tests.tui.sitting import ENVIRONMENT, sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
LONG = "# " + "日本語" * 40 + " the end of wide characters"
FOREIGN = INCIDENT.replace("    ready\n", f"    ready\n\t# \x1b[31mred [/] [red]\n    {LONG}\n    # {'long ' * 60}the end of a long line\n")


@pytest.mark.parametrize("name", ["[red]x", "[", "a[/]b", "[@click=app.bell]x", "日本語", "e\x1b[31m", "a\tb\nc"])
def test_a_name_is_shown_as_it_is_whatever_a_library_or_a_terminal_would_make_of_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(INCIDENT)
    spelled = {"e\x1b[31m": "e\\x1b[31m", "a\tb\nc": "a    b\\nc"}.get(name, name)

    async def story() -> None:
        async with sitting(Given(targets=(name,)), size=(120, 24)) as here:
            assert spelled in here.text.splitlines()[0]
            assert f"─ {spelled} ─" in here.text
            for keys in ("enter", "d", "escape", "a", "escape", "question_mark"):
                await here.press(keys)
                lines = here.text.splitlines()
                assert len(lines) == 24
                assert not [each for each in lines if not each.isprintable()]

    sit(story)


def test_a_line_that_is_wider_than_its_pane_says_so_and_can_be_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(FOREIGN)

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),)), size=(80, 40)) as here:
            for keys in (("tab",), ("escape", "enter", "tab")):
                await here.press(*keys)
                cut = [each for each in here.text.splitlines() if "日本" in each or "long long" in each]
                assert len(cut) == 2
                assert all("…" in each for each in cut), here.text
                await here.press(*["right"] * 45)
                seen = here.text
                for _ in range(45):
                    await here.press("left")
                    seen += here.text
                assert "the end of a long line" in seen
                assert "the end of wide characters" in seen

    sit(story)


def test_both_texts_stay_beside_each_other_where_a_terminal_has_to_spell_them_out(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(FOREIGN)

    async def story() -> None:
        environment = ENVIRONMENT | {"LANG": "C"}
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),)), size=(80, 40), environment=environment) as here:
            await here.press("enter", "d")
            (line,) = (each for each in here.text.splitlines() if "\\u65e5" in each)
            left, right = line.split("|")
            assert left.rstrip().endswith("~")
            assert "\\u65e5" in right
            assert right.rstrip().endswith("~")

    sit(story)


def test_a_narrow_window_shows_the_way_back_whole(tmp_path: Path) -> None:
    async def story() -> None:
        async with sitting(Given(demo=True, settle=0.0, validate="model"), size=(40, 24)) as here:
            await here.press("enter", "p", "y")
            await here.until(lambda: "how it ended" in here.text)
            (record,) = here.app.session.written if here.app.session else ()
            assert f"remedy rollback {record.id}" in here.words
            await here.press("h")
            await here.until(lambda: "AAAA" in here.text or "undo it" in here.text)
            assert record.id in here.words
            assert f"✓ {record.when[:10]}" in here.text

    sit(story)
