"""The rules held against real CoreDNS releases: what a rule calls broken breaks, its fix heals, and nothing else changes.

Every fixture is asked for every name of its world in six types, and for all that a pod's search list makes of what users type. What
clients make of the replies is computed by remedy.clients, which tests/clients holds against the real ones.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from remedy.clients import CLIENTS, Resolv, lookup, outcome
from tests.coredns_answers.real import ask
from tests.rules.cases import Case, about_answers
from tests.rules.proof import PORTS, TYPES, Observed, everything, search, started, typed, world
from tests.testbed.build import coredns

Everything = dict[tuple[str, str], Observed]
ERRORS = ("servfail", "refused", "drop", "formerr", "notimp", "yxdomain")
RUN = [case for case in about_answers() if "not_run" not in case.about]
FOUND = [case for case in RUN if not case.clean]
HEALED = [case for case in FOUND if case.has("after") or case.has("better")]
SAFE = [case for case in HEALED if case.safety == "safe"]
CHOICES = [(case, name) for case in FOUND for name in case.alternatives]
LOOKALIKES = [case for case in RUN if case.clean]


def healed(case: Case) -> str:
    return "after" if case.has("after") else "better"


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    return everything(tmp_path_factory.mktemp("proof"))


def pair(observed: Everything, case: Case) -> tuple[Observed, Observed]:
    before, after = observed[case.name, "before"], observed[case.name, healed(case)]
    assert not before.not_run, before.not_run
    assert not after.refused, after.refused
    return before, after


def clients(text: Observed, name: str) -> dict[str, str]:
    """What each client gets for an absolute name."""
    return {
        client: outcome(client, *(text.answers[name, type_].replace("other", "nodata") for type_ in ("A", "AAAA"))) for client in CLIENTS
    }


def lookups(case: Case, text: Observed) -> dict[tuple[str, str, str], bool]:
    """Does each client find an address for what is typed, in each family, with the search list of a pod?"""
    resolv = Resolv(search(case), ndots=5)

    def ask(name: str, type_: str):
        (reply,) = text.reply(name, type_)
        return (reply._replace(verdict="nodata" if reply.verdict == "other" else reply.verdict),)

    found = {}
    for client in CLIENTS:
        for name in typed(case):
            for family in ("UNSPEC", "INET", "INET6"):
                results = lookup(client, name, ask, resolv, family=family)
                found[client, name, family] = all(result.outcome == "ok" for result in results)
    return found


@pytest.mark.parametrize("case", HEALED, ids=lambda case: case.name)
def test_what_is_found_really_breaks_clients_and_the_repair_heals_them(case: Case, observed: Everything) -> None:
    before, after = pair(observed, case)
    if before.refused:
        return  # CoreDNS does not even start with it
    names = [name for name in world(case) if name.islower() or name == "."]
    heals = [
        (name, client)
        for name in names
        for client in CLIENTS
        if clients(before, name)[client] != "ok" and clients(after, name)[client] == "ok"
    ]
    if not heals:
        old, new = lookups(case, before), lookups(case, after)
        heals = [each for each in old if new[each] and not old[each]]
    if not heals and case.scan()[0].severity == "warning":  # no address is concerned
        heals = [each for each in after.answers if before.answers[each] in ERRORS and after.answers[each] not in ERRORS]
    assert heals


@pytest.mark.parametrize("case", HEALED, ids=lambda case: case.name)
def test_after_the_repair_no_name_with_an_address_is_refused_in_the_other_family(case: Case, observed: Everything) -> None:
    _, after = pair(observed, case)
    for name in world(case):
        both = {after.answers[name, type_] for type_ in ("A", "AAAA")}
        assert "ok" not in both or both <= {"ok", "nodata"}, (name, both)


@pytest.mark.parametrize("case", [case for case in HEALED if case.has("after")], ids=lambda case: case.name)
def test_a_repair_changes_no_other_answer(case: Case, observed: Everything) -> None:
    before, after = pair(observed, case)
    if before.refused:
        return
    healed_type = "A" if case.code == "AAAA008" else "AAAA"
    for name in world(case):
        for type_ in TYPES:
            old, new = before.answers[name, type_], after.answers[name, type_]
            if old == new or old in ERRORS or {f"{name} {type_}", f"{name} *"} & set(case.about.get("also", ())):
                continue
            assert type_ == healed_type, (name, type_, old, new)
            assert old != "ok", (name, type_, old, new)


@pytest.mark.parametrize("case", SAFE, ids=lambda case: case.name)
def test_a_safe_repair_loses_no_lookup_of_any_client_in_any_family(case: Case, observed: Everything) -> None:
    before, after = pair(observed, case)
    if before.refused:
        return
    old, new = lookups(case, before), lookups(case, after)
    lost = {f"{name} {family}" for (client, name, family), ok in old.items() if ok and not new[client, name, family]}
    assert lost == set(case.about.get("loses", ()))


@pytest.mark.parametrize(("case", "name"), CHOICES, ids=lambda each: getattr(each, "name", each))
def test_every_fix_that_can_be_chosen_heals_and_changes_no_other_answer(case: Case, name: str, observed: Everything) -> None:
    before, after = observed[case.name, "before"], observed[case.name, f"after.{name}"]
    healed = [(each, client) for each in world(case) for client in CLIENTS if clients(before, each)[client] != "ok"]
    assert [pair for pair in healed if clients(after, pair[0])[pair[1]] == "ok"]
    for question, old in before.answers.items():
        new = after.answers[question]
        assert old == new or old in ERRORS or (question[1] == "AAAA" and old != "ok"), (question, old, new)
    for each in world(case):
        both = {after.answers[each, type_] for type_ in ("A", "AAAA")}
        assert "ok" not in both or both <= {"ok", "nodata"}, (each, both)


def test_nodata_in_a_zone_that_pods_search_loses_lookups_of_aaaa_alone(observed: Everything) -> None:
    """Why it is unsafe: musl stops at the first name of its search list, and never comes to the name that has IPv6."""
    lost = losses(observed, "AAAA001-cluster-zone", "after.nodata")
    assert ("musl>=1.2.4", "v6.example.org", "INET6") in lost
    assert {client.partition(">")[0].partition("<")[0].partition("-")[0] for client, _, _ in lost} == {"musl"}
    assert {family for _, _, family in lost} == {"INET6"}


def test_without_the_template_a_namespaces_name_hides_a_host_of_the_nodes_domain(observed: Everything) -> None:
    """Why even deleting it is unsafe: kubernetes answers NODATA for `default.svc.cluster.local`, at which musl stops."""
    lost = losses(observed, "AAAA001-cluster-zone-and-a-domain-of-nodes", "after")
    assert ("musl>=1.2.4", "default", "UNSPEC") in lost
    assert {name for _, name, _ in lost} == {"default"}


def losses(observed: Everything, name: str, variant: str) -> set[tuple[str, str, str]]:
    (case,) = (case for case in about_answers() if case.name == name)
    old, new = lookups(case, observed[name, "before"]), lookups(case, observed[name, variant])
    return {each for each, ok in old.items() if ok and not new[each]}


def test_without_the_plugin_reload_a_change_does_not_arrive(tmp_path: Path) -> None:
    """CFG005: two servers, the same change; when the one that reloads answers by it, the other one does not."""
    ports = {"with": next(PORTS), "without": next(PORTS)}
    for name, port in ports.items():
        extra = " reload 2s 0s\n" if name == "with" else ""
        (tmp_path / name).write_text(f".:{port} {{\n bind 127.0.0.1\n template IN AAAA . {{\n  rcode NXDOMAIN\n }}\n{extra}}}\n")
    with started(coredns(), tmp_path / "with", tmp_path), started(coredns(), tmp_path / "without", tmp_path):
        for name in ports:
            (tmp_path / name).write_text((tmp_path / name).read_text().replace("NXDOMAIN", "NOERROR"))
        for _ in range(120):
            time.sleep(0.25)
            answers = {name: ask(port, [("a.example.", "AAAA")])[0].rcode for name, port in ports.items()}
            if answers["with"] == "NOERROR":
                break
    assert answers == {"with": "NOERROR", "without": "NXDOMAIN"}


@pytest.mark.parametrize("case", LOOKALIKES, ids=lambda case: case.name)
def test_a_careless_rewrite_of_what_only_looks_like_it_would_change_answers_or_nothing_at_all(case: Case, observed: Everything) -> None:
    before, after = observed[case.name, "before"], observed[case.name, "careless"]
    assert not before.not_run, before.not_run
    assert not before.refused
    changed = [
        f"{name} {type_} {old} -> {after.answers[name, type_]}"
        for name in world(case)
        for type_ in TYPES
        if (old := before.answers[name, type_]) != after.answers.get((name, type_), "not loaded")
    ]
    assert ("changes" in case.about) != ("unchanged" in case.about)
    if "changes" in case.about:
        assert case.about["changes"] in changed
    else:
        assert changed == []


def test_little_is_left_unproven() -> None:
    left = {case.name: case.about["not_run"] for case in about_answers() if case not in RUN}
    assert len(left) <= 12, left
