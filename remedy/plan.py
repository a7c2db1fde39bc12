"""A Plan is exactly what would be written, to be shown, saved, compared and applied; the document `remedy.plan/1`.

The fingerprint covers the targets and both texts, nothing else: two plans that write the same bytes to the same place are the same plan.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from typing import Any, NamedTuple

from remedy import clients
from remedy.answers.model import Reply
from remedy.answers.plugins import moves
from remedy.clients import Family
from remedy.errors import InputError
from remedy.finding import Finding
from remedy.sources.document import ALONE, Around, Target

SCHEMA = "remedy.plan/1"


class Observed(NamedTuple):
    """Both replies for a name, and what each client makes of them.

    Of a name for the search list, `candidates` are the absolute names that some client asks for, with the replies to A and AAAA, and
    `decides` is the one among them that ends the lookup, of which `a` and `aaaa` are. `texts`: what the clients print that fail there.
    """

    a: Reply
    aaaa: Reply
    clients: tuple[tuple[str, str], ...]
    decides: str = ""
    candidates: tuple[tuple[str, Reply, Reply], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


class Answer(NamedTuple):
    """A name of some kind (v4, dual, v6, absent, apex, namespace, short), as it is answered before and after.

    `family` is what clients ask for: UNSPEC for both types, INET6 for AAAA alone, INET for A alone. `replica`: who was asked, "" if none
    was asked by itself.
    """

    name: str
    kind: str
    before: Observed
    after: Observed
    family: Family = "UNSPEC"
    replica: str = ""

    @property
    def differs(self) -> bool:
        """Does anything that a client sees of this lookup change?"""
        return self.before[:3] != self.after[:3]

    @property
    def shown(self) -> str:
        """The name, with what else tells this lookup from others."""
        alone = {"INET6": ("IPv6 alone",), "INET": ("IPv4 alone",)}.get(self.family, ())
        others = (*alone, *((self.replica,) if self.replica else ()))
        return f"{self.name} ({', '.join(others)})" if others else self.name


class Change(NamedTuple):
    """One Document's whole text, before and after; `around` is what other Documents hold of it, before and after the plan."""

    target: Target
    before: str
    after: str
    resource_version: str | None = None
    diff: str = ""
    fixed: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()
    around: tuple[Around, Around] = (ALONE, ALONE)

    @property
    def sides(self) -> tuple[tuple[str, Around], tuple[str, Around]]:
        """Before and after: the text, and what is around it."""
        return (self.before, self.around[0]), (self.after, self.around[1])


class Plan(NamedTuple):
    """The changes; `coredns_version` reads the texts now (None: not known), `to` is the release that is to read them (None: the same)."""

    changes: tuple[Change, ...]
    answers: tuple[Answer, ...] = ()
    coredns_version: str | None = None
    to: str | None = None

    @property
    def moves(self) -> bool:
        """Is another release to read the texts?"""
        return moves(self.coredns_version, self.to)

    @property
    def shown(self) -> tuple[Change, ...]:
        """The changes of which there is something to say; where the release moves, every text that was looked at is in the plan."""
        return tuple(change for change in self.changes if change.before != change.after or change.fixed or change.left)

    @property
    def releases(self) -> str:
        """Where it leads from and to, "" where the release stays."""
        now = f"CoreDNS {self.coredns_version}" if self.coredns_version else "an unknown release of CoreDNS"
        return f"from {now} to {self.to}" if self.moves else ""

    @property
    def fingerprint(self) -> str:
        """sha256, in hex, over the canonical JSON of every change's target identity and both texts' sha256."""
        import json

        identity = [
            {"target": change.target._asdict(), "before": sha256(change.before), "after": sha256(change.after)}
            for change in self.changes
            if change.before != change.after
        ]
        return sha256(json.dumps(identity, sort_keys=True, separators=(",", ":")))


def sha256(text: str) -> str:
    """In hex, over the bytes that the text was decoded from."""
    import hashlib  # opens OpenSSL, which costs more than everything else in a short run

    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def to_data(plan: Plan) -> dict[str, Any]:
    """The document `remedy.plan/1`."""
    return {
        "schema": SCHEMA,
        "changes": [
            {
                "target": change.target._asdict(),
                "before": {**_text_to_data(change.before, change.around[0]), "resource_version": change.resource_version},
                "after": _text_to_data(change.after, change.around[1]),
                "diff": change.diff,
                "fixed": [finding.to_data() for finding in change.fixed],
                "left": [finding.to_data() for finding in change.left],
            }
            for change in plan.changes
        ],
        "coredns_version": plan.coredns_version,
        "to": plan.to,
        "answers": [answer_to_data(answer) for answer in plan.answers],
        "fingerprint": plan.fingerprint,
    }


def _text_to_data(text: str, around: Around) -> dict[str, Any]:
    """One side of a change; `around` is there only where other Documents hold something of it."""
    beside: dict[str, Any] = {"corefile": around.corefile, "own": around.own, "files": dict(around.files), "known": list(around.known)}
    if around.home:
        beside["home"] = around.home._asdict()
    return {"text": text, "sha256": sha256(text), **({"around": beside} if around != ALONE else {})}


def _around_from(side: dict[str, Any]) -> Around:
    beside = side.get("around")
    if not beside:
        return ALONE
    home = target_from(beside["home"]) if "home" in beside else None
    return Around(beside["corefile"], beside["own"], tuple(beside["files"].items()), tuple(beside["known"]), home=home)


def answer_to_data(answer: Answer) -> dict[str, Any]:
    """A (contract)."""

    def observed(side: Observed) -> dict[str, Any]:
        data: dict[str, Any] = {
            "A": _reply(side.a),
            "AAAA": _reply(side.aaaa),
            "clients": dict(side.clients),
            "texts": dict(texts(answer, side)),
        }
        if side.candidates:
            data["decides"] = side.decides
            data["candidates"] = [{"name": name, "A": _reply(a), "AAAA": _reply(aaaa)} for name, a, aaaa in side.candidates]
        return data

    data = {"name": answer.name, "kind": answer.kind, "family": answer.family, "replica": answer.replica}
    return data | {"before": observed(answer.before), "after": observed(answer.after)}


def texts(answer: Answer, side: Observed) -> tuple[tuple[str, str], ...]:
    """What each client prints whose lookup fails, as it stands in a log."""
    if side.candidates:
        return side.texts
    pair = side.a.verdict, side.aaaa.verdict
    printed = ((client, clients.text(client, answer.name, *pair, answer.family)) for client, _ in side.clients)
    return tuple((client, words) for client, words in printed if words)


def _reply(reply: Reply) -> dict[str, Any]:
    known = not reply.unknown
    return {"rcode": reply.rcode if known else None, "records": reply.has_records if known else None, "unknown": reply.unknown or None}


def target_from(data: dict[str, Any]) -> Target:
    """T (contract); fields of a newer version are passed over."""
    return Target(**{name: value for name, value in data.items() if name in Target._fields})


def from_data(data: Any, path: str) -> Plan:
    """A saved plan, ready to be applied: InputError if it is not one, or was changed by hand half-way."""
    try:
        changes = tuple(
            Change(
                target_from(change["target"]),
                change["before"]["text"],
                change["after"]["text"],
                change["before"].get("resource_version"),
                change.get("diff", ""),
                tuple(Finding.from_data(each) for each in change.get("fixed", ())),
                tuple(Finding.from_data(each) for each in change.get("left", ())),
                (_around_from(change["before"]), _around_from(change["after"])),
            )
            for change in data["changes"]
        )
        digests = [(change["before"]["sha256"], change["after"]["sha256"]) for change in data["changes"]]
        plan = Plan(changes, coredns_version=data.get("coredns_version"), to=data.get("to"))
        same = all((sha256(change.before), sha256(change.after)) == pair for change, pair in zip(changes, digests, strict=True))
        genuine = same and data["fingerprint"] == plan.fingerprint
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{path}: not a plan that remedy wrote ({error!r})", "make it again: remedy diff --out PLAN") from None
    if not genuine:
        raise InputError(f"{path}: the texts in this plan are not those of its fingerprint", "make it again: remedy diff --out PLAN")
    return plan
