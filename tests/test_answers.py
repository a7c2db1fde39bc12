"""What a Corefile answers is computed from the text alone, and what cannot be computed is unknown, with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.answers.model import Kind, Reply, kubernetes_zones, reply
from remedy.answers.plugins import order
from remedy.answers.questions import names, questions
from remedy.answers.reasons import REASONS
from remedy.answers.template import templates
from remedy.answers.zones import absolute, covers, origins, scheme_of_key, zone_of_key
from remedy.corefile.parse import parse

FOLDER = Path(__file__).parents[1] / "fixtures" / "rules"
WORLD: dict[str, Kind] = {
    "v4.example.org.": "v4",
    "dual.example.org.": "dual",
    "v6.example.org.": "v6",
    "corp.example.": "apex",
    "v4.corp.example.": "v4",
    "kubernetes.default.svc.cluster.local.": "v4",
}


def asked(text: str, name: str, type_: str) -> Reply:
    return reply(parse(text), name, type_, WORLD)


def verdicts(text: str, name: str) -> tuple[str, str]:
    return asked(text, name, "A").verdict, asked(text, name, "AAAA").verdict


def root(body: str) -> str:
    return f". {{\n{body}\n kubernetes cluster.local\n forward . 192.0.2.53\n}}\n"


NX = " template ANY AAAA {\n  rcode NXDOMAIN\n }"

# What it shows, the Corefile, and for names what A and AAAA are answered.
ROWS: list[tuple[str, str, dict[str, tuple[str, str]]]] = [
    (
        "without a template the upstream decides",
        root(""),
        {
            "v4.example.org": ("ok", "nodata"),
            "dual.example.org": ("ok", "ok"),
            "v6.example.org": ("nodata", "ok"),
            "no.example.org": ("nxdomain", "nxdomain"),
            "corp.example": ("nodata", "nodata"),
            "kubernetes.default.svc.cluster.local": ("ok", "nodata"),
            "no.default.svc.cluster.local": ("nxdomain", "nxdomain"),
        },
    ),
    (
        "the incident",
        root(NX),
        {
            "v4.example.org": ("ok", "nxdomain"),
            "dual.example.org": ("ok", "nxdomain"),
            "kubernetes.default.svc.cluster.local": ("ok", "nxdomain"),
            "no.example.org": ("nxdomain", "nxdomain"),
        },
    ),
    (
        "the bare line is NODATA",
        root(" template IN AAAA ."),
        {"v4.example.org": ("ok", "nodata"), "no.example.org": ("nxdomain", "nodata")},
    ),
    (
        "a zone limits a template",
        root(" template IN AAAA corp.example {\n  rcode NXDOMAIN\n }"),
        {"v4.corp.example": ("ok", "nxdomain"), "v4.example.org": ("ok", "nodata"), "corp.example": ("nodata", "nxdomain")},
    ),
    (
        "a zone in capitals is the same zone",
        root(" template IN AAAA CORP.Example. {\n  rcode NXDOMAIN\n }"),
        {"V4.Corp.example.": ("ok", "nxdomain")},
    ),
    ("the first template in the file that fits decides", root(" template IN AAAA .\n" + NX), {"v4.example.org": ("ok", "nodata")}),
    (
        "its place among other plugins does not matter",
        ". {\n forward . 192.0.2.53\n kubernetes cluster.local\n" + NX + "\n}\n",
        {"kubernetes.default.svc.cluster.local": ("ok", "nxdomain")},
    ),
    ("type ANY covers both", root(" template ANY ANY . {\n  rcode NXDOMAIN\n }"), {"v4.example.org": ("nxdomain", "nxdomain")}),
    ("the last rcode counts", root(" template IN AAAA . {\n  rcode NXDOMAIN\n  rcode NOERROR\n }"), {"v4.example.org": ("ok", "nodata")}),
    ("other rcodes are passed on", root(" template IN AAAA . {\n  rcode REFUSED\n }"), {"v4.example.org": ("ok", "refused")}),
    (
        "class CH never reaches a query of class IN",
        root(" template CH AAAA . {\n  rcode NXDOMAIN\n }"),
        {"v4.example.org": ("ok", "nodata")},
    ),
    (
        "an answer of the asked type is an address",
        root(' template IN AAAA . {\n  answer "{{ .Name }} 60 IN AAAA ::1"\n }'),
        {"v4.example.org": ("ok", "ok")},
    ),
    (
        "an address with NXDOMAIN is still NXDOMAIN",
        root(' template IN AAAA . {\n  answer "{{ .Name }} 60 IN AAAA ::1"\n  rcode NXDOMAIN\n }'),
        {"v4.example.org": ("ok", "nxdomain")},
    ),
    (
        "a fallthrough without a match does nothing",
        root(" template IN AAAA . {\n  rcode NXDOMAIN\n  fallthrough\n }"),
        {"v4.example.org": ("ok", "nxdomain")},
    ),
    ("nobody answers: SERVFAIL", ". {\n errors\n}\n", {"v4.example.org": ("servfail", "servfail")}),
    ("no plugin: REFUSED", ".:53\n", {"v4.example.org": ("refused", "refused")}),
    (
        "no server block: REFUSED",
        "corp.example {\n forward . 192.0.2.53\n}\n",
        {"v4.example.org": ("refused", "refused"), "v4.corp.example": ("ok", "nodata")},
    ),
    (
        "a name only looks like a subdomain",
        "example {\n forward . 192.0.2.53\n}\n",
        {"v4.example.org": ("refused", "refused"), "notexample": ("refused", "refused")},
    ),
    (
        "the longest zone wins, whatever its place",
        root(NX) + "corp.example {\n forward . 192.0.2.53\n}\n",
        {"v4.corp.example": ("ok", "nodata"), "v4.example.org": ("ok", "nxdomain")},
    ),
    (
        "each key of a server block counts",
        "a.example, corp.example:53 {\n" + NX + "\n forward . 192.0.2.53\n}\n",
        {"v4.corp.example": ("ok", "nxdomain")},
    ),
    ("other transports are other servers", "tls://. {\n forward . 192.0.2.53\n}\n", {"v4.example.org": ("refused", "refused")}),
    ("plain DNS may be written out", "dns://.:1053 {\n forward . 192.0.2.53\n}\n", {"v4.example.org": ("ok", "nodata")}),
    (
        "a template of another server block does nothing",
        root("") + "corp.example {\n" + NX + "\n forward . 192.0.2.53\n}\n",
        {"v4.example.org": ("ok", "nodata"), "v4.corp.example": ("ok", "nxdomain")},
    ),
    (
        "kubernetes without zones serves those of the block",
        "cluster.local {\n kubernetes\n}\n",
        {"kubernetes.default.svc.cluster.local": ("ok", "nodata")},
    ),
    (
        "forward leaves out what it excepts",
        ". {\n forward . 192.0.2.53 {\n  except corp.example\n }\n}\n",
        {"v4.corp.example": ("servfail", "servfail"), "v4.example.org": ("ok", "nodata")},
    ),
    (
        "forward serves its zone",
        ". {\n forward corp.example 192.0.2.53\n}\n",
        {"v4.corp.example": ("ok", "nodata"), "v4.example.org": ("servfail", "servfail")},
    ),
    ("an upstream from the environment does not matter", ". {\n forward . {$UPSTREAM}\n}\n", {"v4.example.org": ("ok", "nodata")}),
    ("nor does a port from the environment", ".:{$PORT} {\n forward . 192.0.2.53\n}\n", {"v4.example.org": ("ok", "nodata")}),
    (
        "hosts with a fallthrough hands on what it does not know",
        root(" hosts {\n  192.0.2.1 host.lan\n  fallthrough\n }"),
        {"v4.example.org": ("ok", "nodata")},
    ),
    (
        "a snippet counts where it is imported",
        "(off) {\n" + NX + "\n}\n" + root(" import off") + "corp.example {\n forward . 192.0.2.53\n}\n",
        {"v4.example.org": ("ok", "nxdomain"), "v4.corp.example": ("ok", "nodata")},
    ),
]


@pytest.mark.parametrize(("text", "answers"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_corefile_answers_as_coredns_would(text: str, answers: dict[str, tuple[str, str]]) -> None:
    assert {name: verdicts(text, name) for name in answers} == answers


UNKNOWN: list[tuple[str, str]] = [
    (root(" rewrite continue type AAAA A"), "a `rewrite` leaves the rewritten question in the reply"),
    (root(" rewrite class IN CH"), "a `rewrite` rule is not modelled: class"),
    (root(" acl {\n  filter type AAAA net 10.0.0.0/8\n }"), "`acl` decides by the address of the client"),
    (root(" file db.example.org example.org"), "the zone file db.example.org is not at hand"),
    (root(" ads {\n  list x\n }"), "the plugin `ads` is not modelled"),
    (". {\n etcd\n}\n", "the plugin `etcd` is not modelled"),
    (root(" import custom/*.override"), "the file that `import custom/*.override` reads is not at hand"),
    (root("") + "import custom/*.server\n", "the file that `import custom/*.server` reads is not at hand"),
    (root(" template IN AAAA . {\n  match ^v4\\C\n  rcode NXDOMAIN\n }"), "CoreDNS would refuse the expression ^v4\\C"),
    (root(" template IN AAAA . {\n  rcode {$RC}\n }"), "`template` uses an environment variable"),
    (root(" template IN AAAA . {\n  rcode {%RC%}\n }"), "`template` uses an environment variable"),
    (root(" template IN AAAA {$ZONE} {\n  rcode NXDOMAIN\n }"), "the zones of `template` are an environment variable"),
    (root(" template IN AAAA . {\n  rcode NXDOMAIN {\n  }\n }"), "`template` holds a nested block"),
    (root(" template IN AAAA . {\n  expr false\n }"), "a template decides by `expr`"),
    (
        root(' template IN AAAA . {\n  answer "{{ printf .Name }} 60 IN AAAA ::1"\n }'),
        "a template writes its records with {{ printf .Name }}",
    ),
    (root(' template IN AAAA . {\n  answer "a. 60 IN LOC x"\n }'), "a template writes a record that remedy cannot read: a. 60 IN LOC x"),
    (root(' template IN AAAA . {\n  answer "{{ .Name }} 60 IN CNAME {{ .Name }}"\n }'), "names point at each other in a circle"),
    (root(" template IN AAAA . {\n  rcode BADSIG\n }"), "an rcode above 15 cannot be sent to every client"),
    (root(" dns64"), "`dns64` decides by whether the client asks over IPv6"),
    (root(" erratic").replace("forward", "errors #"), "`erratic` drops every so-manieth question"),
    (". {\n view x {\n  expr true\n }\n whoami\n}\n", "a `view` chooses the server block by an expression"),
    (
        ".:1053 {\n whoami\n}\n.:2053 {\n template IN AAAA .\n}\n.:3053 {\n erratic {\n  drop 0\n }\n}\n",
        "server blocks on several ports, none of them 53, answer differently",
    ),
    (". {\n bind 127.0.0.1\n whoami\n}\nexample.org {\n whoami\n}\n", "server blocks of one port `bind` different addresses"),
    (root(" tsig {\n  require all\n }"), "`tsig` may require signed questions"),
    (". {\n kubernetes {$DOMAIN}\n forward . 192.0.2.53\n}\n", "the zones of `kubernetes` are an environment variable"),
    (". {\n forward {$ZONE} 192.0.2.53\n}\n", "the zones of `forward` are an environment variable"),
    ("{$ZONE} {\n forward . 192.0.2.53\n}\n", "the zone of a server block is an environment variable"),
    ("{$ZONE}:53 {\n forward . 192.0.2.53\n}\n.:53 {\n forward . 192.0.2.53\n}\n", "the zone of a server block is an environment variable"),
]


@pytest.mark.parametrize(("text", "reason"), UNKNOWN)
def test_what_cannot_be_computed_is_unknown_with_the_reason(text: str, reason: str) -> None:
    answer = asked(text, "v4.example.org", "AAAA")
    assert answer.verdict == "unknown"
    assert answer.unknown == reason


def test_an_unmodelled_template_does_not_spoil_the_questions_it_is_not_asked() -> None:
    text = root(" template IN AAAA corp.example {\n  expr false\n }")
    assert verdicts(text, "v4.example.org") == ("ok", "nodata")
    assert asked(text, "v4.corp.example", "A").verdict == "ok"
    assert asked(text, "v4.corp.example", "AAAA").verdict == "unknown"


def test_a_hosts_file_could_hold_any_name_but_one_that_is_reserved() -> None:
    text = root(" hosts hosts.txt {\n  fallthrough\n }")
    assert asked(text, "v4.example.org", "A").verdict == "ok"
    assert asked(text, "shop.example.cn", "A").unknown == "the hosts file hosts.txt is not at hand and could hold this name"
    files = {"hosts.txt": "192.0.2.1 shop.example.cn"}
    assert reply(parse(text), "shop.example.cn", "A", {}, files=files) == Reply("NOERROR", has_records=True, by="hosts")
    assert reply(parse(text), "shop.example.cn", "AAAA", {}, files=files) == Reply("NOERROR", by="hosts")


def test_the_client_decides_where_its_address_is_said() -> None:
    acl = parse(root(" acl {\n  drop type AAAA net 10.0.0.0/8\n }"))
    assert reply(acl, "dual.example.org", "AAAA", WORLD, client="10.1.2.3").verdict == "drop"
    assert reply(acl, "dual.example.org", "AAAA", WORLD, client="192.0.2.1").verdict == "ok"
    dns64 = parse(root(" dns64"))
    assert reply(dns64, "v4.example.org", "AAAA", WORLD, client="2001:db8::1") == Reply("NOERROR", has_records=True, by="dns64")
    assert reply(dns64, "v4.example.org", "AAAA", WORLD, client="192.0.2.1").verdict == "nodata"


def test_the_order_of_plugins_is_that_of_the_version() -> None:
    # acl stands before rewrite up to 1.14.1, behind it since
    text = parse(root(" rewrite name v4.example.org dual.corp.example\n acl corp.example {\n  block\n }"))
    assert reply(text, "v4.example.org", "A", WORLD, version="1.10.1").verdict == "nxdomain"
    for version in ("1.14.2", "1.14.6", "1.14.7", "1.15.0"):
        assert reply(text, "v4.example.org", "A", WORLD, version=version).verdict == "refused"
    interesting = ("rewrite", "autopath", "acl", "cache", "template")
    orders = {version: [word for word in order(version) if word in interesting] for version in ((1, 10, 1), (1, 14, 2), (1, 15, 0))}
    assert orders == {
        (1, 10, 1): ["acl", "cache", "rewrite", "autopath", "template"],
        (1, 14, 2): ["cache", "rewrite", "acl", "autopath", "template"],
        (1, 15, 0): ["rewrite", "autopath", "acl", "cache", "template"],
    }
    for version in orders:
        assert sorted(order(version)) == sorted(order((1, 15, 0)))


def test_plugins_that_are_gone_answer_in_the_releases_that_had_them() -> None:
    proxies = " proxy example.org 192.0.2.1 {\n  except v6.example.org\n }\n proxy . 192.0.2.2"
    text = parse(root(proxies).replace("forward . 192.0.2.53", ""))
    for name, verdict in (("v4.example.org", "ok"), ("v6.example.org", "nodata"), ("absent.example.org", "nxdomain")):
        assert reply(text, name, "A", WORLD, version="1.4.0").verdict == verdict
        assert reply(text, name, "A", WORLD, version="1.5.0").unknown == "the plugin `proxy` is not modelled"
    federated = parse(root(" federation example.org {\n  prod prod.example.com\n }"))
    assert reply(federated, "v4.example.org", "A", WORLD, version="1.6.9").verdict == "ok"
    assert reply(federated, "web.ns.prod.svc.example.org", "A", WORLD, version="1.6.9").unknown
    assert reply(federated, "v4.example.org", "A", WORLD, version="1.7.0").unknown


def test_a_match_that_fails_without_a_fallthrough_ends_the_question() -> None:
    text = parse(root(" template IN AAAA . {\n  match ^dual[.]\n }"))
    assert reply(text, "v4.example.org", "AAAA", WORLD).verdict == "servfail"
    assert reply(text, "v4.example.org", "AAAA", WORLD, version="1.9.2").verdict == "drop"
    assert reply(text, "dual.example.org", "AAAA", WORLD).verdict == "nodata"


def test_a_cidr_is_its_reverse_zones() -> None:
    assert origins(["10.0.0.0/8", "10.1.0.0/15", "2001:db8::/32"]) == (
        "10.in-addr.arpa.",
        "0.10.in-addr.arpa.",
        "1.10.in-addr.arpa.",
        "8.b.d.0.1.0.0.2.ip6.arpa.",
    )
    assert origins(["dns://A.org:53", "a..b", "a.org:", "0.0.0.0/0"]) == ("a.org.", "in-addr.arpa.")


def test_a_reply_names_the_plugin_that_decides() -> None:
    text = root(NX)
    assert asked(text, "v4.example.org", "AAAA").by == "template"
    assert asked(text, "v4.example.org", "A").by == "forward"
    assert asked(text, "kubernetes.default.svc.cluster.local", "A").by == "kubernetes"
    assert asked("corp.example {\n}\n", "v4.example.org", "A").by == ""


@pytest.mark.parametrize(
    ("key", "zone", "scheme"),
    [
        (".", ".", "dns"),
        (".:53", ".", "dns"),
        ("Example.ORG", "example.org.", "dns"),
        ("dns://example.org.:1053", "example.org.", "dns"),
        ("tls://example.org", "example.org.", "tls"),
        ("https3://.:443", ".", "https3"),
        ("quic://a", "a.", "quic"),
        ("a.org:dns", "a.org:dns.", "dns"),
        (".:{$PORT}", ".", "dns"),
        ("a.org:{%PORT%}", "a.org.", "dns"),
        ("__PILLAR__DNS__DOMAIN__:53", "__pillar__dns__domain__.", "dns"),
    ],
)
def test_a_key_holds_a_zone_and_perhaps_a_transport_and_a_port(key: str, zone: str, scheme: str) -> None:
    assert (zone_of_key(key), scheme_of_key(key)) == (zone, scheme)


def test_zones_cover_whole_labels() -> None:
    assert covers(".", "a.b.")
    assert covers("b.", "a.b.")
    assert covers("b.", "b.")
    assert not covers("b.", "ab.")
    assert absolute("A.b..") == "a.b."
    assert kubernetes_zones(parse("x {\n kubernetes cluster.local in-addr.arpa ip6.arpa Cluster.local.\n}\n")) == ["cluster.local."]


def test_a_template_serves_the_names_that_both_it_and_its_server_block_name() -> None:
    def zones(keys: str, named: str) -> tuple[str, ...]:
        ((block, _),) = parse(f"{keys} {{\n template IN AAAA {named}\n}}\n").walk()
        return templates(block)[0].zones

    assert zones(".", "") == (".",)
    assert zones(".", "a.org b.org") == ("a.org.", "b.org.")
    assert zones("a.org b.org", "") == ("a.org.", "b.org.")
    assert zones("a.org", ".") == ("a.org.",)
    assert zones("a.org", "x.a.org") == ("x.a.org.",)
    assert zones("a.org", "b.org") == ()
    assert zones(". a.org", ".") == (".", "a.org.")


def case(name: str, which: str) -> str:
    return (FOLDER / f"AAAA001-{name}" / f"{which}.Corefile").read_bytes().decode("utf-8", "surrogateescape")


TOLD_APART = [
    "incident",
    "one-line",
    "comments",
    "crlf",
    "zone",
    "several-zones",
    "zones-of-the-server-block",
    "snippet",
    "root-zone-in-a-narrower-server-block",
]


@pytest.mark.parametrize("which", [("before", "after"), ("after", "before")], ids=["change", "rollback"])
@pytest.mark.parametrize("name", TOLD_APART)
def test_one_question_at_least_tells_the_two_texts_apart(name: str, which: tuple[str, str]) -> None:
    old, new = (parse(case(name, each)) for each in which)
    found = questions(old, new, "remedy-1a2b")
    assert found[0].tells
    assert {found[0].old, found[0].new} == {"nxdomain", "nodata"}
    assert found[0].type_ == "AAAA"
    assert [question.tells for question in found] == sorted((question.tells for question in found), reverse=True)


@pytest.mark.parametrize("name", TOLD_APART)
def test_a_replica_is_asked_only_what_the_corefile_itself_decides(name: str) -> None:
    old, new = parse(case(name, "before")), parse(case(name, "after"))
    for question in questions(old, new, "remedy-1a2b"):
        assert question.name.startswith(("remedy-1a2b.", "kubernetes.default.svc."))
        # whatever an upstream holds, the answer stays the same
        kinds: list[Kind] = ["v4", "dual", "absent"]
        worlds: list[dict[str, Kind]] = [{}, *({question.name: kind} for kind in kinds if question.name.startswith("remedy-1a2b."))]
        if question.name.startswith("remedy-1a2b."):
            assert {reply(new, question.name, question.type_, world).verdict for world in worlds} == {question.new}


def test_a_template_with_a_match_is_told_apart_by_a_name_that_it_matches() -> None:
    old = parse(root('template IN AAAA . {\n match "^[a-z]+[.]corp[.]example[.]$"\n rcode NXDOMAIN\n fallthrough\n}\n'))
    new = parse(old.text.replace("NXDOMAIN", "NOERROR"))
    (told,) = [question for question in questions(old, new, "remedy-1a2b") if question.tells]
    assert told == ("a.corp.example.", "AAAA", "nxdomain", "nodata")


def test_no_question_tells_two_texts_apart_that_answer_alike() -> None:
    one = parse(root(NX))
    assert not any(question.tells for question in questions(one, parse(root(NX.replace("ANY", "IN"))), "x"))
    assert questions(one, one, "x")


def test_the_names_of_a_change_cover_every_zone_it_touches() -> None:
    old, new = parse(case("several-zones", "before")), parse(case("several-zones", "after"))
    world = names(old, new)
    assert {name for name, kind in world.items() if kind == "apex"} == {"automation.", "home.example."}
    assert {"v4.home.example.", "dual.home.example.", "v6.home.example.", "absent.home.example."} <= set(world)
    incident = names(parse(root(NX)), parse(root("")))
    assert incident["kubernetes.default.svc.cluster.local."] == "v4"
    assert "v4.example.org." in incident


@settings(deadline=None, max_examples=400)
@given(st.text(alphabet="ab.{}$:/é-\udce9", max_size=12), st.sampled_from(["A", "AAAA", "ANY", "MX"]))
def test_any_name_in_any_zone_is_answered_or_unknown(name: str, type_: str) -> None:
    zone = f'"z{name}"'
    for text in (root(NX), f"{zone} {{\n template ANY AAAA {zone} {{\n  rcode NXDOMAIN\n }}\n}}\n"):
        assert asked(text, name, type_).verdict


def test_a_block_on_another_port_does_not_answer_for_the_one_on_port_53() -> None:
    text = ".:1053 {\n    template IN AAAA .\n}\n.:53 {\n    template IN AAAA {\n        rcode NXDOMAIN\n    }\n}\n"
    assert reply(parse(text), "a.example.", "AAAA", {}).rcode == "NXDOMAIN"
    assert reply(parse(text), "a.example.", "AAAA", {}, port="1053").rcode == "NOERROR"
    assert reply(parse(text.replace(":53 ", ":5353 ")), "a.example.", "AAAA", {}).unknown


def test_names_of_a_cluster_whose_domain_is_a_placeholder_are_unknown_and_others_are_not() -> None:
    text = "__PILLAR__DNS__DOMAIN__:53 {\n forward . __PILLAR__CLUSTER__DNS__\n}\n.:53 {\n template IN AAAA .\n forward . 192.0.2.53\n}\n"
    for name in ("web.default.svc.cluster.local.", "web.default.svc.example.", "cluster.local."):
        assert reply(parse(text), name, "AAAA", {}).unknown == "the cluster's domain is a placeholder: __pillar__dns__domain__."
    assert reply(parse(text), "a.example.", "AAAA", {}).rcode == "NOERROR"


def test_the_page_on_answers_lists_every_reason() -> None:
    page = (Path(__file__).parents[1] / "docs" / "answers.md").read_text("utf-8")
    rows = set(re.findall(r"^\| (.+) \| (.+) \|$", page, re.MULTILINE))
    assert {(reason.text.replace("{}", "…"), reason.why) for reason in REASONS.values()} <= rows
