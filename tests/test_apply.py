"""Every step of an apply, failing: what is live afterwards, what the record says, and that nothing is written twice.

The cluster is the embedded one behind its Door, with faults put in at the Door; tests/cluster shows the same steps on a real one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from remedy import journal, service
from remedy.apply import apply, rollback, way_back
from remedy.cluster import records, restart
from remedy.cluster.door import ConfigMap, Replica
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster, _Pod
from remedy.cluster.lease import Lease
from remedy.cluster.source import LiveSource
from remedy.corefile.parse import parse
from remedy.errors import ClusterError, ConflictError, Interrupted, RemedyError, StateError, UndoError, UnhealthyError, UnknownOutcomeError
from remedy.plan import Plan
from remedy.rules import Choices
from remedy.sources.document import Target
from remedy.wire import Stream
from remedy.work import Event, Run

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
    monkeypatch.setattr("remedy.write._RETRY_SECONDS", 0.05)
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


def test_an_old_text_that_is_back_but_that_nobody_answers_by_is_not_told_as_lost(case: Case) -> None:
    def silence() -> None:
        case.cluster.on_dial = lambda _: raises(OSError("timed out"))()

    case.on("written", silence)
    with pytest.raises(UndoError, match="the old text is back in kube-system/coredns/Corefile, but not every replica") as caught:
        apply(case.plan, case.sources, case.run._replace(timeout=1))
    assert case.cluster.text == INCIDENT
    assert "could not be put back" not in str(caught.value)
    record = journal.history()[0]
    assert f"remedy rollback {record.id}" in caught.value.hint
    assert record.undo_command in caught.value.hint


def no_more_place() -> None:
    """From now on no record can be written: where their folder was there is a file."""
    place = journal.folder() / "records"
    place.rename(place.with_name("full"))
    place.touch()


def test_a_disk_that_fills_up_after_the_write_does_not_make_a_done_change_a_failed_one(case: Case) -> None:
    case.on("written", no_more_place)
    record = case.apply()
    assert record is not None
    assert record.outcome == "applied"
    assert case.cluster.text == FIXED
    said = [event.text for event in case.events if event.kind == "note"]
    assert any(words.startswith("the record on this machine still says that it was begun: ") for words in said), said
    (kept,) = map(journal.adopt, records.kept(case.cluster, "kube-system"))
    assert kept is not None
    assert kept.outcome == "applied"


def test_a_disk_that_fills_up_after_the_write_does_not_hide_that_the_change_was_undone(case: Case) -> None:
    def full() -> None:
        no_more_place()
        case.stop.set()

    case.on("written", full)
    with pytest.raises(UnhealthyError, match="interrupted; the old text is live again, verified"):
        case.apply()
    assert case.cluster.text == INCIDENT


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


def test_a_change_that_no_answer_tells_apart_is_verified_by_the_hash(case: Case) -> None:
    (change,) = case.plan.changes
    case.plan = Plan((change._replace(after=OTHERS),))
    record = case.apply()
    assert record is not None
    assert [row["noticed"] is not None for row in record.replicas] == [True, True]
    assert case.cluster.text == OTHERS


def test_a_change_that_neither_answers_nor_metrics_tell_apart_is_refused(case: Case) -> None:
    (change,) = case.plan.changes
    blind = INCIDENT.replace("    prometheus :9153\n", "")
    case.cluster.edit(blind)
    case.plan = Plan((change._replace(before=blind, after=blind.replace("cache 30", "cache 60")),))
    with pytest.raises(RemedyError, match="metrics of the replicas do not either"):
        case.apply()
    assert case.cluster.sent == 0


def test_a_comment_behind_a_word_needs_no_reload(case: Case) -> None:
    (change,) = case.plan.changes
    case.plan = Plan((change._replace(after=INCIDENT.replace("    ready\n", "    ready # asked by the kubelet\n")),))
    assert case.apply() is not None


def test_pods_are_poked_until_they_have_the_text_and_the_timeline_says_when(case: Case) -> None:
    poked: list[str] = []
    patch = case.cluster.patch
    case.cluster.patch = lambda resource, namespace, name, body: (  # type: ignore[method-assign]
        poked.append(name) if resource == "pods" else None,
        patch(resource, namespace, name, body),
    )[1]
    record = case.apply()
    assert record is not None
    assert {"coredns-1", "coredns-2"} <= set(poked)
    for row in record.replicas:
        assert 0 <= row["poked"] <= row["noticed"] <= row["seconds"]


def test_without_the_right_to_poke_remedy_waits_and_says_so_once(case: Case) -> None:
    patch = case.cluster.patch
    forbidden = ClusterError("not allowed: patch pods/coredns-1 in kube-system", "a Role")
    forbidden.status = 403

    def refuse(resource: str, namespace: str, name: str, body: Any) -> Any:
        if resource == "pods":
            raise forbidden
        return patch(resource, namespace, name, body)

    case.cluster.patch = refuse  # type: ignore[method-assign]
    assert case.apply() is not None
    assert [event.text for event in case.events if event.kind == "note"] == [
        "waiting for each kubelet's own sync, a minute or two: not allowed: patch pods/coredns-1 in kube-system (a Role)"
    ]


def test_a_controller_that_puts_its_text_back_is_named_and_not_fought(case: Case) -> None:
    case.on("settling", lambda: case.cluster.edit(INCIDENT))
    with pytest.raises(UnhealthyError, match="put back by a controller"):
        apply(case.plan, case.sources, case.run._replace(settle=8))
    assert (case.cluster.text, case.cluster.sent, outcome()) == (INCIDENT, 1, "failed")


def test_another_text_within_the_settle_time_is_left_alone(case: Case) -> None:
    case.on("settling", lambda: case.cluster.edit(OTHERS))
    with pytest.raises(UndoError, match="wrote another text over the change"):
        apply(case.plan, case.sources, case.run._replace(settle=8))
    assert (case.cluster.text, case.cluster.sent) == (OTHERS, 1)


def test_an_object_that_is_deleted_within_the_settle_time_is_not_told_as_done(case: Case) -> None:
    def delete() -> None:
        gone = ClusterError("not found: get configmaps/coredns in kube-system")
        gone.status = 404
        case.cluster.on_read = raises(gone)

    case.on("settling", delete)
    with pytest.raises(UndoError, match="somebody took kube-system/coredns/Corefile away after the change"):
        apply(case.plan, case.sources, case.run._replace(settle=6.0))
    assert outcome() == "failed"


def test_a_replica_that_worsens_within_the_settle_time_brings_the_old_text_back(case: Case) -> None:
    down = threading.Event()
    case.cluster.on_dial = lambda replica: raises(OSError("refused"))() if down.is_set() and replica.name == "coredns-2" else None
    case.on("settling", down.set)
    with pytest.raises(UnhealthyError, match=r"worse within the settle time \(coredns-2: refused\).*coredns-2 did not answer"):
        apply(case.plan, case.sources, case.run._replace(settle=8))
    assert (case.cluster.text, outcome()) == (INCIDENT, "failed")


def test_a_corefile_without_reload_is_brought_by_a_restart(case: Case) -> None:
    (change,) = case.plan.changes
    before, after = (text.replace("    reload 2s 1s\n", "") for text in (INCIDENT, FIXED))
    case.cluster.edit(before)
    case.plan = Plan((change._replace(before=before, after=after),))
    names = {replica.name for replica in case.cluster.replicas("kube-system")}
    record = case.apply()
    assert record is not None
    assert names.isdisjoint(row["replica"] for row in record.replicas)
    with pytest.raises(RemedyError, match="no plugin reload"):
        rollback(record, case.sources, case.run._replace(strategy="reload"))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"strategy": {"type": "Recreate"}}, "the strategy Recreate"),
        ({"replicas": 1}, "may take 1 of 1 replicas down"),
        ({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}}}, "may take 2 of 2 replicas down"),
        ({"paused": True}, "is paused"),
    ],
)
def test_a_restart_that_would_leave_nobody_to_answer_is_refused(case: Case, spec: dict[str, Any], words: str) -> None:
    case.cluster.patch("deployments.apps", "kube-system", "coredns", {"spec": spec})
    with pytest.raises(ClusterError, match=words):
        apply(case.plan, case.sources, case.run._replace(strategy="restart"))
    assert (case.cluster.sent, case.cluster.text) == (0, INCIDENT)


def test_a_single_replica_with_a_surge_may_restart(case: Case) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": None}}
    case.cluster.patch("deployments.apps", "kube-system", "coredns", {"spec": {"replicas": 1, "strategy": strategy}})
    (workload,) = restart.workloads(case.cluster, "kube-system", case.cluster.replicas("kube-system"))
    restart.require_safe(case.cluster, workload)


def test_a_second_remedy_waits_its_turn(case: Case) -> None:
    other = Lease(case.cluster, "kube-system", "coredns", "someone@elsewhere process 7", print)
    other.take()
    with pytest.raises(ConflictError, match="another remedy is at work on this Corefile: someone@elsewhere"):
        case.apply()
    assert (case.cluster.sent, journal.history()) == (0, [])
    other.release()
    assert case.apply() is not None


def test_the_lease_of_a_remedy_that_died_on_this_machine_is_taken_over(case: Case) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    Lease(case.cluster, "kube-system", "coredns", f"{journal.local_user()} process {process.pid}", print).take()
    assert case.apply() is not None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux: what a process has become stands in /proc")
def test_the_lease_of_one_that_died_and_that_nobody_has_reaped_is_taken_over(case: Case) -> None:
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        Lease(case.cluster, "kube-system", "coredns", f"{journal.local_user()} process {process.pid}", print).take()
        assert case.apply() is not None


def test_a_record_in_the_cluster_rolls_a_change_back_from_another_machine(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = case.apply()
    assert record is not None
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    assert journal.history() == []
    (text,) = records.kept(case.cluster, "kube-system")
    adopted = journal.adopt(text)
    assert adopted is not None
    assert (adopted.id, adopted.outcome, adopted.who) == (record.id, "applied", record.who)
    assert rollback(adopted, case.sources, case.run) is not None
    assert case.cluster.text == INCIDENT
    assert sorted(kept.outcome for kept in map(journal.adopt, records.kept(case.cluster, "kube-system")) if kept) == [
        "applied",
        "rolled-back",
    ]


def test_a_large_record_is_kept_packed(case: Case) -> None:
    (change,) = case.plan.changes
    padding = "".join(f"# {number} {'x' * 60}\n" for number in range(4000))
    case.plan = Plan((change._replace(after=FIXED + padding),))
    record = case.apply()
    assert record is not None
    (kept,) = case.cluster.select("configmaps", "kube-system", "remedy/record=true")
    assert "data" not in kept
    (text,) = records.kept(case.cluster, "kube-system")
    adopted = journal.adopt(text)
    assert adopted is not None
    assert (adopted.id, adopted.changes[0].after) == (record.id, FIXED + padding)


def test_a_rollback_over_a_later_edit_shows_three_diffs_and_needs_force(case: Case) -> None:
    record = case.apply()
    assert record is not None
    edited = FIXED.replace("cache 30", "cache 60")
    case.cluster.edit(edited)
    with pytest.raises(ConflictError, match="was edited after the change") as caught:
        rollback(record, case.sources, case.run)
    assert [caught.value.hint.count(words) for words in ("what the record wrote", "what was edited since", "what a rollback would do")] == [
        1,
        1,
        1,
    ]
    assert case.cluster.text == edited
    assert rollback(record, case.sources, case.run, force=True) is not None
    assert case.cluster.text == INCIDENT


def test_what_is_edited_after_the_way_back_was_shown_is_not_overwritten_even_by_force(case: Case) -> None:
    record = case.apply()
    assert record is not None
    case.cluster.edit(FIXED.replace("cache 30", "cache 60"))
    agreed = way_back(record, case.sources, force=True)
    edited = FIXED.replace("cache 30", "cache 90")
    case.cluster.edit(edited)
    with pytest.raises(ConflictError, match="was edited after the way back was shown; nothing was written"):
        rollback(record, case.sources, case.run, force=True, agreed=agreed)
    assert case.cluster.text == edited


def test_a_repeated_apply_of_a_plan_looks_at_the_replicas(case: Case) -> None:
    assert case.apply() is not None
    for pod in case.cluster._pods:
        pod._loads = [(0.0, parse(INCIDENT))]
        pod._hashes = [(0.0, "", 0)]
    with pytest.raises(UnhealthyError, match="holds that text, but not healthy within"):
        apply(case.plan, case.sources, case.run._replace(timeout=1))


def test_the_write_says_in_an_annotation_who_made_it(case: Case) -> None:
    record = case.apply()
    assert record is not None
    note = case.cluster.configmap("kube-system", "coredns").annotations["remedy/last-change"]
    assert record.id in note
    assert record.who in note


def test_of_many_records_the_newest_and_the_unfinished_are_kept(case: Case) -> None:
    unfinished = journal.begin(case.plan, validation=None, undoes=None)
    ended = [journal.finish(journal.begin(case.plan, validation=None, undoes=None), "applied") for _ in range(5)]
    journal.prune(keep=2)
    assert {record.id for record in journal.history()} >= {unfinished.id, *(sorted(record.id for record in ended)[-1:])}
    assert len(journal.history()) == 3
    assert {path.name.split(".")[0] for path in journal.path_of("x").parent.glob("*.undo")} == {record.id for record in journal.history()}


def test_of_the_records_in_the_cluster_the_newest_twenty_and_the_unfinished_are_kept(case: Case) -> None:
    cut_off, *ended = (journal.begin(case.plan, validation=None, undoes=None) for _ in range(24))
    for record, outcome in ((cut_off, "started"), *((each, "applied") for each in ended)):
        assert records.keep(case.cluster, "kube-system", record.id, journal.to_text(record), outcome, new=True) == ""
    records.prune(case.cluster, "kube-system")
    left = {journal.from_text(text).id for text in records.kept(case.cluster, "kube-system")}
    assert left == {cut_off.id, *sorted(each.id for each in ended)[-20:]}


def test_a_pod_that_restarts_meanwhile_is_judged_anew(case: Case) -> None:
    def restart_one() -> None:
        (first, *_) = case.cluster._pods
        first._began += 100
        first._hashes = [(0.0, "", 0)]
        first._loads = [(0.0, parse(FIXED))]

    case.on("written", restart_one)
    record = case.apply()
    assert record is not None
    assert [row["seconds"] is not None for row in record.replicas] == [True, True]


def test_a_pod_that_vanishes_and_one_that_appears_meanwhile_count_as_they_are_found(case: Case) -> None:
    def replace_one() -> None:
        case.cluster._pods.pop(0).stop()
        case.cluster._pods.append(_Pod("coredns-9", INCIDENT))
        case.cluster._pods[-1].reload(FIXED, 1.0)

    case.on("written", replace_one)
    record = case.apply()
    assert record is not None
    assert [row["replica"] for row in record.replicas] == ["coredns-2", "coredns-9"]


def test_when_nobody_is_left_to_answer_within_the_settle_time_the_change_is_not_told_as_verified(case: Case) -> None:
    case.on("settling", case.cluster._pods.clear)
    with pytest.raises(UndoError, match=r"worse within the settle time \(no replica is left\); the old text is back in"):
        apply(case.plan, case.sources, case.run._replace(settle=6.0, timeout=4.0))
    assert case.cluster.text == INCIDENT


def test_a_rollback_that_comes_before_any_replica_took_the_change_is_verified_by_their_answers(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Pod, "reload", lambda *_: None)
    record = journal.begin(case.plan, validation=None, undoes=None)
    case.cluster.edit(FIXED)
    assert rollback(record, case.sources, case.run) is not None
    assert case.cluster.text == INCIDENT


def test_an_api_server_that_is_away_within_the_settle_time_costs_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        monkeypatch.setattr(case.cluster, "replicas", lambda *_: raises(ClusterError("connection refused"))())

    case.on("settling", away)
    assert apply(case.plan, case.sources, case.run._replace(settle=5)) is not None
    assert (case.cluster.text, case.cluster.sent) == (FIXED, 1)


@pytest.mark.parametrize(
    ("value", "of", "down", "up"), [("25%", 2, 0, 1), ("50%", 3, 1, 2), (1, 2, 1, 1), ("100%", 2, 2, 2), ("0%", 5, 0, 0), ("1", 3, 1, 1)]
)
def test_shares_are_rounded_as_kubernetes_rounds_them(value: object, of: int, down: int, up: int) -> None:
    assert (restart._share(value, of, up=False), restart._share(value, of, up=True)) == (down, up)


def test_an_apply_that_was_cut_off_before_its_restart_is_finished_by_one(case: Case) -> None:
    (change,) = case.plan.changes
    before, after = (text.replace("    reload 2s 1s\n", "") for text in (INCIDENT, FIXED))
    for pod in case.cluster._pods:
        pod._loads = [(0.0, parse(before))]
    case.cluster.edit(after)
    case.plan = Plan((change._replace(before=before, after=after),))
    names = {replica.name for replica in case.cluster.replicas("kube-system")}
    assert case.apply() is None
    assert names.isdisjoint(replica.name for replica in case.cluster.replicas("kube-system"))
    assert case.cluster.sent == 0


def test_a_write_whose_answer_was_lost_and_that_somebody_wrote_over_is_told_as_lost(case: Case) -> None:
    def lose() -> None:
        case.cluster.edit(OTHERS)
        raise UnknownOutcomeError("connection reset")

    case.cluster.after_write = lose
    with pytest.raises(ConflictError, match="somebody else's text is live by now"):
        case.apply()
    assert (case.cluster.text, case.cluster.sent, outcome()) == (OTHERS, 1, "failed")
