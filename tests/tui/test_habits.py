"""What hands expect of a terminal: keys that are listed and searched, filters, copies, colours that are never the only sign, any size."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.color import ColorType
from textual.command import CommandPalette

from remedy.cluster.embedded import INCIDENT
from tests.command import REPOSITORY
from tests.tui.sitting import ENVIRONMENT, Sitting, sit, sitting
from tui import actions
from tui.given import Given
from tui.paint import ASCII, PALETTES, UNICODE, Signs
from tui.screens.findings import FindingsScreen
from tui.screens.page import Page

pytestmark = pytest.mark.usefixtures("state")
DEMO = Given(demo=True)
MANY = "".join(
    f"zone{number}.example:53 {{\n    template IN AAAA zone{number}.example {{\n        rcode NXDOMAIN\n    }}\n    erratic\n}}\n"
    for number in range(6)
)


@pytest.fixture
def many(tmp_path: Path) -> Given:
    """A Corefile with findings of several kinds."""
    (tmp_path / "Corefile").write_text(MANY + INCIDENT)
    return Given(targets=(str(tmp_path / "Corefile"),))


def clipboard(here: Sitting) -> str:
    return here.app.clipboard


def colours(here: Sitting) -> set[ColorType]:
    """The kinds of colours on the screen; the terminal's own ground and text are none."""
    styles = [segment.style for strip in here.app.screen._compositor.render_strips() for segment in strip if segment.style]
    found = [colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None]
    return {colour.type for colour in found} - {ColorType.DEFAULT}


def test_every_key_of_the_screen_is_listed_with_its_command_or_why_it_is_not_possible() -> None:
    async def story() -> None:
        async with sitting(DEMO, size=(120, 70)) as here:
            await here.press("question_mark")
            for action in actions.of("findings"):
                assert action.label in here.text, action.name
            assert "remedy diff --demo" in here.text
            await here.press("escape")
            assert isinstance(here.app.screen, FindingsScreen)

    sit(story)


def test_keys_are_found_by_their_words_and_by_the_key_itself() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("question_mark", "slash")
            await here.type("clipboard")
            assert "copy diff" in here.text
            assert "theme" not in here.text
            await here.press("escape", "slash")
            await here.type("t")
            assert "theme" in here.text

    sit(story)


def test_the_palette_reaches_every_action_by_its_name() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("ctrl+p")
            assert isinstance(here.app.screen, CommandPalette)
            await here.type("take/leave")
            await here.pilot.pause(0.5)
            await here.press("enter")
            await here.until(lambda: isinstance(here.app.screen, FindingsScreen) and "[ ]" in here.text)

    sit(story)


def test_a_filter_keeps_the_findings_that_hold_the_words(many: Given) -> None:
    async def story() -> None:
        async with sitting(many, size=(120, 40)) as here:
            session = here.app.session
            assert session is not None
            every = len(session.rows)
            await here.press("slash")
            await here.type("ZONE3")
            assert f"of {every} findings" in here.text
            assert "zone3.example:53" in here.text
            await here.press("enter", "n", "n", "N")
            await here.press("slash", *"!!")
            assert "no finding holds" in here.text
            await here.press("escape")
            assert "findings: " in here.text

    sit(story)


def test_the_diff_and_the_command_go_to_the_clipboard_of_the_terminal() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("y")
            assert clipboard(here).startswith("--- a/kube-system/coredns/Corefile\n+++ b/")
            assert "copied the diff" in here.text
            await here.press("Y")
            assert clipboard(here) == "remedy scan --demo"
            await here.press("enter", "s", "Y")
            assert clipboard(here) == "remedy diff --style explicit --demo"

    sit(story)


def test_the_review_is_exported_as_markdown_and_html(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("e")
            assert "written: remedy-review-" in here.words
        markdown, html = (next(tmp_path.glob(f"remedy-review-*.{suffix}")) for suffix in ("md", "html"))
        assert "rcode NXDOMAIN" in markdown.read_text()
        assert "<script" not in html.read_text()

    sit(story)


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            await here.press("y")
            assert here.app.session is not None
            (tmp_path / f"remedy-review-{here.app.session.pending.fingerprint[:8]}.md").mkdir()
            monkeypatch.chdir(tmp_path)
            await here.press("e")
            assert "the review cannot be written" in here.words
            await here.press("escape")
            assert isinstance(here.app.screen, FindingsScreen)

    sit(story)


def test_what_is_not_possible_says_why(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(".:53 {\n    forward . /etc/resolv.conf\n    reload\n}\n")

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),))) as here:
            for key, why in (("enter", "there is no finding"), ("c", "these are files"), ("n", "nothing is searched for")):
                await here.press(key)
                assert f"not possible: {why}" in here.words, key

    sit(story)


def test_a_read_only_sitting_says_so_and_writes_nothing() -> None:
    async def story() -> None:
        async with sitting(DEMO._replace(read_only=True)) as here:
            assert "demo, read-only" in here.text
            await here.press("enter", "p")
            assert "not possible: this sitting is read-only (--read-only)" in here.words
            assert "(p apply)" in here.text

    sit(story)


def test_a_folder_is_searched_and_what_cannot_be_read_in_it_is_listed_and_counted(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(INCIDENT)
    (tmp_path / "Corefile.broken").write_text(".:53 {\n    forward . /etc/resolv.conf\n")

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path),)), size=(120, 40)) as here:
            assert "! AAAA001" in here.text
            assert "? not looked at" in here.text
            await here.press("enter", "p")
            assert "an apply is of all of them or of none" in here.words
            assert f"! AAAA001 {tmp_path}/Corefile line" in here.text
            await here.press("escape", "space", "a")
            assert "answers today" in here.text
            assert "passed by model" in here.text

    sit(story)


def test_without_colours_the_same_words_and_signs_are_there() -> None:
    async def story() -> None:
        seen = []
        for environment in (ENVIRONMENT, {**ENVIRONMENT, "NO_COLOR": "1"}, {**ENVIRONMENT, "COLORFGBG": "0;15"}):
            async with sitting(DEMO, environment=environment) as here:
                await here.until(lambda: "owner: none found" in here.text)
                await here.press("enter")
                seen.append(here.text)
                if "NO_COLOR" in environment:
                    assert colours(here) == set()
        assert seen[0] == seen[1] == seen[2]

    sit(story)


def test_the_terminals_own_sixteen_colours_are_used_where_it_has_no_more() -> None:
    async def story() -> None:
        async with sitting(DEMO) as here:
            seen = set()
            for _ in range(3):
                await here.press("t")
                seen.add(here.app.palette)
                if here.app.palette == "ansi":
                    assert colours(here) <= {ColorType.STANDARD}
                    await here.press("colon")
                    await here.until(lambda: "what every client gets" in here.text)
                    assert colours(here) <= {ColorType.STANDARD}
                    await here.press("escape")
            assert seen == {"dark", "light", "ansi"}

    sit(story)


def test_every_palette_has_a_look_for_every_role_but_for_those_that_need_none() -> None:
    roles = set(PALETTES["dark"])
    assert roles == set(PALETTES["light"]) == set(PALETTES["ansi"])
    assert set(PALETTES["none"]) <= roles


def test_a_terminal_with_ascii_alone_gets_ascii_alone() -> None:
    async def story() -> None:
        async with sitting(DEMO, environment={"LANG": "C", "TERM": "vt100"}) as here:
            assert here.text.isascii(), here.text
            for keys in ("enter", "d", "question_mark"):
                await here.press(keys)
                assert here.text.isascii(), here.text
            await here.press("escape", "colon")
            await here.until(lambda: "what every client gets" in here.text)
            assert here.text.isascii(), here.text

    sit(story)


@pytest.mark.parametrize(
    ("given", "signs"),
    [({}, ASCII), ({"LANG": "C"}, ASCII), ({"LC_ALL": "POSIX"}, ASCII), ({"LC_CTYPE": "C.UTF-8"}, UNICODE), ({"LANG": "C.UTF-8"}, UNICODE)],
)
def test_the_locale_that_counts_is_the_one_of_the_terminal_and_not_what_python_makes_of_it(given: dict[str, str], signs: Signs) -> None:
    words = "from tui import paint; print(ascii(paint.signs(paint.environment()).ok), end='')"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", **given}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ascii(signs.ok)


@pytest.mark.parametrize("size", [(20, 8), (40, 12), (60, 20), (80, 24), (120, 40), (300, 80)], ids=str)
def test_every_size_shows_what_matters_first(size: tuple[int, int]) -> None:
    async def story() -> None:
        async with sitting(DEMO, size=size) as here:
            assert "remedy" in here.text
            assert max(map(len, here.text.splitlines())) <= size[0]
            if size[0] >= 40:
                assert "! AAAA001" in here.text
            for key in ("enter", "d", "escape", "question_mark", "escape"):
                await here.press(key)
                assert len(here.text.splitlines()) == size[1]

    sit(story)


def test_a_window_that_changes_its_size_shows_the_same_anew() -> None:
    async def story() -> None:
        async with sitting(DEMO, size=(120, 40)) as here:
            await here.press("enter")
            for width, height in ((60, 20), (200, 50), (80, 24)):
                await here.pilot.resize_terminal(width, height)
                await here.pilot.pause()
                assert max(map(len, here.text.splitlines())) <= width
                assert "template IN AAAA ." in here.text
            assert isinstance(here.app.screen, Page)

    sit(story)


def test_what_a_corefile_hides_from_people_stays_hidden_and_escapes_are_spelled_out(tmp_path: Path) -> None:
    secret = "    etcd {\n        credentials user hunter2\n    }\n    # \x1b[31mred\x07\n"
    text = f".:53 {{\n{secret}    template ANY AAAA {{\n        rcode NXDOMAIN\n    }}\n}}\n"
    (tmp_path / "Corefile").write_text(text)

    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "Corefile"),)), size=(120, 40)) as here:
            assert "credentials user ****" in here.text
            assert "\\x1b[31mred\\x07" in here.text
            await here.press("enter")
            assert "hunter2" not in here.text
            assert "\x1b[31m" not in here.text

    sit(story)
