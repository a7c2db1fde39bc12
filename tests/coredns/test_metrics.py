"""What real releases of CoreDNS show in their metrics is what remedy reads there: which release it is, and what a template answered."""

from __future__ import annotations

import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from remedy.cluster.evidence import Shown, sentence
from remedy.cluster.metrics import build as build_of
from remedy.corefile.parse import parse
from remedy.wire import query
from tests.coredns.corefiles import Running
from tests.coredns.running import coredns, place
from tests.testbed import build

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux: all of 127.0.0.0/8 is loopback there")

COREFILE = """\
.:5301 example.org:5301 {
    bind 127.0.0.1
    prometheus 127.0.0.1:9153
    template ANY AAAA {
        rcode NXDOMAIN
    }
}
internal:5301 {
    bind 127.0.0.1
    template IN AAAA {
        rcode NXDOMAIN
    }
    template ANY ANY b.internal {
        rcode NXDOMAIN
    }
}
"""
ASKED = (("a.example.", "AAAA"), ("a.example.", "AAAA"), ("a.example.", "A"), ("a.example.org.", "AAAA"), ("a.internal.", "AAAA"))


@pytest.mark.parametrize("version", ["1.8.0", "1.10.1", "1.15.0"])
def test_every_release_tells_which_it_is_and_how_often_each_template_answered(version: str, tmp_path: Path) -> None:
    placed = place(tmp_path, Running("metrics", COREFILE), 900 + int(version.split(".")[1]))
    address = placed.text.partition("bind ")[2].split()[0]
    with coredns(build.coredns(version), placed):
        body = after_questions(address)
    corefile = parse(placed.text)
    assert build_of(body) == version
    metrics = Shown((body,), 2)
    assert sentence(corefile, 4, 5, metrics).startswith("AAAA was answered so 3 times (1 of 2 replicas count, since 20")
    assert sentence(corefile, 10, 5, metrics).startswith("AAAA was answered so 1 time (")
    assert sentence(corefile, 13, 5, metrics).startswith("AAAA was answered so not once (")
    assert sentence(corefile, 2, 5, metrics) == ""
    assert "is not known" in sentence(corefile, 4, 5, Shown((), 2))


def test_of_two_templates_with_one_zone_only_the_most_is_told() -> None:
    corefile = parse(". {\n    template IN AAAA\n    template ANY AAAA\n}\n")
    labels = 'class="IN",server="dns://:53",type="AAAA",view="",zone="."'
    body = f"coredns_template_matches_total{{{labels}}} 1234\nprocess_start_time_seconds 1.7e+09\n"
    said = sentence(corefile, 2, 5, Shown((body,), 1))
    assert said == "AAAA was answered so at most 1,234 times (1 of 1 replicas count, since 2023-11-14 22:13 UTC)"


def after_questions(address: str) -> str:
    """The metrics of the CoreDNS at this address once it has been asked."""
    deadline = time.monotonic() + 30
    for name, type_ in ASKED:
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.settimeout(1)
                try:
                    udp.connect((address, 5301))
                    udp.send(query(7, name, type_))
                    udp.recv(512)
                    break
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
    with urllib.request.urlopen(f"http://{address}:9153/metrics", timeout=10) as answer:
        return str(answer.read().decode())
