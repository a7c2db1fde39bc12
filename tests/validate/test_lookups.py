"""Which names are looked up, with which search list, and what is assumed of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.answers.model import kubernetes_zones
from remedy.answers.sample import matches, sampled
from remedy.answers.template import templates
from remedy.clients import CLIENTS, Resolv, text
from remedy.corefile.parse import parse
from remedy.plan import Answer, answer_to_data, texts
from remedy.validate.in_front import in_front
from remedy.validate.model import answers, predict
from remedy.validate.probes import Asking, Lookups, assumed, real, world
from remedy.validate.prover import Case, Probe
from remedy.validate.table import questions

INCIDENT = parse(". {\ntemplate ANY AAAA {\nrcode NXDOMAIN\n}\nkubernetes cluster.local in-addr.arpa\nforward . 192.0.2.53\n}\n")
HEALED = parse(INCIDENT.text.replace("rcode NXDOMAIN", "rcode NOERROR"))
SCOPED = parse(INCIDENT.text.replace("ANY AAAA {", "ANY AAAA shop.example {"))


def kinds(found: Lookups) -> dict[str, str]:
    return dict(found.probes)


def test_the_defaults_hold_a_name_of_every_kind() -> None:
    found = assumed(INCIDENT, HEALED)
    assert kinds(found) == {
        "v4.example.org.": "v4",
        "dual.example.org.": "dual",
        "v6.example.org.": "v6",
        "absent.example.org.": "absent",
        "kubernetes.default.svc.cluster.local.": "v4",
        "absent.default.svc.cluster.local.": "absent",
        "default.svc.cluster.local.": "namespace",
        "cluster.local.": "apex",
        "kubernetes.default": "short",
        "dual.example.org": "short",
    }
    assert found.resolv.search == ("default.svc.cluster.local", "svc.cluster.local", "cluster.local")
    assert found.resolv.ndots == 5
    assert found.families == ("UNSPEC",)


def test_a_change_of_some_zones_is_asked_for_ipv6_alone_too() -> None:
    assert assumed(SCOPED, parse(SCOPED.text.replace("NXDOMAIN", "NOERROR"))).families == ("UNSPEC", "INET6")
    assert assumed(SCOPED, SCOPED).families == ("UNSPEC",)  # nothing changes


def test_names_in_a_cluster_zone_are_made_up_where_services_are() -> None:
    text = parse(INCIDENT.text.replace("ANY AAAA {", "ANY AAAA cluster.local {"))
    assert kinds(assumed(text, text))["dual.default.svc.cluster.local."] == "dual"
    assert "dual.cluster.local." not in kinds(assumed(text, text))


def test_the_cluster_zone_is_that_of_the_server_block_if_kubernetes_names_none() -> None:
    assert kubernetes_zones(parse("cluster.local 10.in-addr.arpa {\nkubernetes {\n pods insecure\n}\n}\n")) == ["cluster.local."]


@pytest.mark.parametrize(
    ("name", "stands_for"),
    [
        ("db.shop.example.", "db.shop.example."),
        ("DB.shop.example.", "db.shop.example."),
        ("web", "web.default.svc.cluster.local."),
        ("web.shop", "web.shop.svc.cluster.local."),
        ("web.shop.svc", "web.shop.svc.cluster.local."),
        ("api.shop.example", "api.shop.example."),
    ],
)
def test_a_given_name_is_assumed_to_exist_and_that_is_said(name: str, stands_for: str) -> None:
    found = assumed(INCIDENT, HEALED, Asking(probes=(name,)))
    assert world(found.probes)[stands_for] == "v4"
    assert f"assumed to exist, with an A record only: {stands_for}" in found.notes
    assert (kinds(found).get(name.lower()) == "short") != name.endswith(".")
    for answer in predict(Case(INCIDENT, HEALED, ()), found):
        if answer.name == name.lower():
            assert dict(answer.after.clients)["musl>=1.2.4"] == "ok"


def test_a_given_name_that_is_known_already_keeps_its_kind() -> None:
    assert kinds(assumed(INCIDENT, HEALED, Asking(probes=("cluster.local.",))))["cluster.local."] == "apex"


def test_without_a_cluster_nothing_is_searched_unless_it_is_said() -> None:
    text = parse(". {\nforward . 192.0.2.53\n}\n")
    assert assumed(text, text).resolv.search == ()
    assert assumed(text, text).notes == ()
    found = assumed(text, text, Asking(search=("corp.example.",)))
    assert found.resolv.search == ("corp.example",)
    assert kinds(found)["dual"] == "short"


def test_a_real_prover_is_asked_for_what_every_cluster_has_and_what_nobody_has() -> None:
    found = real(INCIDENT, HEALED, "remedy-1a2b", Asking(probes=("shop.example.",)))
    assert kinds(found) == {
        "kubernetes.default.svc.cluster.local.": "v4",
        "default.svc.cluster.local.": "namespace",
        "cluster.local.": "apex",
        "remedy-1a2b.default.svc.cluster.local.": "absent",
        "remedy-1a2b.svc.cluster.local.": "absent",
        "remedy-1a2b.cluster.local.": "absent",
        "shop.example.": "v4",
        "kubernetes.default": "short",
        "kubernetes.default.svc": "short",
        "remedy-1a2b": "short",
    }
    assert "kubernetes.default.svc.cluster.local." in found.promised
    assert not found.notes[0].startswith("assumed")


def test_of_other_zones_a_real_prover_is_asked_only_where_the_change_is_about_them() -> None:
    found = real(SCOPED, parse(SCOPED.text.replace("NXDOMAIN", "NOERROR")), "remedy-1a2b")
    assert [name for name in kinds(found) if name.endswith(".example.")] == ["shop.example.", "remedy-1a2b.shop.example."]


def test_every_name_that_any_client_may_ask_for_is_asked() -> None:
    found = assumed(INCIDENT, HEALED)
    asked = {name for name, _ in questions(found.probes, found.resolv)}
    assert {
        "kubernetes.default.default.svc.cluster.local.",
        "kubernetes.default.svc.cluster.local.",
        "kubernetes.default.cluster.local.",
        "kubernetes.default.",  # nginx knows no search list
        "dual.example.org.svc.cluster.local.",
    } <= asked


def short(name: str) -> Answer:
    (found,) = [answer for answer in answers([(INCIDENT, HEALED)]) if answer.name == name]
    return found


def test_a_short_name_shows_the_replies_of_the_name_that_decides() -> None:
    found = short("kubernetes.default")
    assert found.before.decides == found.after.decides == "kubernetes.default.svc.cluster.local."
    assert (found.before.a.verdict, found.before.aaaa.verdict, found.after.aaaa.verdict) == ("ok", "nxdomain", "nodata")
    data = answer_to_data(found)["before"]
    assert data["candidates"][0]["name"] == "kubernetes.default.default.svc.cluster.local."
    assert data["candidates"][0]["A"] == {"rcode": "NXDOMAIN", "records": False, "unknown": None}


def test_an_operator_finds_the_words_of_the_log() -> None:
    found = short("kubernetes.default")
    assert dict(texts(found, found.before)) == {
        "musl-1.2.1-1.2.3": "Name does not resolve",
        "musl>=1.2.4": "Name does not resolve",
        "nginx": "kubernetes.default could not be resolved (3: Host not found)",
    }
    web = short("v4.example.org.")
    assert dict(texts(web, web.before))["nginx"] == "v4.example.org could not be resolved (3: Host not found)"
    assert texts(web, web.after) == ()
    assert text("node", "a.b", "nxdomain", "nodata") == "getaddrinfo ENOTFOUND a.b"


def test_what_caches_in_front_make_of_a_denial_is_told_and_what_was_never_measured_is_marked() -> None:
    soa = parse(INCIDENT.text.replace("NXDOMAIN", 'NXDOMAIN\nauthority "{{ .Zone }} 60 IN SOA ns.dns. h.dns. (1 60 60 60 60)"'))
    found = {each.cache: each for each in in_front(answers([(soa, HEALED)])) if each.name == "v4.example.org."}
    assert set(found) == {"bind", "dnsmasq", "systemd-resolved"}
    assert ("nxdomain", "nxdomain") in found["bind"].before
    assert found["bind"].after == (("ok", "nodata"),)
    assert [name for name, each in found.items() if each.by_source] == ["systemd-resolved"]
    assert in_front(answers([(HEALED, HEALED)])) == ()


EXPRESSIONS = [
    ("^(.*)[.]corp[.]example[.]$", "."),
    (r"\.svc\.cluster\.local\.$", "cluster.local"),
    (r"^[a-z0-9-]+\.(dev|test)\.$", "."),
    ("(?i)^api[0-9]{2}", "shop.example"),
    (r"^(?P<host>\w+)\.\d\.lab\.$", "."),
    ("internal", "."),
    ("^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)[.]example[.]$", "."),
    ("^a", "shop.example"),
]


@pytest.mark.parametrize(("expression", "zone"), EXPRESSIONS)
def test_a_name_is_made_up_that_an_expression_matches_and_one_that_it_does_not(expression: str, zone: str) -> None:
    (block,) = parse(f'. {{\ntemplate IN AAAA {zone} {{\nmatch "{expression}"\nfallthrough\n}}\n}}\n').blocks
    (template,) = templates(block)
    matching, other = sampled(template, [])
    assert re.search(expression, matching)
    assert matches(template, matching)
    assert other
    assert not re.search(expression, other)
    assert not matches(template, other)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="ab.^$*+?()[]{}|\\d0-9:P<>é", max_size=24))
def test_no_expression_breaks_the_making_up_of_names(expression: str) -> None:
    (block,) = parse(f'. {{\ntemplate IN AAAA . {{\nmatch "x{expression}x"\n}}\n}}\n').blocks
    (template,) = templates(block)
    for name in sampled(template, []):
        assert name == "" or name.endswith(".")


NAMES = st.one_of(st.text(max_size=12), st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4}){0,6}\.?", fullmatch=True), st.just("a" * 70))


@settings(deadline=None, max_examples=200)
@given(st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=2))
def test_whatever_is_given_is_answered_or_unknown(probes: list[str], search: list[str]) -> None:
    asking = Asking(tuple(probes), tuple(search))
    for found in answers([(INCIDENT, HEALED)], asking):
        assert [client for client, _ in found.before.clients] == list(CLIENTS)
        assert found.before.a.verdict
        answer_to_data(found)


def test_a_name_that_fits_into_no_query_is_asked_of_nobody() -> None:
    assert questions((Probe("a" * 70, "short"),), Resolv(search=("lab",), ndots=5)) == ()
