"""The names that every Corefile here is asked for, what stands behind them, and the files that the Corefiles name."""

from __future__ import annotations

from pathlib import Path

from remedy.answers.message import Kind

# What the upstream and the cluster hold: these names and nothing else.
WORLD: dict[str, Kind] = {
    "v4.example.org.": "v4",
    "dual.example.org.": "dual",
    "v6.example.org.": "v6",
    "deep.er.example.org.": "v4",
    "corp.example.": "apex",
    "v4.corp.example.": "v4",
    "dual.corp.example.": "dual",
    "example.com.": "dual",
    "www.example.com.": "v4",
    "ip-10-1-2-3.example.": "v4",
    "kubernetes.default.svc.cluster.local.": "v4",
    "six.default.svc.cluster.local.": "v6",
    "both.web.svc.cluster.local.": "dual",
}
NAMES = (
    *WORLD,
    "absent.example.org.",
    "example.org.",
    "er.example.org.",
    "absent.corp.example.",
    "a.b.corp.example.",
    "absent.default.svc.cluster.local.",
    "default.svc.cluster.local.",
    "cluster.local.",
    "v4.example.org.default.svc.cluster.local.",
    "www.zone.test.",
    "six.zone.test.",
    "text.zone.test.",
    "zone.test.",
    "alias.zone.test.",
    "out.zone.test.",
    "any.wild.zone.test.",
    "below.cut.zone.test.",
    "empty.zone.test.",
    "absent.zone.test.",
    "host.lan.",
    "six.lan.",
    "one.hosts.lan.",
    "localhost.",
    "localhost.example.org.",
    "name.localhost.",
    ".",
    "org.",
)
TYPES = ("A", "AAAA", "TXT")

SOA = "3600 IN SOA ns.invalid. hostmaster.invalid. 1 7200 3600 1209600 60"
ZONE = f"""\
$ORIGIN zone.test.
$TTL 300
@        {SOA}
         IN NS ns.zone.test.
ns       IN A 192.0.2.1
www      IN A 192.0.2.2 ; a comment
six      60 IN AAAA 2001:db8::2
text     IN TXT "some text" more
alias    IN CNAME www
out      IN CNAME v4.example.org.
gone     IN CNAME absent
*.wild   IN A 192.0.2.3
a.empty  IN A 192.0.2.4
cut      IN NS ns.elsewhere.test.
"""
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n192.0.2.10 host.lan v4.corp.example # one\n2001:db8::10 six.lan\nbad line\n"
RESOLV = "search svc.cluster.local corp.example\nnameserver 127.0.0.1\n"
FILES = {"db.zone.test": ZONE, "hosts.txt": HOSTS, "resolv.conf": RESOLV}


def records(name: str, kind: Kind) -> str:
    """The upstream's records of a name."""
    types = {"v4": ("A",), "v6": ("AAAA",), "dual": ("A", "AAAA"), "apex": ("SPF",), "absent": ()}[kind]
    data = {"A": "192.0.2.7", "AAAA": "2001:db8::7", "SPF": '"v=spf1 -all"'}
    return "".join(f"{name} 60 IN {type_} {data[type_]}\n" for type_ in types)


def write_files(folder: Path) -> None:
    """The upstream's zone, the cluster's, and the files of FILES."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "upstream").write_text(f". {SOA}\n" + "".join(records(name, kind) for name, kind in WORLD.items()))


def cluster_zone(zone: str) -> str:
    """A zone file for what kubernetes would serve in a zone."""
    inside = {name: kind for name, kind in WORLD.items() if zone == "." or name.endswith("." + zone)}
    services = {name: kind for name, kind in inside.items() if ".svc." in name}
    # Namespaces exist without records: that only TXT shows, which is not compared there.
    spaces = dict.fromkeys(name.partition(".")[2] for name in services)
    empty = "".join(f'{name} 60 IN TXT "-"\n' for name in (*spaces, zone))
    return f"{zone} {SOA}\n{empty}" + "".join(records(name, kind) for name, kind in services.items())
