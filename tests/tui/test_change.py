"""The second screen: exactly what would be written, and the choices of how."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.command import REPOSITORY, Command
from tests.tui.sitting import Sitting, sit, sitting
from tui.given import Given
from tui.screens.change import ChangeScreen

pytestmark = pytest.mark.usefixtures("state")
TWO = """\
.:53 {
    template ANY AAAA {
        rcode NXDOMAIN
    }
    forward . /etc/resolv.conf
}
example.org:53 {
    template ANY AAAA example.org {
        rcode NXDOMAIN
    }
    forward . /etc/resolv.conf
}
"""


@pytest.fixture
def corefile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two server blocks, each with the incident in it; the folder is the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "Corefile"
    path.write_text(TWO)
    return path


def planned(here: Sitting) -> str:
    """The diff that the sitting would write."""
    assert here.app.session is not None
    return "".join(change.diff for change in here.app.session.pending.changes)


def told(here: Sitting) -> str:
    """What the command line prints that the screen says does the same."""
    assert here.app.session is not None
    folder = Path.cwd()
    return Command(folder / "other-state", folder)(*shlex.split(here.app.session.command("diff"))[1:]).out


def test_the_diff_is_the_one_that_the_command_line_prints(corefile: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=("Corefile",))) as here:
            await here.press("enter")
            assert "template IN AAAA ." in here.text
            assert planned(here) == told(here) != ""

    sit(story)


def test_every_choice_plans_anew_and_has_its_flag(corefile: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=("Corefile",)), size=(100, 40)) as here:
            await here.press("enter")
            seen = {planned(here)}
            for key in ("s", "s", "o", "u", "space", "s"):
                await here.press(key)
                assert planned(here) == told(here), key
                seen.add(planned(here))
            assert len(seen) >= 5

    sit(story)


def test_a_finding_that_is_left_stays_out_of_the_change_and_another_takes_its_turn(corefile: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=("Corefile",), unsafe=True), size=(100, 40)) as here:
            await here.press("space", "enter")
            assert "template IN AAAA example.org" in planned(here)
            assert "template IN AAAA ." not in planned(here)
            await here.press("down", "space")
            assert planned(here) == ""
            assert "every finding that has a fix is left" in here.text
            await here.press("up", "space")
            assert "template IN AAAA ." in planned(here)

    sit(story)


def test_every_other_way_to_fix_a_finding_can_be_chosen_and_behind_the_last_comes_the_first(corefile: Path) -> None:
    corefile.write_bytes((REPOSITORY / "fixtures/rules/AAAA001-cluster-zone/before.Corefile").read_bytes())

    async def story() -> None:
        async with sitting(Given(targets=("Corefile",), unsafe=True), size=(100, 40)) as here:
            await here.press("enter")
            seen = [planned(here)]
            for _ in range(3):
                await here.press("f")
                assert planned(here) == told(here)
                seen.append(planned(here))
            assert len(set(seen)) == 3
            assert seen[0] == seen[3] != ""

    sit(story)


def test_where_there_is_one_way_to_fix_a_finding_that_is_said(corefile: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=("Corefile",))) as here:
            await here.press("enter", "f")
            assert "not possible: there is one way to fix AAAA001" in here.words

    sit(story)


def test_side_by_side_shows_both_texts_with_signs_and_not_only_colours(corefile: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=("Corefile",), style="minimal"), size=(120, 40)) as here:
            await here.press("enter", "d")
            (pair,) = [each for each in here.text.splitlines() if "rcode NXDOMAIN" in each]
            assert pair.count("!") == 2
            assert "rcode NOERROR" in pair

    sit(story)


def test_a_search_goes_through_the_diff_and_says_how_far(corefile: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=("Corefile",), style="minimal", unsafe=True), size=(100, 40)) as here:
            await here.press("enter", "slash")
            await here.type("rcode")
            await here.press("enter", "n")
            assert "of 4 lines that hold: rcode" in here.text
            await here.press("N", "escape")
            assert isinstance(here.app.screen, ChangeScreen), "escape takes the words away first"
            await here.press("escape")
            assert not isinstance(here.app.screen, ChangeScreen)

    sit(story)


def test_a_fix_that_may_lose_a_lookup_is_taken_by_the_key_that_its_refusal_names(corefile: Path) -> None:
    corefile.write_bytes((REPOSITORY / "fixtures/rules/AAAA001-cluster-zone/before.Corefile").read_bytes())

    async def story() -> None:
        async with sitting(Given(targets=("Corefile",)), size=(80, 24)) as here:
            await here.press("space")
            assert "not possible: only u, on the change, takes a fix that may lose a lookup" in here.words
            await here.press("enter")
            assert planned(here) == ""
            await here.press("u")
            assert planned(here) == told(here) != ""

    sit(story)
