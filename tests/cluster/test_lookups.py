"""What clients notice of a change: nothing that worked before fails, with musl and with glibc, at fifty lookups a second.

They go through the Service, as those of every pod do. A restart costs nothing where a pod that goes answers for a while (`lameduck`, as in
kubeadm's Corefile); without it remedy warns.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Command
from tests.testbed.cluster import INCIDENT, LAME_DUCK, Testbed
from tests.testbed.lookups import PER_SECOND, Lookups, looking_up

NAMES = ["shop.example.cn", "kubernetes.default"]
WORKING = (("musl", "inet", NAMES), ("glibc", "unspec", NAMES))
"""On the night of the incident musl finds a name when it is asked for IPv4 alone, and glibc always does."""
HEALED = ("musl", "unspec", NAMES)
As = Callable[[Path], Command]


def none_failed(running: list[Lookups], seconds: float) -> None:
    """`seconds` is for how long the lookups ran at the least; the machine may have more to do than this."""
    for each in running:
        assert each.counted.failures == ()
        assert each.counted.failed == 0
        assert each.counted.asked > PER_SECOND * seconds / 2


@pytest.mark.parametrize(("strategy", "text"), [("reload", INCIDENT), ("restart", LAME_DUCK)], ids=["reload", "restart"])
def test_no_lookup_that_worked_fails_during_an_apply_nor_during_its_rollback(
    testbed: Testbed, remedy_as: As, strategy: str, text: str
) -> None:
    testbed.reset(text)
    remedy = remedy_as(testbed.kubeconfig)
    with testbed.namespace():
        with looking_up(testbed, *WORKING) as running:
            done = remedy("apply", "--yes", "--settle", "3", "--strategy", strategy)
        assert done.code == 0, done.err
        assert "a few of them will fail" not in done.err
        none_failed(running, 3)
        with looking_up(testbed, HEALED) as running:
            assert remedy("scan", "--quiet").code == 0
        none_failed(running, 0)
        with looking_up(testbed, *WORKING) as running:
            back = remedy("rollback", "--yes", "--settle", "3", "--strategy", strategy)
        assert back.code == 0, back.err
        none_failed(running, 3)
    assert testbed.corefile() == text


@pytest.mark.parametrize("text", [INCIDENT.replace("reload 2s 1s", "reload"), LAME_DUCK.replace("    reload 2s 1s\n", "")])
def test_no_lookup_that_worked_fails_where_coredns_looks_every_half_minute_or_has_to_restart(
    testbed: Testbed, remedy_as: As, text: str
) -> None:
    testbed.reset(text)
    with testbed.namespace(), looking_up(testbed, *WORKING) as running:
        done = remedy_as(testbed.kubeconfig)("apply", "--yes", "--settle", "1")
    assert done.code == 0, done.err
    assert "2 of 2 replicas answer as predicted" in done.err
    none_failed(running, 3)


def test_a_restart_that_will_cost_lookups_is_warned_of_before(testbed: Testbed, remedy_as: As) -> None:
    testbed.reset(INCIDENT.replace("    reload 2s 1s\n", ""))
    with testbed.namespace():
        done = remedy_as(testbed.kubeconfig)("apply", "--yes", "--settle", "0")
    assert done.code == 0, done.err
    assert "stops answering at once, while lookups still come to it" in done.err.partition("writing ")[0]
