"""A change of several objects: in which order they are written, what stands between two writes, and what is put back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from remedy import journal, order, service, state
from remedy.apply import apply, rollback
from remedy.cluster import embedded
from remedy.cluster.door import ConfigMap
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from remedy.errors import ConflictError, UndoError, UnhealthyError, ValidationError
from remedy.plan import Change, Plan
from remedy.rules import Choices
from remedy.site import Site, Where
from remedy.work import Event, Run
from remedy.write import Writable

MAIN = INCIDENT.replace("    ready\n", "    ready\n    import custom/*.override\n") + "import custom/*.server\n"
FIXED = MAIN.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")
STUB = "example.cn:53 {\n    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n    forward . 192.0.2.1\n}\n"
STUB_FIXED = STUB.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA\n")
ANSWER = 'template IN A web.example.com {\n    answer "{{ .Name }} 60 IN A 192.0.2.9"\n}\n'
OVERRIDE = "template ANY AAAA {\n    rcode NXDOMAIN\n}\n"
WHERE = Where(None, None, None, None, 10.0)


class Spanning(EmbeddedCluster):
    """An embedded cluster with `coredns-custom`; every write can be met by something."""

    def __init__(self, corefile: str = MAIN, custom: Mapping[str, str] | None = None) -> None:
        super().__init__(corefile, custom={"stub.server": STUB} if custom is None else custom)
        self.sent: list[str] = []
        self.before_write: Callable[[str], None] = lambda _: None

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        if not dry_run:
            self.before_write(name)
            self.sent.append(name)
        return super().patch_configmap(namespace, name, operations, dry_run=dry_run)

    def edit(self, name: str, key: str, text: str) -> None:
        """Somebody else's write."""
        super().patch_configmap("kube-system", name, [{"op": "replace", "path": f"/data/{key}", "value": text}])

    def held(self) -> dict[str, str]:
        texts = {**self.configmap("kube-system", "coredns").data, **self.configmap("kube-system", "coredns-custom").data}
        return {key: text for key, text in texts.items() if key != "NodeHosts"}


class Case:
    """What is planned for such a cluster, and a run of it."""

    def __init__(self, cluster: Spanning) -> None:
        self.cluster = cluster
        self.site = Site(WHERE, cluster)
        self.plan = self.planned()
        self.stop = threading.Event()
        self.events: list[Event] = []
        self.on: dict[str, Callable[[], None]] = {}

    def planned(self) -> Plan:
        return service.pending(service.plan(self.site.documents([]), Choices(), unsafe=True))

    @property
    def sources(self) -> dict[Any, Writable]:
        return {change.target: self.site.source(change.target) for change in self.plan.changes}

    @property
    def run(self) -> Run:
        def listen(event: Event) -> None:
            self.events.append(event)
            self.on.get(f"{event.kind} {event.text}", lambda: None)()

        return Run(8.0, listen, self.stop)

    def apply(self) -> journal.Record | None:
        return apply(self.plan, self.sources, self.run)

    def after(self, **texts: str) -> None:
        """Another plan for the same targets: these texts by what their keys begin with."""
        read = {document.target.key or "": document for document in self.site.documents([])}
        chosen = [(read[key], text) for word, text in texts.items() for key in read if key.startswith(word)]
        changes = [Change(each.target, each.text, text, around=(each.around, each.around)) for each, text in chosen]
        self.plan = service.only(self.plan, changes)


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("remedy.write._RETRY_SECONDS", 0.05)
    monkeypatch.setattr(embedded, "_FIRST_RELOAD", 0.1)
    monkeypatch.setattr(embedded, "_NEXT_RELOAD", 0.1)


@pytest.fixture
def case() -> Iterator[Case]:
    with Spanning() as cluster:
        yield Case(cluster)


def release(name: str) -> None:
    """As if the process that wrote the record had died."""
    state.close(name)
    (journal.path_of(name).parent / f"{name}.open").touch()


OLD = {"Corefile": MAIN, "stub.server": STUB}


WRITTEN, REPLICAS = {"written"}, {"coredns-1", "coredns-2"}


def is_proof(event: Event) -> bool:
    return event.kind == "written" or "runs the predicted hash" in event.text


def new(case: Case) -> dict[str, str]:
    return {change.target.key or "": change.after for change in case.plan.changes}


def test_both_objects_are_written_each_proven_before_the_next_and_rolled_back_as_one(case: Case) -> None:
    assert new(case) == {"Corefile": FIXED, "stub.server": STUB_FIXED}
    record = case.apply()
    assert record is not None
    assert (case.cluster.held(), case.cluster.sent) == (new(case), ["coredns", "coredns-custom"])
    proven = [event.kind if event.kind == "written" else event.replica for event in case.events if is_proof(event)]
    assert [set(proven[:1]), set(proven[1:3]), set(proven[3:4]), set(proven[4:])] == [WRITTEN, REPLICAS, WRITTEN, REPLICAS]
    assert len(journal.history()) == 1
    back = rollback(record, case.sources, case.run)
    assert back is not None
    assert case.cluster.held() == OLD
    assert [each.outcome for each in journal.history()] == ["applied", "rolled-back"]


def test_two_keys_of_one_object_are_one_write() -> None:
    texts = {"one.server": STUB, "two.server": STUB.replace("example.cn", "example.net")}
    with Spanning(FIXED, texts) as cluster:
        case = Case(cluster)
        assert len(case.plan.changes) == 2
        assert case.apply() is not None
        assert cluster.sent == ["coredns-custom"]
        assert cluster.held() == {"Corefile": FIXED, **new(case)}


def test_what_is_taken_over_by_another_object_is_written_there_first() -> None:
    """The Corefile stops to answer a name that a file of `coredns-custom` answers from then on."""
    main = MAIN.replace("    ready\n", "    ready\n" + ANSWER)
    with Spanning(main, {"web.override": OVERRIDE}) as cluster:
        case = Case(cluster)
        case.after(Corefile=FIXED, web=ANSWER)
        assert [change.target.name for change in case.plan.changes] == ["coredns", "coredns-custom"]
        assert [each.changes[0].target.name for each in order.writes(case.plan.changes)] == ["coredns-custom", "coredns"]
        assert case.apply() is not None
        assert cluster.sent == ["coredns-custom", "coredns"]


def test_without_an_order_that_keeps_every_lookup_nothing_is_written() -> None:
    """The name is answered by the Corefile now and by the file then, and the file needs a snippet of the new Corefile."""
    main = MAIN.replace("    ready\n", "    ready\n" + ANSWER)
    with Spanning(main, {"web.override": OVERRIDE}) as cluster:
        case = Case(cluster)
        case.after(Corefile=f"(web) {{\n{ANSWER}}}\n{FIXED}", web="import web\n")
        with pytest.raises(ValidationError) as caught:
            case.apply()
        assert "cannot be changed one after the other without losing a lookup on the way" in str(caught.value)
        assert "web.example.com. is " in str(caught.value)
        assert (cluster.sent, journal.history()) == ([], [])


def test_an_edit_of_the_second_object_brings_the_first_one_back(case: Case) -> None:
    others = STUB.replace("192.0.2.1", "192.0.2.2")
    case.cluster.before_write = lambda name: case.cluster.edit(name, "stub.server", others) if name == "coredns-custom" else None
    with pytest.raises(UnhealthyError, match="the old text is live again, verified"):
        case.apply()
    assert case.cluster.held() == {"Corefile": MAIN, "stub.server": others}
    assert journal.history()[0].outcome == "failed"


def test_a_stop_between_the_writes_brings_everything_back(case: Case) -> None:
    case.on["written kube-system/coredns-custom/stub.server"] = case.stop.set
    with pytest.raises(UnhealthyError, match="interrupted"):
        case.apply()
    assert (case.cluster.held(), case.cluster.sent) == (OLD, ["coredns", "coredns-custom", "coredns-custom", "coredns"])


def test_an_edit_of_what_was_written_first_is_seen_while_the_second_is_waited_for(case: Case) -> None:
    others = FIXED.replace("cache 30", "cache 60")
    case.after(Corefile=FIXED, stub=STUB_FIXED.replace("forward", "frobnicate\n    forward"))
    case.on["written kube-system/coredns-custom/stub.server"] = lambda: case.cluster.edit("coredns", "Corefile", others)
    with pytest.raises((UndoError, UnhealthyError)) as caught:
        case.apply()
    assert caught.value.exit_code == 6
    assert case.cluster.held() == {"Corefile": others, "stub.server": STUB}


def test_a_second_text_that_no_replica_loads_brings_both_back(case: Case) -> None:
    case.after(Corefile=FIXED, stub=STUB_FIXED.replace("forward", "frobnicate\n    forward"))
    with pytest.raises(UnhealthyError, match="CoreDNS refused to load the new text"):
        case.apply()
    assert case.cluster.held() == OLD


def test_what_a_killed_run_left_half_written_is_finished_and_then_undone_as_a_whole(case: Case) -> None:
    cut_off = journal.begin(case.plan, validation=None, undoes=None)
    case.cluster.edit("coredns", "Corefile", FIXED)
    release(cut_off.id)
    whole, case.plan = case.plan, case.planned()
    assert [change.target.name for change in case.plan.changes] == ["coredns-custom"]
    record = case.apply()
    assert record is not None
    assert len(record.changes) == 2
    assert journal.unfinished() == []
    case.plan = whole
    assert rollback(record, case.sources, case.run) is not None
    assert case.cluster.held() == OLD


def test_what_a_killed_run_left_half_written_is_undone_by_its_record(case: Case) -> None:
    cut_off = journal.begin(case.plan, validation=None, undoes=None)
    case.cluster.edit("coredns", "Corefile", FIXED)
    release(cut_off.id)
    assert rollback(cut_off, case.sources, case.run) is not None
    assert case.cluster.held() == OLD
    assert journal.unfinished() == []
    assert journal.load(cut_off.id).outcome == "rolled-back"


def test_a_plan_is_stale_once_a_file_that_its_corefile_imports_has_changed(case: Case) -> None:
    case.after(Corefile=FIXED)
    case.cluster.edit("coredns-custom", "stub.server", STUB.replace("192.0.2.1", "192.0.2.2"))
    with pytest.raises(ConflictError, match=r"is read together with /etc/coredns/custom/stub\.server"):
        case.apply()
    assert case.cluster.sent == []


def test_the_record_tells_of_each_replica_when_it_had_each_of_the_texts(case: Case) -> None:
    record = case.apply()
    assert record is not None
    written = ("kube-system/coredns/Corefile", "kube-system/coredns-custom/stub.server")
    rows = {(row["target"], row["replica"]) for row in record.replicas if row["seconds"] is not None}
    assert rows == {(target, replica) for target in written for replica in REPLICAS}
    first, second = record.undo_command.split(" && ")
    assert ("configmap coredns-custom " in first, "configmap coredns " in second) == (True, True)


def test_a_rollback_over_an_edit_of_one_object_leaves_both(case: Case) -> None:
    record = case.apply()
    assert record is not None
    edited = STUB_FIXED.replace("192.0.2.1", "192.0.2.2")
    case.cluster.edit("coredns-custom", "stub.server", edited)
    with pytest.raises(ConflictError, match=r"stub\.server was edited after the change"):
        rollback(record, case.sources, case.run)
    assert case.cluster.held() == {"Corefile": FIXED, "stub.server": edited}


def test_one_object_can_be_chosen(case: Case) -> None:
    for name in ("coredns", "coredns-custom"):
        here = Site(WHERE._replace(configmap=name), case.cluster)
        assert [document.target.name for document in here.documents([])] == [name]
