"""What a person reads about a finding: its place, what can be done, by which name, and what is silenced and why."""

from __future__ import annotations

from collections import Counter

from remedy.finding import Finding
from remedy.report import text
from remedy.rules import Fix

SAFE = Fix("answer NODATA", "documented", (), "safe")
RISKY = Fix("delete the block", "delete", (), "unsafe", "a lookup may be lost")
FOUND = Finding("AAAA001", "aaaa-nxdomain", "error", "AAAA is denied", 7, 5, 9, 6, 7, 5, SAFE, (RISKY,))


def test_every_way_to_repair_it_is_shown_with_the_words_that_choose_it() -> None:
    assert text.finding("Corefile", FOUND).splitlines() == [
        "Corefile:7:5: error AAAA001 aaaa-nxdomain",
        "    AAAA is denied",
        "    fix (safe): answer NODATA",
        "    or --fix AAAA001=delete (unsafe, needs --unsafe): delete the block; a lookup",
        "    may be lost",
    ]


def test_what_is_suppressed_says_so_with_the_reason_and_offers_nothing() -> None:
    assert text.finding("Corefile", FOUND._replace(suppressed="no addresses here")).splitlines() == [
        "Corefile:7:5: error AAAA001 aaaa-nxdomain (suppressed)",
        "    AAAA is denied",
        "    suppressed: no addresses here",
    ]


def test_a_remark_asks_nobody_to_decide() -> None:
    remark = FOUND._replace(severity="info", fix=None, alternatives=())
    assert text.finding("Corefile", remark).splitlines()[1:] == ["    AAAA is denied"]
    assert text.finding("Corefile", remark._replace(severity="error")).splitlines()[2] == "    no automatic fix; a person has to decide"


def test_the_count_says_what_can_be_done_about_how_many() -> None:
    found = [
        *(FOUND, FOUND._replace(fix=RISKY), FOUND._replace(fix=None), FOUND._replace(fix=None, severity="info")),
        FOUND._replace(suppressed="so"),
    ]
    assert text.findings(Counter(map(text.kind, found)), 2) == (
        "5 findings in 2 targets: 1 with a safe fix, 1 with a fix that needs --unsafe, 1 for a person, 1 for your information, 1 suppressed"
    )


def test_a_saved_finding_is_shown_as_it_was() -> None:
    for finding in (FOUND, FOUND._replace(fix=None, alternatives=()), FOUND._replace(suppressed="so")):
        assert text.finding("Corefile", Finding.from_data(finding.to_data())) == text.finding("Corefile", finding)
