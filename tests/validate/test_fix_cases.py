"""What a repair does to each client, as measured with the real ones behind a real CoreDNS (2026-11): the model says the same.

Each case is asked with the template that denies AAAA, with the one that answers NODATA, and without any.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from remedy.clients import Family, Resolv
from remedy.corefile.parse import parse
from remedy.plan import Answer
from remedy.validate.model import prove
from remedy.validate.prover import Case, Probe
from remedy.validate.table import questions, table

POD = Resolv(search=("ns.svc.cluster.local", "svc.cluster.local", "cluster.local"), ndots=5)
NODE = POD._replace(search=(*POD.search, "corp.example"))
NONE = Resolv(ndots=5)
CLIENTS = ("musl>=1.2.4", "musl-1.2.1-1.2.3", "musl<=1.2.0", "glibc", "go")
SHORT = {"ok": "ok", "EAI_NONAME": "-2", "EAI_AGAIN": "-3", "EAI_NODATA": "-5", "not-found": "nf"}

DUAL = [("dual.example.com.", "dual")]
API = [("api.example.com.", "v4")]
MON = [("mon.svc.cluster.local.", "namespace"), ("mon.corp.example.", "v4")]


class Row(NamedTuple):
    """Before, after and without the template, for each of the CLIENTS in turn."""

    zone: str
    name: str
    held: list[tuple[str, str]]
    expected: str
    resolv: Resolv = POD
    family: Family = "UNSPEC"
    plugins: str = ""


ROWS = {
    # id: expected = musl>=1.2.4 | 1.2.1-1.2.3 | <=1.2.0 | glibc | go
    "C1": Row(".", "db.internal", [("db.internal.", "v4")], "-2 ok ok | -2 ok ok | ok ok ok | ok ok ok | ok ok ok", NONE),
    "C2": Row(".", "web", [("web.ns.svc.cluster.local.", "v4")], "-2 ok ok | -2 ok ok | ok ok ok | ok ok ok | ok ok ok"),
    "C2b": Row("cluster.local", "web", [("web.ns.svc.cluster.local.", "v4")], "-2 ok ok | -2 ok ok | ok ok ok | ok ok ok | ok ok ok"),
    "C2c": Row(".", "web.other", [("web.other.svc.cluster.local.", "v4")], "-2 ok ok | -2 ok ok | ok ok ok | ok ok ok | ok ok ok"),
    "C3": Row(".", "api.example.com", API, "-2 ok ok | -2 ok ok | ok ok ok | ok ok ok | ok ok ok"),
    "C3b": Row("cluster.local", "api.example.com", API, "ok ok ok | ok ok ok | ok ok ok | ok ok ok | ok ok ok"),
    "C4": Row(".", "dual.example.com", DUAL, "-2 -5 ok | -2 -2 ok | -2 -2 ok | -2 -5 ok | nf nf ok", family="INET6"),
    "C5": Row("cluster.local", "dual.example.com", DUAL, "ok -5 ok | ok -2 ok | ok -2 ok | ok ok ok | ok ok ok", family="INET6"),
    "C5b": Row(
        "cluster.local", "mail", [("mail.corp.example.", "dual")], "ok -5 ok | ok -2 ok | ok -2 ok | ok ok ok | ok ok ok", NODE, "INET6"
    ),
    "C6": Row("cluster.local", "mon", MON, "ok -5 -5 | ok -2 -2 | -2 -2 -2 | ok ok ok | ok ok ok", NODE),
    "C6b": Row("cluster.local", "mon", MON, "-5 -5 -5 | -2 -2 -2 | -2 -2 -2 | ok ok ok | ok ok ok", NODE, "INET"),
    "C6c": Row(".", "mon", MON, "-2 -5 -5 | -2 -2 -2 | -2 -2 -2 | ok ok ok | ok ok ok", NODE),
    "C7": Row(".", "nobody", [], "-2 -2 -2 | -2 -2 -2 | -2 -2 -2 | -2 -2 -2 | nf nf nf"),
    "C7b": Row(".", "nobody", [], "-2 -5 -2 | -2 -2 -2 | -2 -2 -2 | -2 -5 -2 | nf nf nf", family="INET6"),
    "C8": Row(
        ".",
        "broken.example.com",
        [("broken.example.com.", "v4")],
        "-3 -3 -3 | -3 -3 -3 | -3 -3 -3 | -2 -5 -5 | -3 -3 -3",
        NONE,
        plugins="template IN A broken.example.com {\n rcode SERVFAIL\n}\n",
    ),
    "C11": Row(".", "six.example.com", [("six.example.com.", "v6")], "-2 -5 ok | -2 -2 ok | -2 -2 ok | -2 -5 ok | nf nf ok"),
    "C12": Row(".", "web", [("web.ns.svc.cluster.local.", "v4")], "ok ok ok | ok ok ok | ok ok ok | ok ok ok | ok ok ok", family="INET"),
    "C14": Row(
        ".", "slow.example.com", [("slow.example.com.", "v4")], "-3 -3 -3 | -3 -3 -3 | -3 -3 -3 | ok ok ok | ok ok ok", plugins="slow"
    ),
}


def corefile(row: Row, template: str) -> str:
    """Where a first candidate is slow, a server block of its own is silent there: it drops every question."""
    text = f".:53 {{\n{template.format(row.zone)}{row.plugins.removeprefix('slow')}kubernetes cluster.local\nforward . 192.0.2.53\n}}\n"
    if row.plugins == "slow":
        silent = template.format(".") + "erratic {\n drop 1\n}\n"
        text += f"slow.example.com.ns.svc.cluster.local:53 {{\n{silent}}}\n"
    return text


def asked(row: Row) -> tuple[Answer, Answer]:
    """The lookup with the template that denies against the one with NODATA, and against none."""
    denied, nodata, none = (parse(corefile(row, each)) for each in (DENIED, NODATA, ""))
    probes = (*(Probe(*each) for each in row.held), Probe(row.name, "short"))
    found = []
    for after in (nodata, none):
        heard = prove(Case(denied, after, probes), questions(probes, row.resolv))
        found.append(table(probes, heard, row.resolv, [row.family])[-1])
    return found[0], found[1]


DENIED = "template ANY AAAA {} {{\n rcode NXDOMAIN\n}}\n"
NODATA = "template IN AAAA {}\n"


@pytest.mark.parametrize("case", ROWS)
def test_every_case_ends_for_every_client_as_it_was_measured(case: str) -> None:
    changed, removed = asked(ROWS[case])
    ends = [dict(side.clients) for side in (changed.before, changed.after, removed.after)]
    assert " | ".join(" ".join(SHORT[end[client]] for end in ends) for client in CLIENTS) == ROWS[case].expected
