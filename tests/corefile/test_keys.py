"""A server block's key means what CoreDNS makes of it; the tables are those of CoreDNS's own tests, read from its Go module."""

from __future__ import annotations

import pytest

from remedy.corefile.keys import absolute, address, split
from tests.oracle.golang import table
from tests.testbed.build import COREDNS, module_dir

ROOT = module_dir("github.com/coredns/coredns", f"v{COREDNS}")


def test_server_blocks_as_coredns_inspects_them() -> None:
    source = (ROOT / "core/dnsserver/register_test.go").read_text()
    rows = [dict(row) for row in table(source[source.index("func TestInspectServerBlocks(") :], "tests", ":=", "[", "]")]
    assert len(rows) >= 11
    for row in rows:
        for before, after in zip(row["serverBlocks"], row.get("expectedServerBlocks", [None] * 9), strict=False):
            keys = [key.decode() for key in dict(before)["Keys"]]
            if row.get("wantErr") == "true":
                with pytest.raises(ValueError, match=r"."):
                    [address(key) for key in keys]
                continue
            found = [f"{each.transport}://{zone}:{each.port}" for each in map(address, keys) for zone in each.zones]
            assert sorted(found) == sorted(key.decode() for key in dict(after)["Keys"])


def test_zones_as_coredns_normalizes_them() -> None:
    source = (ROOT / "plugin/normalize_test.go").read_text()
    rows = [
        dict(row) if isinstance(row[0], tuple) else row
        for row in table(source[source.index("func TestHostNormalizeExact(") :], "tests", ":=", "[", "]")
    ]
    assert len(rows) >= 15
    for text, zones in rows:
        if zones == "nil":
            with pytest.raises(ValueError, match="invalid CIDR"):
                address(text.decode())
        else:  # CoreDNS's test compares as many as it names
            assert list(address(text.decode()).zones)[: len(zones)] == [zone.decode() for zone in zones]


ROWS = [
    (".", "dns", (".",), "53"),
    (".:53", "dns", (".",), "53"),
    ("A.Org", "dns", ("a.org.",), "53"),
    ("a.org:dns", "dns", ("a.org:dns.",), "53"),
    ("DNS://a.org", "dns", ("dns://a.org.",), "53"),
    ("http://a.org", "dns", ("http://a.org.",), "53"),
    ("tls://a.org", "tls", ("a.org.",), "853"),
    ("https3://.:8443", "https3", (".",), "8443"),
    ("grpc://a.org.", "grpc", ("a.org.",), "443"),
    ("a.org:+053", "dns", ("a.org.",), "53"),
    ("10.0.0.1", "dns", ("10.0.0.1.",), "53"),
    ("10.0.0.0/8", "dns", ("10.in-addr.arpa.",), "53"),
    ("10.1.0.0/017:54", "dns", tuple(f"{each}.1.10.in-addr.arpa." for each in range(128)), "54"),
    ("2001:db8::/32:53", "dns", ("8.b.d.0.1.0.0.2.ip6.arpa.",), "53"),
    ("10.0.0.0/33", "dns", ("10.0.0.0/33.",), "53"),
    ("}", "dns", ("}.",), "53"),
]


@pytest.mark.parametrize(("key", "transport", "zones", "port"), ROWS, ids=[row[0] for row in ROWS])
def test_a_key_is_a_transport_zones_and_a_port(key: str, transport: str, zones: tuple[str, ...], port: str) -> None:
    assert address(key) == (transport, zones, port)


def test_the_default_port_is_that_of_the_command_line() -> None:
    assert address("a.org", port="1053").port == "1053"
    assert address("tls://a.org", port="1053").port == "853"


REFUSED = [
    ("a.org:", 'expecting data after last colon: "a.org:"'),
    ("", 'expecting data after last colon: ""'),
    (":53", "zone is not a valid domain name: "),
    ("a..org", "zone is not a valid domain name: a..org"),
    (".a.org", "zone is not a valid domain name: .a.org"),
    ("x" * 64 + ".org", "zone is not a valid domain name: " + "x" * 64 + ".org"),
    ("x." * 130, "specified zone is too long: 260 > 255"),
    ("0::/64", "invalid CIDR 0::/64"),
    ("::1/64", "invalid CIDR ::1/64"),
]


@pytest.mark.parametrize(("key", "message"), REFUSED, ids=[row[1][:40] for row in REFUSED])
def test_a_key_that_coredns_refuses_is_refused_in_its_words(key: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        address(key)
    assert str(caught.value) == message


def test_an_escaped_last_dot_is_part_of_the_label() -> None:
    assert absolute("A\\.") == "a\\.."
    assert absolute("A\\\\.") == "a\\\\."
    assert split("a\\046b.org:5") == (["a\\046b.org"], "5")
