"""The sandbox: a real CoreDNS on this machine says what a text answers, and whether it loads at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.answers.model import Reply, reply
from remedy.answers.template import refused
from remedy.errors import UnavailableError
from remedy.validate.sandbox import find_binary, prove
from tests.coredns_answers.generated import corefile
from tests.testbed.build import COREDNS, coredns
from tests.validate.sandboxed import FIXTURES, WORLD, answered, case, questions, sandbox, text_of

INCIDENT = FIXTURES / "rules" / "AAAA001-incident"
PAIRS = [
    (before, after)
    for before in sorted((FIXTURES / "rules").glob("*/before.Corefile"))
    if not before.parent.name.startswith("MIG")  # these are for a release of their own
    for after in sorted(before.parent.glob("after*.Corefile")) or [before]
]
# CoreDNS refuses these texts, before and after.
NOT_LOADED = {"AAAA001-clean-lower-case", "AAAA001-rcode-without-a-word", "AAAA001-words-behind-the-block"}
KUBEADM = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa {
       pods insecure
       fallthrough in-addr.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
}
"""
_VIEW = """\
view some {{
  expr {}
}}
template IN AAAA
}}
. {{
forward . tls://9.9.9.9 {{
  tls_servername dns.quad9.net
}}
"""


def test_the_incident_is_seen_as_clients_saw_it_and_healed_by_the_documented_text() -> None:
    heard = sandbox(text_of(INCIDENT / "before.Corefile"), text_of(INCIDENT / "after.Corefile"))
    ((replica, before, after),) = heard.rows
    assert (replica, heard.refused) == ("", "")
    assert {name: (before[name, "AAAA"].verdict, after[name, "AAAA"].verdict) for name in WORLD} == dict.fromkeys(
        WORLD, ("nxdomain", "nodata")
    )
    a = {name: after[name, "A"].verdict for name in WORLD}
    assert a == {name: before[name, "A"].verdict for name in WORLD}
    assert list(a.values()) == ["ok", "ok", "nodata", "nxdomain", "ok", "nxdomain"]


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_answers_to_every_fixture_are_those_of_the_model_wherever_the_model_knows(before: Path, after: Path) -> None:
    if before.parent.name in NOT_LOADED or (before == after and refused(case(text_of(before)).before)):
        with pytest.raises(UnavailableError, match=r"does not load the current text: Corefile:\d+:\d+: "):
            sandbox(text_of(before), text_of(after))
        return
    given = case(text_of(before), text_of(after))
    ((_, *sides),) = prove(given, questions(), binary=str(coredns())).rows
    for side, tree in zip(sides, (given.before, given.after), strict=True):
        for question, real in side.items():
            told = reply(tree, *question, WORLD)
            if real.unknown.startswith("CoreDNS does not load this text"):
                assert told.unknown or told == Reply(""), question
            elif not told.unknown:
                assert real == told._replace(by=""), question


@pytest.mark.parametrize("number", range(24))
def test_the_answers_to_generated_texts_are_those_of_the_model_wherever_the_model_knows(number: int) -> None:
    given = case(corefile(number))
    ((_, _, side),) = prove(given, questions(), binary=str(coredns())).rows
    for question, real in side.items():
        told = reply(given.after, *question, WORLD)
        assert real.unknown or told.unknown or real == told._replace(by=""), question


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("    cache 30", "    cahce 30", "Corefile:12:5: Unknown directive 'cahce' "),
        ("    cache 30", "    cache {\n      sucess 10\n    }", "Corefile:13:7: cache: Wrong argument count "),
        ("    cache 30", "    template IN AAAA {\n      rcode NODATA\n    }", "Corefile:13:13: template: unknown rcode NODATA "),
        ("    cache 30", '    template IN AAAA {\n      match "a(b"\n    }', "Corefile:13:13: template: could not parse regex: a(b"),
        ("    cache 30", "    cache 30\n    cache 40", "Corefile:13:5: cache: this plugin can only be used once "),
        ("resolv.conf", "resolv.conf {\n       max_fails lots\n    }", 'Corefile:12:18: forward: strconv.ParseUint: parsing "lots"'),
        ("lameduck 5s", "lameduck 5", "Corefile:4:17: health: unable to parse lameduck"),
        (".:53 {", ".:99999 {", "Corefile:1:1: address 99999: invalid port"),
        ("    loop\n}", "    loop\n}\n.:53 {\n}", "Corefile:15:1: cannot serve dns://.:53 - it is already defined"),
    ],
)
def test_what_coredns_refuses_is_refused_with_its_place_in_the_text_and_its_own_words(old: str, new: str, refused: str) -> None:
    assert old in KUBEADM
    heard = sandbox(KUBEADM, KUBEADM.replace(old, new))
    assert heard.rows == ()
    assert heard.refused.startswith(refused)
    assert f"(CoreDNS {COREDNS} says: " in heard.refused


def test_a_candidate_that_another_release_refuses_says_nothing_about_the_cluster() -> None:
    with pytest.raises(UnavailableError, match=r"the cluster runs 1\.12\.1: Corefile:12:5: Unknown directive 'cahce'"):
        sandbox(KUBEADM, KUBEADM.replace("cache", "cahce"), version="1.12.1")


def test_a_live_text_that_does_not_load_is_said_and_its_answers_are_unknown() -> None:
    heard = sandbox(KUBEADM.replace("cache 30", "template in AAAA"), KUBEADM)
    ((_, before, after),) = heard.rows
    assert "does not load this text" in before["v4.example.org.", "A"].unknown
    assert after["v4.example.org.", "A"].verdict == "ok"
    assert any(sentence.startswith("the current text does not load: Corefile:12:14: ") for sentence in heard.transcript)


def test_everything_that_was_replaced_is_named() -> None:
    transcript = sandbox(KUBEADM, version="1.12.1").transcript
    assert transcript[0].startswith(f"CoreDNS {COREDNS} (")
    assert transcript[0].endswith("ran the text on loopback, asked over UDP and TCP")
    assert transcript[1:] == (
        "the cluster runs CoreDNS 1.12.1, which may answer differently",
        "kubernetes cluster.local in-addr.arpa: played by a zone that holds only the names asked for; its options were not read",
        "forward .: its upstreams are played by one that holds only the names asked for",
        "taken out, and not read: loop",
    )


@pytest.mark.parametrize(
    ("plugins", "name", "type_", "expected"),
    [
        ("acl {\n drop type AAAA\n}\nwhoami", "v4.example.org.", "AAAA", "drop"),
        ("acl {\n block type AAAA net 10.0.0.0/8\n}\nwhoami", "v4.example.org.", "AAAA", "`acl` decides by the address of the client"),
        ("hosts NodeHosts {\n 192.0.2.1 v4.example.org\n fallthrough\n}\nforward . 9.9.9.9", "v4.example.org.", "A", "ok"),
        ("hosts NodeHosts {\n fallthrough\n}\nforward . 9.9.9.9", "kubernetes.default.svc.cluster.local.", "A", "the hosts file NodeHosts"),
        ("file db.example example.org\nforward . 9.9.9.9", "v4.example.org.", "A", "the zone file db.example is not at hand"),
        ("file db.example example.net\nforward . 9.9.9.9", "v4.example.org.", "A", "ok"),
        ("template IN AAAA {\n rcode {$RCODE}\n}\nforward . 9.9.9.9", "v4.example.org.", "AAAA", "`template` uses an environment variable"),
        ("template IN AAAA {\n rcode {$RCODE}\n}\nforward . 9.9.9.9", "v4.example.org.", "A", "ok"),
        ("import custom/*.override\nforward . 9.9.9.9", "v4.example.org.", "A", "the file that `import custom/*.override` reads"),
        ("netbox example.org\nforward . 9.9.9.9", "v4.example.org.", "A", "the plugin `netbox` is not modelled"),
        ("kubernetes cluster.local {\n fallthrough\n}\nforward . 9.9.9.9", "absent.default.svc.cluster.local.", "A", "nxdomain"),
        ("kubernetes cluster.local", "v4.example.org.", "A", "servfail"),
        ("grpc . dns.example:443", "dual.example.org.", "AAAA", "ok"),
        (_VIEW.format("type() == 'AAAA'"), "dual.example.org.", "AAAA", "nodata"),
        (_VIEW.format("proto() == 'udp'"), "dual.example.org.", "AAAA", "UDP and TCP answer differently: "),
    ],
)  # fmt: skip
def test_an_answer_is_real_or_unknown_with_the_reason(plugins: str, name: str, type_: str, expected: str) -> None:
    assert answered(f". {{\n{plugins}\n}}\n", name, type_).startswith(expected)


def test_no_program_is_started_and_no_file_read_for_a_text(tmp_path: Path) -> None:
    secret, mark = tmp_path / "secret", tmp_path / "mark"
    secret.write_text("192.0.2.1 v4.example.org\n")
    text = f". {{\n on startup touch {mark}\n hosts {secret}\n import {secret}\n}}\n"
    assert answered(text, "v4.example.org.", "A") == f"the file that `import {secret}` reads is not at hand"
    assert not mark.exists()


def test_several_ports_are_asked_as_clients_are_sent_to_them() -> None:
    texts = ".:53 {\n template IN AAAA\n forward . 9.9.9.9\n}\n", ".:1053 {\n forward . 9.9.9.9\n}\n"
    assert answered(texts[0] + texts[1], "dual.example.org.", "AAAA") == "nodata"
    both = texts[0].replace(":53", ":5353") + texts[1]
    assert answered(both, "dual.example.org.", "AAAA") == "the ports or addresses that the text serves answer differently"
    assert answered(both, "dual.example.org.", "A") == "ok"


def test_a_zone_in_capitals_is_served_by_the_newest_release_and_by_no_older_one() -> None:
    given = case("Example.org {\n forward . 9.9.9.9\n}\n")
    verdicts = {}
    for version in (COREDNS, "1.10.1"):
        ((_, _, side),) = prove(given, questions(), binary=str(coredns(version))).rows
        verdicts[version] = side["v4.example.org.", "A"].verdict
    assert verdicts == {COREDNS: "ok", "1.10.1": "refused"}


def test_a_text_of_one_block_without_braces_and_one_that_borrows_its_last_brace_run_too() -> None:
    assert answered(".\ntemplate IN AAAA\nforward . 9.9.9.9", "v4.example.org.", "A") == "ok"
    assert answered(". {\n template IN AAAA\n forward . 9.9.9.9 {\n max_fails 0\n}\n", "v4.example.org.", "A") == "ok"
    assert answered(". {\n template IN AAAA\n kubernetes cluster.local {\n}\n", "v4.example.org.", "AAAA") == "nodata"
    assert answered("# nothing is left\n", "v4.example.org.", "A") == "nodata"


def test_the_program_is_the_given_one_or_that_of_the_cluster_s_release_or_the_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "remedy" / "coredns"
    for version in ("1.10.1", "1.8.0"):
        (cache / version).mkdir(parents=True)
        (cache / version / "coredns").symlink_to(coredns(version))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(coredns().parent))
    assert find_binary(str(coredns("1.8.0")), "1.10.1").version == "1.8.0"
    assert find_binary(None, "v1.10.1").version == "1.10.1"
    assert find_binary(None, "1.12.0").version == COREDNS
    assert find_binary(None, None) == (str(coredns()), COREDNS)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary(None, None).version == "1.10.1"


def test_without_a_program_it_is_said_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    for given, message in [
        (None, "no CoreDNS program"),
        (str(tmp_path / "none"), "cannot be run: No such file"),
        ("/bin/true", "not a CoreDNS"),
    ]:
        with pytest.raises(UnavailableError, match=message) as refused:
            find_binary(given, None)
        assert "--coredns PATH" in refused.value.hint
