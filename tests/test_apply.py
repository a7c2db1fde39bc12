"""Every step of an apply, failing: what is live afterwards, what the record says, and that nothing is written twice.

The cluster is the embedded one behind its Door, with faults put in at the Door; tests/cluster shows the same steps on a real one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from remedy import journal, service
from remedy.apply import Event, Run, apply, rollback
from remedy.cluster.door import ConfigMap, Replica
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from remedy.cluster.source import LiveSource
from remedy.errors import ClusterError, ConflictError, Interrupted, RemedyError, StateError, UndoError, UnhealthyError, UnknownOutcomeError
from remedy.plan import Plan
from remedy.rules import Choices
from remedy.sources.document import Target
from remedy.wire import Stream

FIXED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")
OTHERS = INCIDENT.replace("cache 30", "cache 60")


class Faulty(EmbeddedCluster):
    """An embedded cluster whose calls can be made to fail; counts the writes that were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0
        self.before_write: Callable[[], None] = lambda: None
        self.after_write: Callable[[], None] = lambda: None
        self.on_read: Callable[[], None] = lambda: None
        self.on_dial: Callable[[Replica], None] = lambda _: None

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        self.on_read()
        return super().configmap(namespace, name)

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        if dry_run:
            return super().patch_configmap(namespace, name, operations, dry_run=True)
        self.sent += 1
        self.before_write()
        done = super().patch_configmap(namespace, name, operations)
        self.after_write()
        return done

    @contextmanager
    def dial(self, namespace: str, replica: Replica) -> Iterator[Stream]:
        self.on_dial(replica)
        with super().dial(namespace, replica) as stream:
            yield stream

    def edit(self, text: str) -> None:
        """Somebody else's write."""
        super().patch_configmap("kube-system", "coredns", [{"op": "replace", "path": "/data/Corefile", "value": text}])

    @property
    def text(self) -> str:
        return super().configmap("kube-system", "coredns").data["Corefile"]


class Case:
    """A planned change of the incident, and a run of it."""

    def __init__(self, cluster: Faulty) -> None:
        self.cluster = cluster
        self.source = LiveSource(cluster, "kube-system", "coredns")
        self.plan: Plan = service.plan([self.source.read()], Choices())
        self.sources = {change.target: self.source for change in self.plan.changes}
        self.events: list[Event] = []
        self.stop = threading.Event()
        self.on_event: Callable[[Event], None] = lambda _: None

    @property
    def run(self) -> Run:
        def listen(event: Event) -> None:
            self.events.append(event)
            self.on_event(event)

        return Run(6.0, listen, self.stop)

    def apply(self) -> journal.Record | None:
        return apply(self.plan, self.sources, self.run)

    def on(self, kind: str, act: Callable[[], None]) -> None:
        self.on_event = lambda event: act() if event.kind == kind else None


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("remedy.apply._RETRY_SECONDS", 0.05)
    with Faulty() as cluster:
        yield Case(cluster)


def raises(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def once(act: Callable[[], None]) -> Callable[[], None]:
    """The first time only."""
    left = [act]
    return lambda: left.pop()() if left else None


def outcome() -> str:
    return journal.history()[0].outcome


def test_the_record_with_the_whole_old_text_is_on_disk_before_the_write(case: Case) -> None:
    seen: list[tuple[str, str]] = []
    case.cluster.before_write = lambda: seen.append((journal.history()[0].outcome, journal.history()[0].changes[0].before))
    record = case.apply()
    assert seen == [("started", INCIDENT)]
    assert record is not None
    assert [record.outcome, outcome()] == ["applied", "applied"]
    assert [row["replica"] for row in record.replicas] == ["coredns-1", "coredns-2"]
    assert all(row["seconds"] is not None for row in record.replicas)


def test_a_write_whose_answer_was_lost_is_looked_at_and_not_sent_again(case: Case) -> None:
    case.cluster.after_write = raises(UnknownOutcomeError("connection reset"))
    assert case.apply() is not None
    assert (case.cluster.text, case.cluster.sent, outcome()) == (FIXED, 1, "applied")


def test_a_write_that_never_arrived_is_told_and_not_sent_again(case: Case) -> None:
    case.cluster.before_write = raises(UnknownOutcomeError("connection reset"))
    with pytest.raises(ClusterError, match="nothing was written"):
        case.apply()
    assert (case.cluster.text, case.cluster.sent, outcome()) == (INCIDENT, 1, "failed")


def test_a_write_of_unknown_outcome_behind_a_dead_server_names_the_command_that_undoes_it(case: Case) -> None:
    def lose() -> None:
        case.cluster.on_read = raises(ClusterError("connection refused"))
        raise UnknownOutcomeError("connection reset")

    case.cluster.after_write = lose
    with pytest.raises(UndoError) as caught:
        case.apply()
    assert "kubectl --context demo -n kube-system patch configmap coredns" in caught.value.hint
    assert outcome() == "started"


def test_an_edit_between_plan_and_write_wins(case: Case) -> None:
    case.cluster.before_write = once(lambda: case.cluster.edit(OTHERS))
    with pytest.raises(ConflictError):
        case.apply()
    assert (case.cluster.text, outcome()) == (OTHERS, "failed")


def test_a_silent_replica_stops_the_apply_before_anything_is_written(case: Case) -> None:
    case.cluster.on_dial = lambda replica: raises(OSError("timed out"))() if replica.name == "coredns-2" else None
    with pytest.raises(ClusterError, match="coredns-2 does not answer"):
        case.apply()
    assert (case.cluster.sent, journal.history()) == (0, [])


def test_a_cluster_without_replicas_is_not_written(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case.cluster, "replicas", lambda *_: ())
    with pytest.raises(ClusterError, match="no pod answers DNS"):
        case.apply()
    assert case.cluster.sent == 0


def test_replicas_that_do_not_run_the_live_text_stop_the_apply(case: Case) -> None:
    case.cluster._configmap = case.cluster._configmap._replace(data={"Corefile": FIXED})
    for pod in case.cluster._pods:
        pod.reload(FIXED, -1)
    case.cluster._configmap = case.cluster._configmap._replace(data={"Corefile": INCIDENT})
    with pytest.raises(RemedyError, match="do not answer as the live text predicts"):
        case.apply()
    assert case.cluster.sent == 0


def test_a_replica_that_dies_after_the_write_brings_the_old_text_back(case: Case) -> None:
    down = threading.Event()
    case.cluster.on_dial = lambda replica: raises(OSError("refused"))() if down.is_set() and replica.name == "coredns-2" else None
    case.on("written", down.set)
    case_on_undo = case.on_event
    case.on_event = lambda event: (case_on_undo(event), down.clear() if event.kind == "undoing" else None)[0]
    with pytest.raises(UnhealthyError, match="coredns-2"):
        case.apply()
    assert (case.cluster.text, case.cluster.sent, outcome()) == (INCIDENT, 2, "failed")


def test_a_text_that_no_replica_loads_is_put_back(case: Case) -> None:
    (change,) = case.plan.changes
    bad = FIXED.replace("    ready\n", "    ready\n    frobnicate\n")
    case.plan = Plan((change._replace(after=bad),))
    with pytest.raises(UnhealthyError, match="coredns-1: CoreDNS refused to load the new text"):
        case.apply()
    assert (case.cluster.text, outcome()) == (INCIDENT, "failed")


def test_somebody_elses_edit_during_the_wait_is_not_undone(case: Case) -> None:
    (change,) = case.plan.changes
    case.plan = Plan((change._replace(after=FIXED.replace("    ready\n", "    ready\n    frobnicate\n")),))
    case.on("written", lambda: case.cluster.edit(OTHERS))
    with pytest.raises(UndoError) as caught:
        case.apply()
    assert case.cluster.text == OTHERS
    assert "kubectl" in caught.value.hint


def test_a_stop_before_the_write_writes_nothing(case: Case) -> None:
    case.on("recorded", case.stop.set)
    with pytest.raises(Interrupted):
        case.apply()
    assert (case.cluster.sent, outcome()) == (0, "failed")


def test_a_stop_after_the_write_undoes_it(case: Case) -> None:
    case.on("written", case.stop.set)
    with pytest.raises(UnhealthyError, match="interrupted"):
        case.apply()
    assert (case.cluster.text, outcome()) == (INCIDENT, "failed")


def test_a_fault_after_the_write_undoes_it(case: Case) -> None:
    case.on("written", raises(ZeroDivisionError("a fault in remedy")))
    with pytest.raises(UnhealthyError, match="a fault in remedy"):
        case.apply()
    assert (case.cluster.text, outcome()) == (INCIDENT, "failed")


def test_an_undo_is_tried_again_while_the_server_is_away(case: Case) -> None:
    def away() -> None:
        if case.cluster.sent in (2, 3):
            raise ClusterError("connection refused")

    case.cluster.before_write = away
    case.on("written", case.stop.set)
    with pytest.raises(UnhealthyError):
        case.apply()
    assert (case.cluster.text, case.cluster.sent) == (INCIDENT, 4)


def test_without_a_place_for_the_record_nothing_is_written(case: Case, tmp_path: Path) -> None:
    (tmp_path / "remedy").write_text("in the way")
    with pytest.raises(StateError):
        case.apply()
    assert case.cluster.sent == 0


def test_a_rollback_is_a_record_of_its_own_and_marks_the_one_it_undoes(case: Case) -> None:
    record = case.apply()
    assert record is not None
    back = rollback(record, case.sources, case.run)
    assert back is not None
    assert (case.cluster.text, back.undoes, back.outcome) == (INCIDENT, record.id, "applied")
    assert journal.load(record.id).outcome == "rolled-back"
    assert rollback(record, case.sources, case.run) is None


def test_a_plan_that_is_live_already_writes_nothing(case: Case) -> None:
    assert case.apply() is not None
    assert case.apply() is None
    assert case.cluster.sent == 1


def test_the_target_is_the_object_and_not_its_name(case: Case) -> None:
    (change,) = case.plan.changes
    other = change._replace(target=change.target._replace(uid="another"))
    sources: dict[Target, LiveSource] = {other.target: case.source}
    with pytest.raises(ConflictError):
        apply(Plan((other,)), sources, case.run)
    assert case.cluster.text == INCIDENT
