"""How often a bad answer was given stands beside its finding: in the talk, never in the document, which is the same for the same text."""

from __future__ import annotations

from tests.command import Command
from tests.testbed.cluster import INCIDENT, Testbed

NAME = "shop.example.cn"


def test_scan_and_doctor_say_how_often_the_replicas_gave_the_bad_answer(incident: Testbed, remedy: Command) -> None:
    before = remedy("scan", "--format", "json").out
    for _ in range(3):
        for _, address in incident.pods():
            incident.ask(address, NAME, "AAAA")
    done = remedy("scan")
    (line,) = [line for line in done.err.splitlines() if "AAAA was answered so" in line]
    assert line.startswith("kube-system/coredns/Corefile:6:5: AAAA was answered so ")
    assert "(2 of 2 replicas count, since 20" in line
    assert int(line.partition("answered so ")[2].split()[0].replace(",", "")) >= 6
    assert remedy("scan", "--format", "json").out == before
    assert "evidence: line 6: AAAA was answered so" in " ".join(remedy("doctor").out.split())


def test_without_metrics_nothing_is_said_unless_asked_for(testbed: Testbed, remedy: Command) -> None:
    testbed.reset(INCIDENT.replace("    prometheus :9153\n", ""))
    with testbed.namespace():
        assert "answered so" not in remedy("scan").err
        assert "how often it was answered so is not known: no replica shows its metrics" in remedy("scan", "--verbose").err
