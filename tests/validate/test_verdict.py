"""A change passes only if no client loses a lookup and every name that it promises to heal resolves; what cannot be told is never good."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from remedy import service
from remedy.answers.model import Reply
from remedy.plan import Plan
from remedy.rules import Choices
from remedy.sources.document import Document, Target, WholePart
from remedy.validate.model import prove
from remedy.validate.probes import NOTHING, Asking
from remedy.validate.prover import Case, Heard, Prover, Question
from remedy.validate.verdict import Validation

SERVED = "kubernetes cluster.local in-addr.arpa\nforward . 192.0.2.53\n"
OFFICE = Asking(search=("corp.example",))


def denying(zone: str, options: str = "") -> str:
    return f"template ANY AAAA {zone} {{\n{options}rcode NXDOMAIN\n}}\n"


def corefile(plugins: str) -> str:
    return f".:53 {{\n{plugins}{SERVED}}}\n"


def document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))


def planned(before: str, after: str, *, heals: bool = True) -> Plan:
    """A plan of this change; if it `heals`, it takes the fix of the incident."""
    plan = service.plan([document(corefile(denying(".")))], Choices())
    (change,) = plan.changes
    fixed = change.fixed if heals else ()
    return plan._replace(changes=(change._replace(before=before, after=after, fixed=fixed),), answers=())


def repaired(plugins: str, asking: Asking = NOTHING, prover: Prover = prove, *, undo: bool = False) -> Validation:
    """The verdict on answering NODATA instead, or on undoing that."""
    texts = corefile(plugins), corefile(plugins.replace("rcode NXDOMAIN", "rcode NOERROR"))
    plan = planned(*reversed(texts)) if undo else planned(*texts)
    return service.validate(plan, asking, prover=prover, method="model" if prover is prove else "sandbox", undo=undo)


def test_the_repair_for_all_names_passes_and_says_what_it_does_not_know() -> None:
    found = repaired(denying("."))
    assert found.verdict == "passed"
    assert found.transcript[0] == "14 lookups that fail now will succeed, 0 that succeed now will fail"
    search = "pods search default.svc.cluster.local, svc.cluster.local, cluster.local"
    assert found.transcript[1] == f"{search}; those of the nodes are not known, name them with --search"
    assert repaired(denying("."), OFFICE).transcript[-1] == f"{search}, corp.example"


def test_nodata_in_a_zone_that_pods_search_fails_and_the_better_ways_are_named_in_order() -> None:
    """C5: a host with IPv6 outside the cluster, looked up for IPv6 alone."""
    found = repaired(denying("cluster.local"))
    assert found.verdict == "failed"
    assert found.transcript[:3] == (
        "dual.example.org (IPv6 alone): resolved before by musl<=1.2.0, musl-1.2.1-1.2.3, after it ends in EAI_NONAME",
        "dual.example.org (IPv6 alone): resolved before by musl>=1.2.4, after it ends in EAI_NODATA",
        "because musl stops its search at dual.example.org.default.svc.cluster.local., where AAAA was NXDOMAIN, which it passes over, "
        "and now is NODATA, which ends it",
    )
    better = [sentence.split(",")[0] for sentence in found.transcript[3:6]]
    assert better == ["better", "better", "else NODATA all the same"]
    assert "delete that template" in found.transcript[3]
    assert "`match` and `fallthrough`" in found.transcript[4]


@pytest.mark.parametrize(
    ("lost", "place"),
    [
        ("dual (IPv6 alone): resolved before by musl>=1.2.4", "dual.default.svc.cluster.local."),  # C5b
        ("default: resolved before by musl>=1.2.4", "default.svc.cluster.local."),  # C6
    ],
)
def test_a_search_domain_of_the_nodes_shows_what_else_is_lost(lost: str, place: str) -> None:
    found = repaired(denying("cluster.local"), OFFICE)
    assert found.verdict == "failed"
    assert any(sentence.startswith(lost) for sentence in found.transcript)
    assert any(sentence.startswith(f"because musl stops its search at {place}") for sentence in found.transcript)


@pytest.mark.parametrize(
    "plugins",
    [
        denying("shop.example"),
        denying(".", 'match "^[^.]+[.]corp[.]example[.]$"\nfallthrough\n'),
        denying("cluster.local", 'match "^[^.]+[.][a-z]+[.]svc[.]cluster[.]local[.]$"\nfallthrough\n'),
    ],
    ids=["zone outside the search list", "names outside it", "names that exist, with fallthrough"],
)
def test_nodata_where_no_pod_searches_passes(plugins: str) -> None:
    found = repaired(plugins)
    assert found.verdict == "passed", found.transcript
    assert {answer.family for answer in found.answers} == {"UNSPEC", "INET6"}


def test_a_name_is_made_up_for_a_match_and_healed() -> None:
    found = repaired(denying(".", 'match "^(web|db)-[0-9]+[.]shop[.]example[.]$"\nfallthrough\n'))
    (row,) = [answer for answer in found.answers if answer.name == "web-1.shop.example." and answer.family == "UNSPEC"]
    assert (dict(row.before.clients)["musl>=1.2.4"], dict(row.after.clients)["musl>=1.2.4"]) == ("EAI_NONAME", "ok")


def test_a_match_for_which_no_name_can_be_made_up_is_inconclusive_until_one_is_given() -> None:
    plugins = denying(".", 'match "^(ab){2}[.]shop[.]example[.]$"\nfallthrough\n')
    found = repaired(plugins)
    assert found.verdict == "inconclusive"
    assert "none of these names shows what the change heals" in found.transcript
    assert any(sentence.startswith("no name could be made up that `match") for sentence in found.transcript)
    given = repaired(plugins, Asking(probes=("abab.shop.example.",)))
    assert given.verdict == "passed"
    assert "assumed to exist, with an A record only: abab.shop.example." in given.transcript


def test_what_a_plugin_that_is_not_modelled_hides_is_inconclusive() -> None:
    found = repaired(denying(".") + "ads here\n")
    assert (found.verdict, found.unknown) == ("inconclusive", 7 * len(found.answers))
    assert found.transcript[:2] == (
        "unknown: the plugin `ads` is not modelled",
        "it cannot be told whether clients resolve v4.example.org., dual.example.org., kubernetes.default.svc.cluster.local. "
        "after the change",
    )


def test_an_unknown_beside_the_promise_is_counted_and_only_strict_stops_at_it() -> None:
    other = '}\nshop.example:53 {\ntemplate IN A shop.example {\nexpr true\nanswer "{{ .Name }} 60 IN A 192.0.2.1"\n}\n'
    found, strict = repaired(denying(".") + SERVED + other), repaired(denying(".") + SERVED + other, Asking(strict=True))
    assert (found.verdict, strict.verdict) == ("passed", "inconclusive")
    assert found.unknown == strict.unknown > 0
    assert "unknown: a template decides by `expr`" in found.transcript


def test_a_change_on_a_port_that_nobody_asks_heals_nothing_that_can_be_seen() -> None:
    before = corefile(denying(".")).replace(":53", ":5353") + corefile("")
    assert service.validate(planned(before, before.replace("NXDOMAIN", "NOERROR"))).verdict == "inconclusive"


def changed(before: str, after: str) -> Validation:
    """The verdict on a change that promises nothing."""
    return service.validate(planned(corefile(before), corefile(after), heals=False))


def test_an_aaaa_address_that_was_answered_is_not_hidden() -> None:
    found = changed("", "template IN AAAA example.org\n")
    assert found.verdict == "failed"
    assert "dual.example.org.: its AAAA address is no longer answered" in found.transcript


def test_a_name_that_nobody_has_stays_absent() -> None:
    found = changed("", 'template IN AAAA example.org {\nanswer "{{ .Name }} 60 IN AAAA 2001:db8::1"\n}\n')
    assert "absent.example.org.: nobody has this name, and AAAA is answered with an address" in found.transcript
    found = changed("", "template ANY ANY example.org {\nrcode NOERROR\n}\n")
    assert "absent.example.org.: nobody has this name, and neither A nor AAAA is NXDOMAIN any longer" in found.transcript
    assert found.verdict == "failed"


def test_a_denied_a_record_is_healed_where_only_ipv6_is_there() -> None:
    texts = [corefile(f"template IN A six.example {{\nrcode {rcode}\n}}\n") for rcode in ("NXDOMAIN", "NOERROR")]
    validation = service.validate(planned(*texts))
    assert validation.verdict == "passed", validation.transcript
    assert {answer.family for answer in validation.answers} == {"UNSPEC", "INET6", "INET"}


def test_the_zones_that_a_change_names_are_asked_for_whatever_plugin_they_stand_in() -> None:
    found = changed("rewrite stop rcode suffix corp.example. NOERROR SERVFAIL\n", "")
    assert "v4.corp.example." in {answer.name for answer in found.answers}


def test_refusing_aaaa_is_no_repair() -> None:
    """The change promises to heal, and musl still fails: after its whole timeout."""
    found = service.validate(planned(corefile(denying(".")), corefile("acl {\nblock type AAAA\n}\n")))
    assert found.verdict == "failed"
    assert any("still fails for musl-1.2.1-1.2.3 (EAI_AGAIN), musl>=1.2.4 (EAI_AGAIN)" in sentence for sentence in found.transcript)


def test_a_candidate_that_does_not_load_fails_with_what_coredns_says() -> None:
    def refusing(case: Case, asked: Sequence[Question]) -> Heard:
        return Heard((), refused="Corefile:3: unknown property 'rcod'", transcript=("asked over UDP",))

    found = repaired(denying("."), prover=refusing)
    assert (found.method, found.verdict, found.answers) == ("sandbox", "failed", ())
    assert found.transcript[:2] == ("Corefile:3: unknown property 'rcod'", "asked over UDP")


def test_an_undo_passes_though_it_loses_lookups_and_shows_them() -> None:
    found = repaired(denying("."), undo=True)
    assert found.verdict == "passed"
    assert any(sentence.startswith("lost again: v4.example.org.: resolved before by") for sentence in found.transcript)


def test_an_undo_that_is_not_answered_as_the_recorded_text_predicts_fails() -> None:
    def behind(case: Case, asked: Sequence[Question]) -> Heard:
        """A replica that has not taken the recorded text."""
        return prove(case._replace(after=case.before), asked)

    found = repaired(denying("."), prover=behind, undo=True)
    assert found.verdict == "failed"
    assert found.transcript[0] == "v4.example.org.: AAAA is nodata, the recorded text predicts nxdomain"


def test_each_replica_has_its_own_row() -> None:
    def two(case: Case, asked: Sequence[Question]) -> Heard:
        ((_, before, after),) = prove(case, asked).rows
        silent = dict.fromkeys(asked, Reply(""))
        return Heard((("coredns-1", before, after), ("coredns-2", before, silent)))

    found = repaired(denying("."), prover=two)
    assert found.verdict == "failed"
    assert {answer.replica for answer in found.answers} == {"coredns-1", "coredns-2"}
    assert any(sentence.startswith("dual.example.org. (coredns-2): resolved before by") for sentence in found.transcript)


def test_the_release_decides_what_is_answered() -> None:
    """Before 1.9.3 a `match` that fails is silence, later SERVFAIL."""
    plugins = denying(".") + 'template IN A . {\nmatch "^none[.]$"\nrcode NXDOMAIN\n}\n'
    ends = []
    for version in ("1.15.0", "1.9.2"):
        found = service.today([document(corefile(plugins))], Asking(version=version))
        ends.append({answer.before.a.verdict for answer in found.answers if answer.name == "v4.example.org."})
    assert ends == [{"servfail"}, {"drop"}]
