"""The first screen: what is wrong, where and why, beside the source of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.sitting import sit, sitting
from tui.given import Given

pytestmark = pytest.mark.usefixtures("state")
COREFILE = ".:53 {\n    template ANY AAAA {\n      rcode NXDOMAIN\n    }\n    forward . /etc/resolv.conf\n}\n"


def test_the_incident_is_shown_with_its_place_its_cause_and_its_source() -> None:
    async def story() -> None:
        async with sitting(Given(demo=True)) as here:
            for words in ("demo", "kube-system/coredns", "2 of 2 ready", "! AAAA001", "[x]", "line 8", "template ANY AAAA {", "NXDOMAIN"):
                assert words in here.text, here.text

    sit(story)


def test_space_leaves_a_finding_and_takes_it_again() -> None:
    async def story() -> None:
        async with sitting(Given(demo=True)) as here:
            assert "[x]" in here.text
            await here.press("space")
            assert "[ ]" in here.text
            await here.press("space")
            assert "[x]" in here.text

    sit(story)


def test_a_file_that_cannot_be_read_is_a_screen_that_says_what_to_do(tmp_path: Path) -> None:
    async def story() -> None:
        async with sitting(Given(targets=(str(tmp_path / "absent"),))) as here:
            assert "absent" in here.text
            assert "nothing was written" in here.text
            (tmp_path / "absent").write_text(COREFILE)
            await here.press("r")
            assert "AAAA001" in here.text

    sit(story)
