"""The steps of a migration held against real CoreDNS releases: what they call refused is, and what they make of it is loaded.

Whether it then answers as before is asked of generated texts too (tests/migration).
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from remedy import engine
from remedy.answers.plugins import version_of
from remedy.corefile.parse import parse
from remedy.releases import nearest, releases
from remedy.releases import plugins as releases_of
from remedy.rules import Choices
from rewrite_rules import RULES
from rewrite_rules.migrate._move import Move, unknown
from tests.coredns_answers.real import ask, running
from tests.migration.loading import refused
from tests.rules.cases import Case, cases, document
from tests.rules.proof import PORTS
from tests.testbed.build import coredns

REFUSED = tomllib.loads((Path(__file__).parents[2] / "fixtures/releases/refused.toml").read_text("utf-8"))["refused"]
REAL = ("1.6.9", "1.8.0", "1.10.1", "1.15.0")
STEPS = [case for case in cases() if case.code.startswith("MIG") and "not_run" not in case.about]


def reader(case: Case) -> str:
    """The release that reads the fixture in the end."""
    return nearest(case.choices().reader or "").version


def starts_not(case: Case) -> bool:
    """Does remedy say that its reader refuses it?"""
    return any(finding.severity == "error" and finding.code.startswith("MIG") for finding in case.scan())


def of(version: str, found: list[Case]) -> list[Case]:
    return [case for case in found if reader(case) == version]


@pytest.mark.parametrize("version", REAL)
def test_what_a_step_calls_refused_does_not_start_and_everything_else_does(version: str) -> None:
    mine = of(version, STEPS)
    said = refused([case.read() for case in mine], version)
    assert {mine[number].name: said[number] for number in said}.keys() == {case.name for case in mine if starts_not(case)}


@pytest.mark.parametrize("version", REAL)
def test_what_a_step_writes_starts_on_the_release_to_come(version: str) -> None:
    mine = of(version, [case for case in STEPS if case.has("after")])
    said = refused([case.read("after") for case in mine], version)
    assert {mine[number].name: words for number, words in said.items()} == {}


@pytest.mark.parametrize("version", REAL)
def test_every_fixture_starts_on_the_release_that_it_comes_from(version: str) -> None:
    mine = [case for case in STEPS if case.about.get("version") == version and case.about.get("to")]
    said = refused([case.read() for case in mine], version)
    assert {mine[number].name: words for number, words in said.items()} == {}


def test_a_proxy_that_a_comment_silences_stays_when_its_neighbour_is_rewritten() -> None:
    stays = "    # remedy: ignore MIG003 rewritten by hand after the upgrade\n    proxy corp.example 192.0.2.53\n"
    text = f".:53 {{\n{stays}    proxy . 192.0.2.53\n}}\n"
    repair = engine.repair(document(text), RULES, Choices(version="1.3.1", to="1.15.0"))
    assert repair.text == f".:53 {{\n{stays}    forward . 192.0.2.53\n}}\n"


def test_without_a_release_no_step_finds_anything() -> None:
    for case in STEPS:
        assert [finding for finding in engine.scan(document(case.read()), RULES, Choices()) if finding.code.startswith("MIG")] == []


def test_a_change_of_meaning_is_a_sentence_and_the_release_that_brought_it() -> None:
    text = ".:53 {\n    reload\n    rewrite name regex (.*)[.]a {1}.b\n    forward . 192.0.2.53\n}\n"
    told = {
        to: [each.message for each in engine.scan(document(text), RULES, Choices(version=version, to=to)) if each.code == "MIG012"]
        for version, to in (("1.8.0", "1.15.0"), ("1.15.0", "1.8.0"))
    }
    assert told["1.15.0"][0] == "reload: since 1.9.1 its hash of the configuration is SHA-512"
    assert told["1.8.0"] == ["reload: only since 1.9.1 its hash of the configuration is SHA-512 (before, MD5)"]


@pytest.mark.parametrize("version", ["1.8.0", "1.15.0"])
def test_the_templates_in_the_place_of_reverse_answer_as_it_did(version: str, tmp_path: Path) -> None:
    """What reverse answered is by source: no program of a release that has it can be built."""
    (case,) = (case for case in STEPS if case.name == "MIG010-reverse")
    port, nobody = next(PORTS), next(PORTS)
    text = (
        case.read("after")
        .replace("192.0.2.53", f"127.0.0.1:{nobody}")
        .replace("compute.internal 32.10.in-addr.arpa {", f"compute.internal:{port} 32.10.in-addr.arpa:{port} {{\n    bind 127.0.0.1")
    )
    behind = f".:{nobody} {{\n    bind 127.0.0.1\n    template ANY ANY {{\n        rcode REFUSED\n    }}\n}}\n"
    name, pointer = "ip-10.32.1.5.compute.internal.", "5.1.32.10.in-addr.arpa."
    asked = [(pointer, "PTR"), (name, "A"), (name, "AAAA"), ("www.compute.internal.", "A"), ("ip-10.33.1.5.compute.internal.", "A")]
    with running(coredns(version), text + behind, tmp_path):
        seen = ask(port, asked)
    assert [each.rcode for each in seen] == ["NOERROR", "NOERROR", "NOERROR", "REFUSED", "REFUSED"]
    assert [each.has_records for each in seen] == [True, True, False, False, False]


PROXIES = """\
{key} {{
    bind 127.0.0.1
    errors
    proxy . 127.0.0.1:{a} {{
        policy first
        fail_timeout 5s
    }}
    # the office
    proxy corp.example 127.0.0.1:{b}
    proxy lab.corp.example 127.0.0.1:{c} {{
        protocol dns force_tcp
    }}
    template IN TXT {{
        answer "{{{{ .Name }}}} 60 IN TXT x"
    }}
}}
"""
SERVERS = {"a": "NXDOMAIN", "b": "REFUSED", "c": "YXDOMAIN"}
NAMES = ("www.example.", "corp.example.", "a.corp.example.", "lab.corp.example.", "b.a.lab.corp.example.", "xcorp.example.")


@pytest.mark.parametrize("version", ["1.6.9", "1.8.0", "1.15.0"])
def test_each_name_is_asked_of_the_server_that_proxy_asked(version: str, tmp_path: Path) -> None:
    """Three servers that can be told apart behind a real 1.4.0, and behind what becomes of its Corefile."""
    ports = {name: next(PORTS) for name in SERVERS}
    port = next(PORTS)
    text = PROXIES.format(key=f".:{port}", **ports)
    servers = "".join(
        f".:{ports[name]} {{\n    bind 127.0.0.1\n    template ANY ANY . {{\n        rcode {rcode}\n    }}\n}}\n"
        for name, rcode in SERVERS.items()
    )
    after = engine.repair(document(text), RULES, Choices(version="1.4.0", to=version)).text
    asked = [(name, type_) for name in NAMES for type_ in ("MX", "TXT")]
    answers = []
    with running(coredns(), servers, tmp_path):
        for release, corefile in (("1.4.0", text), (version, after)):
            with running(coredns(release), corefile, tmp_path):
                answers.append([(each.rcode, each.has_records) for each in ask(port, asked)])
    assert answers[0] == answers[1]
    assert {rcode for rcode, _ in answers[0]} == {"NXDOMAIN", "REFUSED", "YXDOMAIN", "NOERROR"}


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry["text"].replace("\n", " "))
def test_what_real_releases_refuse_of_values_and_arguments_is_an_error_from_the_same_release_on(entry: dict[str, str]) -> None:
    """fixtures/releases/refused.toml is what the programs said (docs/releases.md)."""
    behind = "" if entry["text"].startswith("forward") else "forward . 192.0.2.53\n"
    text = f".:53 {{\n{entry['text']}\n{behind}}}\n"
    plugins = {plugin.name.text for _, plugin in parse(text).walk()}
    options = {(plugin.name.text, option.name.text) for _, plugin in parse(text).walk() for option in plugin.options}
    for release in releases():
        version = release.version
        if version_of(version) < (1, 4):
            continue  # no program of it could be asked
        every = releases_of(version)
        if not plugins <= every or any(unknown(Move(None, version), *option) for option in options):
            continue  # it does not know the words themselves
        early = version_of(version) < version_of(entry.get("before", "0.0.0"))
        late = "since" in entry and version_of(version) >= version_of(entry["since"])
        between = "since" in entry and version_of(entry["since"]) < version_of(entry.get("before", "0.0.0"))
        wrong = [each for each in engine.scan(document(text), RULES, Choices(version=version)) if each.code.startswith("MIG")]
        assert any(each.severity == "error" for each in wrong) == ((early and late) if between else (early or late)), version
