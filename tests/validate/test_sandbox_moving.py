"""A text that another release is to read: each of the two sides is answered by the program of its own release."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.errors import UnavailableError
from remedy.validate.prover import Heard
from remedy.validate.sandbox import prove
from tests.testbed.build import coredns
from tests.validate.sandboxed import case, questions

# The zone has no name but one, and does not hand on the others: what an unmatched template does changed in 1.9.3.
UNMATCHED = '. {\n    template IN A example.org {\n        match "^x[.]"\n        rcode NOERROR\n    }\n    forward . 192.0.2.53\n}\n'
NAME = ("v4.example.org.", "A")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """remedy's own cache of CoreDNS programs, still empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return tmp_path / "remedy" / "coredns"


def held(cache: Path, *versions: str) -> None:
    for version in versions:
        (cache / version).mkdir(parents=True)
        (cache / version / "coredns").symlink_to(coredns(version))


def moved(before: str, after: str | None = None, *, version: str | None = "1.8.0", to: str = "1.15.0", binary: str | None = None) -> Heard:
    return prove(case(before, after, version=version)._replace(to=to), questions(), binary=binary)


def test_each_side_is_answered_by_its_own_release_where_both_are_at_hand(cache: Path) -> None:
    held(cache, "1.8.0", "1.15.0")
    heard = moved(UNMATCHED)
    ((_, before, after),) = heard.rows
    assert (before[NAME].verdict, after[NAME].verdict) == ("drop", "servfail")
    said = " ".join(heard.transcript)
    assert f"CoreDNS 1.8.0 ({cache}/1.8.0/coredns) ran the current text" in said
    assert f"CoreDNS 1.15.0 ({cache}/1.15.0/coredns) ran the candidate" in said


def test_what_runs_now_is_computed_where_its_program_is_not_at_hand_and_that_is_said(cache: Path) -> None:
    heard = moved(UNMATCHED, binary=str(coredns()))
    ((_, before, after),) = heard.rows
    assert (before[NAME].verdict, after[NAME].verdict) == ("drop", "servfail")
    assert "no CoreDNS 1.8.0 is on this machine: what it answers now is computed" in heard.transcript


def test_a_program_of_another_release_than_the_one_to_come_proves_nothing(cache: Path) -> None:
    with pytest.raises(UnavailableError, match=r"is CoreDNS 1\.10\.1, and 1\.15\.0 is to read the text"):
        moved(UNMATCHED, binary=str(coredns("1.10.1")))
    held(cache, "1.10.1")
    with pytest.raises(UnavailableError, match=r"is CoreDNS 1\.10\.1, and 1\.15\.0 is to read the text"):
        moved(UNMATCHED)


def test_what_the_release_to_come_does_not_load_is_refused_with_its_place(cache: Path) -> None:
    held(cache, "1.8.0", "1.15.0")
    up = ". {\n    errors\n    forward . 192.0.2.53 {\n        nosuch\n    }\n}\n"
    assert moved(". {\n    errors\n}\n", up).refused.startswith("Corefile:4:9: forward: unknown property 'nosuch' (CoreDNS 1.15.0 says:")
    newer = ". {\n    errors\n    timeouts {\n        read 1s\n    }\n    forward . 192.0.2.53\n}\n"
    down = moved(newer, version="1.15.0", to="1.8.0").refused
    assert down.startswith("Corefile:3:5: Unknown directive 'timeouts' (CoreDNS 1.8.0 says:")


def test_a_plugin_that_only_the_earlier_release_has_is_refused_by_the_later_one(cache: Path) -> None:
    held(cache, "1.6.9", "1.15.0")
    text = ".:53 {\n    errors\n    federation cluster.local {\n        prod prod.example.com\n    }\n    forward . 192.0.2.53\n}\n"
    heard = moved(text, version="1.6.9")
    assert heard.refused.startswith("Corefile:3:5: Unknown directive 'federation' (CoreDNS 1.15.0 says:"), heard
    heard = moved(text, text.replace(text[text.index("    fed") : text.index("    forward")], ""), version="1.6.9")
    ((_, before, after),) = heard.rows
    assert (before[NAME].verdict, after[NAME].verdict) == ("ok", "ok")
    assert any(sentence.startswith("federation: taken out") for sentence in heard.transcript)
