"""The rules held against real CoreDNS releases: what a rule calls broken breaks, its fix heals, and nothing else changes.

Every fixture is asked for every name of its world in six types, and for all that a pod's search list makes of what users type. What
clients make of the replies is computed by remedy.clients, which tests/clients holds against the real ones.
"""

from __future__ import annotations

import pytest

from remedy.clients import CLIENTS, Resolv, lookup, outcome
from tests.rules.cases import Case, cases
from tests.rules.proof import TYPES, Observed, everything, search, typed, world

Everything = dict[tuple[str, str], Observed]
ERRORS = ("servfail", "refused", "drop", "formerr", "notimp", "yxdomain")
FOUND = [case for case in cases() if not case.clean]
HEALED = [case for case in FOUND if case.has("after") or case.has("better")]
SAFE = [case for case in HEALED if case.safety == "safe"]
LOOKALIKES = [case for case in cases() if case.clean]


def healed(case: Case) -> str:
    return "after" if case.has("after") else "better"


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    return everything(tmp_path_factory.mktemp("proof"))


def pair(observed: Everything, case: Case) -> tuple[Observed, Observed]:
    before, after = observed[case.name, "before"], observed[case.name, healed(case)]
    if before.not_run:
        pytest.skip(before.not_run)
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
    assert [each for each, ok in old.items() if ok and not new[each]] == []


@pytest.mark.parametrize("case", LOOKALIKES, ids=lambda case: case.name)
def test_a_careless_rewrite_of_what_only_looks_like_it_would_change_answers_or_nothing_at_all(case: Case, observed: Everything) -> None:
    before, after = observed[case.name, "before"], observed[case.name, "careless"]
    if before.not_run:
        pytest.skip(before.not_run)
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


def test_little_is_left_unproven(observed: Everything) -> None:
    left = {name: text.not_run for (name, variant), text in observed.items() if variant == "before" and text.not_run}
    print(left)
    assert len(left) <= 8
