"""The first screen: what is wrong, where and why, beside the source of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.cluster.embedded import _Pod
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


def test_how_often_the_bad_answer_was_given_is_said_where_replicas_count_it(monkeypatch: pytest.MonkeyPatch) -> None:
    own = _Pod.metrics
    count = 'coredns_template_matches_total{class="IN",server="dns://:53",type="AAAA",view="",zone="."} 7106\n'
    build = 'coredns_build_info{goversion="go1.25.1",revision="",version="1.15.0"} 1\n'

    async def story(said: bool) -> None:
        async with sitting(Given(demo=True), size=(120, 40)) as here:
            await here.until(lambda: "owner: " in here.words)
            if said:
                await here.until(lambda: "AAAA was answered so" in here.words)
                assert "AAAA was answered so 14,212 times (2 of 2 replicas count, since 20" in here.words
            assert said == ("answered so" in here.words)

    sit(lambda: story(False))
    monkeypatch.setattr(_Pod, "metrics", lambda pod: own(pod) + build + count)
    sit(lambda: story(True))
