"""What this machine and this cluster allow: shown by `doctor`, and looked at by an apply before it writes.

A look is no promise. Rights can go a second later, so every step of an apply still says by itself what was refused.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from remedy import __version__, journal
from remedy.answers.plugins import NEWEST
from remedy.cluster import preflight
from remedy.cluster.advice import Wanted, sentence
from remedy.cluster.advice import advice as _advice
from remedy.cluster.discover import Installation
from remedy.cluster.evidence import UNKNOWN, shown
from remedy.cluster.evidence import sentence as told
from remedy.cluster.metrics import port_of
from remedy.cluster.preflight import Check
from remedy.cluster.proof import reloads
from remedy.cluster.restart import Strategy
from remedy.errors import InputError, RemedyError, UnavailableError
from remedy.finding import Finding
from remedy.mask import masked
from remedy.plan import Change, Plan
from remedy.rules import Choices
from remedy.service import corefiles_in, only, scan
from remedy.service import plan as planned
from remedy.site import Site
from remedy.sources.document import Around, Document, Target
from remedy.sources.reading import read, whole

_UNLIKE = "what differs from the nearest default: remedy scan --verbose"
_FILL_IN = "# **** stands for what is secret in this Corefile: put it back in before you use what follows\n"


class Looked(NamedTuple):
    """A live Corefile and what was found out about it."""

    target: Target
    version: str | None
    checks: tuple[Check, ...]


class Lasting(NamedTuple):
    """Who else writes the text of a change, a line each; where it cannot last, why, and the change to make instead as text to copy."""

    owners: str
    advice: str = ""
    refused: RemedyError | None = None


class Examined(NamedTuple):
    """This machine, the way to the cluster, and every Corefile in it."""

    machine: tuple[Check, ...]
    cluster: tuple[Check, ...]
    targets: tuple[Looked, ...]

    def sections(self) -> Iterator[tuple[str, tuple[Check, ...]]]:
        yield "this machine", self.machine
        yield "the cluster", self.cluster
        for each in self.targets:
            yield each.target.shown, each.checks


def examine(site: Site, version: str | None, to: str | None = None) -> Examined:
    """Look at everything; what cannot be reached is a failed check, not an error.

    `version` is the release that a person names, `to` one (known here) that is to come: then it is told what changes on the way.
    """
    try:
        documents = [document._replace(version=version or document.version) for document in site.documents([])]
    except RemedyError as error:
        return Examined(_machine(), (Check("cluster", "failed", str(error), error.hint),), ())
    notes = tuple(Check("found", "warning", note, "") for note in site.notes())
    cluster = (Check("cluster", "ok", f"context {site.door().context}"), _user(site), *notes)
    looked = (Looked(each.target, each.version, (*_look(site, each, version), *_moving(each, to))) for each in documents)
    return Examined(_machine(), cluster, tuple(looked))


def to_data(found: Examined) -> dict[str, Any]:
    """The document `remedy.doctor/1`."""
    targets = [
        {"target": each.target._asdict(), "coredns_version": each.version, "checks": [check.to_data() for check in each.checks]}
        for each in found.targets
    ]
    machine, cluster = ([check.to_data() for check in checks] for checks in (found.machine, found.cluster))
    return {"schema": "remedy.doctor/1", "machine": machine, "cluster": cluster, "targets": targets}


def owners(site: Site, target: Target) -> str:
    """Who else writes a live Corefile, a line each."""
    return "".join(f"owner: {sentence(each)}\n" for each in site.owners(target))


def advice(site: Site, change: Change) -> str:
    """The change to make at the owners' instead, as text to copy."""
    target, installation = change.target, site.installation(change.target)
    place = (target.namespace or "", target.name or "", target.key or "")
    custom = [name for _, name in installation.custom] if installation else []
    wanted = Wanted(*place, change.before, change.after, change.diff, *custom[:1])
    text = "".join(_advice(each, wanted) for each in site.owners(target))
    return text if masked(text) == text else f"{_FILL_IN}{text}"


def require_lasting(site: Site, change: Change, *, force: bool) -> None:
    """RemedyError where a controller would undo the change (unless `force`), or where remedy could not see it arrive."""
    installation = site.installation(change.target)
    if installation is not None and installation.node_local and not _shows_hash(change):
        raise RemedyError(
            f"{change.target.shown} is left out: the cache on every node listens where remedy cannot ask it, and only with the plugins "
            "reload and prometheus would its metrics tell that it runs another text; nothing was written there",
            "change it by hand, and ask it from a pod on each node",
        )
    for owner in site.owners(change.target):
        if owner.in_the_way and not force:
            raise RemedyError(
                f"{change.target.shown} is left out, for {owner.name} would put its own text back; nothing was written there",
                "make the change there instead (remedy diff shows it); to write it here all the same: --force-owner",
            )


def lasting(site: Site, plan: Plan, *, force: bool) -> tuple[Plan, tuple[Lasting, ...]]:
    """The plan without the changes that cannot last, with what is around the others then; and what is known of each that was in it."""
    found = tuple(_looked_at(site, change, force=force) for change in plan.changes)
    return only(plan, [change for change, each in zip(plan.changes, found, strict=True) if each.refused is None]), found


def _looked_at(site: Site, change: Change, *, force: bool) -> Lasting:
    written_by = owners(site, change.target)
    try:
        require_lasting(site, change, force=force)
    except RemedyError as error:
        return Lasting(written_by, advice(site, change), error)
    return Lasting(written_by)


def evidence(site: Site, document: Document, findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Of the findings in a live Corefile that break AAAA answers, how often the replicas gave that answer (`cluster.evidence`)."""
    asked = [each for each in findings if each.code.startswith("AAAA") and each.suppressed is None]
    installation = site.installation(document.target)
    if not asked or installation is None:
        return []
    corefile = read(document.text, document.around)
    metrics = shown(site.door(), installation, corefile)
    said = ((each, told(corefile, each.corefile_line, each.corefile_column, metrics)) for each in asked)
    return [(each, words) for each, words in said if words]


def require_allowed(site: Site, plan: Plan, strategy: Strategy = "auto", *, verify: bool = True) -> list[Check]:
    """What an operator should know of a plan's targets before it is written. RemedyError where a right is missing or it cannot be taken.

    Without `verify` nobody asks the replicas, and no right to do so is needed.
    """
    warnings: list[Check] = []
    for change in plan.changes:
        if change.target.kind != "cluster":
            continue
        installation = _installation(site, change.target, change.around[0])
        together = [each for each in plan.changes if each.target._replace(key=None) == change.target._replace(key=None)]
        found = list(_writing(site, installation, change.target, growth=sum(map(_growth, together)), verify=verify))
        preflight.require(found)
        text, _ = whole(change.before, change.around[0])
        found += [preflight.reloads(installation, text), preflight.families(installation)]
        found += preflight.restarts(installation, text, strategy)
        warnings += [check for check in found if check.state == "warning"]
    return list(dict.fromkeys(warnings))


def _installation(site: Site, target: Target, around: Around) -> Installation:
    """The CoreDNS that reads a key: itself, or through the Corefile that imports it."""
    return site.installation(around.home or target) or Installation(target.namespace or "", target.name or "", target.key or "")


def _shows_hash(change: Change) -> bool:
    before, after = (read(*whole(text, around)) for text, around in change.sides)
    return reloads(before, after, None) and port_of(before) is not None and port_of(before) == port_of(after)


def missing(site: Site, target: Target, *, verify: bool = True) -> str:
    """The rights that a change of this live Corefile needs and that are not granted, as a sentence; "" where none is known to be."""
    if target.kind != "cluster":
        return ""
    installation = site.installation(target) or Installation(target.namespace or "", target.name or "")
    check = preflight.rights(site.door(), installation.namespace, preflight.for_apply(target.name or "", verify=verify), "to apply")
    return check.text if check.state == "failed" else ""


def _look(site: Site, document: Document, version: str | None) -> Iterator[Check]:
    door, target = site.door(), document.target
    installation = _installation(site, target, document.around)
    configmap = door.read("configmaps", target.namespace or "", target.name or "")
    how = f"Service {installation.service}" if installation.service else "its label" if installation.workload else "its usual name"
    yield Check("found", "ok", f"by {how}" + (f", {installation.workload}, {installation.path}" if installation.workload else ""))
    yield _nearest(preflight.version(installation, site.release(installation), version), document.version)
    yield from _default(document)
    yield from preflight.standing(configmap, target.key or "")
    yield preflight.serving(door, installation)
    text, _ = whole(document.text, document.around)
    yield preflight.reloads(installation, text)
    yield from preflight.restarts(installation, text, "auto")
    yield preflight.families(installation)
    change, growth = _change(document)
    yield change
    for finding, words in evidence(site, document, _findings(document)):
        yield Check("evidence", "unknown" if words == UNKNOWN else "ok", f"line {finding.line}: {words}")
    yield from _writing(site, installation, target, growth=growth)
    yield from preflight.comforts(door, installation.namespace)
    yield Check("validation: model", "ok", "possible, it needs nothing")
    if site.read_only:
        yield Check("validation: canary", "warning", "not with --read-only: it would be made in the cluster")
        return
    canary = preflight.rights(door, installation.namespace, preflight.FOR_CANARY, "to validate")
    yield canary._replace(name="validation: canary", state="warning" if canary.state == "failed" else canary.state)


def _nearest(check: Check, version: str | None) -> Check:
    """The check of the release, with the nearest one that is known here where it is not."""
    from remedy.releases import nearest

    try:
        note = nearest(version).note if version else ""
    except InputError as error:
        note = f"{error}, so it is taken for the newest"
    return check._replace(state="warning", text=f"{check.text}; {note}") if note else check


def _default(document: Document) -> Iterator[Check]:
    """Whose default the Corefile is."""
    with suppress(RemedyError):  # a text that CoreDNS refuses is told of elsewhere
        (scanned,) = scan([document], Choices())
        shipped = ", ".join(map(str, scanned.shipped))
        yield Check("default", "ok", f"as shipped by {shipped}" if shipped else "not as shipped", "" if shipped else _UNLIKE)


def _moving(document: Document, to: str | None) -> Iterator[Check]:
    """What changes on the way to another release, of the plugins that are in the Corefile."""
    if to is None:
        return
    from remedy.releases import between, meant

    now = meant(document.version) or NEWEST
    try:
        used = {plugin.name.text for each in corefiles_in(document.text, document.target, document.around) for _, plugin in each.walk()}
        (found,) = scan([document], Choices(version=now, to=to))
    except RemedyError as error:
        yield Check(f"to {to}", "failed", f"the live text cannot be read: {error}", error.hint)
        return
    changes = [change for change in between(now, to) if change.plugin in used and change.kind != "added"]
    wrong = sum(finding.wrong and finding.code.startswith("MIG") for finding in found.findings)
    heads = (" ".join(filter(None, (change.version, change.kind, change.plugin, change.option))) for change in changes)
    listed = [f"{head}: {change.text}" if change.text else head for head, change in zip(heads, changes, strict=True)]
    yield Check(
        f"to {to}",
        "warning" if wrong else "ok",
        f"from CoreDNS {now} on, {len(changes)} changes beside what was added are of plugins in this Corefile; "
        f"{wrong} of its places need another text",
        "\n".join([f"see it: remedy diff --to {to}", *listed]),
    )


def _user(site: Site) -> Check:
    """Who asks here, and stands in the records."""
    user = site.door().user()
    only = ", and --read-only: nothing can be written" if site.read_only else ""
    return Check("user", "ok" if user else "unknown", f"{user or 'the API server does not say who asks'}{only}")


def _writing(site: Site, installation: Installation, target: Target, *, growth: int, verify: bool = True) -> Iterator[Check]:
    door, namespace, name = site.door(), target.namespace or "", target.name or ""
    yield preflight.writable(door.read("configmaps", namespace, name), growth)
    yield preflight.rights(door, installation.namespace, preflight.for_apply(name, verify=verify), "to apply")


def _change(document: Document) -> tuple[Check, int]:
    """What `diff` would propose, in numbers, and by how many bytes the text would grow."""
    try:
        plan = planned([document], Choices())
    except RemedyError as error:
        return Check("change", "failed", f"the live text cannot be read: {error}", error.hint), 0
    changes = [change for change in plan.changes if change.before != change.after]
    left = sum(len(change.left) for change in plan.changes)
    rest = f"; {left} more for a person" if left else ""
    if not changes:
        return Check("change", "ok", f"nothing to change{rest}"), 0
    (change,) = changes
    lines = [line for line in change.diff.splitlines() if not line.startswith(("---", "+++"))]
    removed, added = (sum(line.startswith(sign) for line in lines) for sign in "-+")
    codes = ", ".join(sorted({f"{each.code} {each.name}" for each in change.fixed}))
    return Check("change", "ok", f"{codes}: {removed} lines out, {added} in{rest}", "see it: remedy diff"), _growth(change)


def _findings(document: Document) -> tuple[Finding, ...]:
    try:
        (scanned,) = scan([document], Choices())
    except RemedyError:  # a text that cannot be read is told by what would change
        return ()
    return scanned.findings


def _growth(change: Change) -> int:
    before, after = (len(text.encode("utf-8", "surrogateescape")) for text in (change.before, change.after))
    return after - before


def _machine() -> tuple[Check, ...]:
    return (
        Check("remedy", "ok", f"{__version__}, Python {platform.python_version()}"),
        _records(),
        _re2(),
        _sandbox(),
    )


def _records() -> Check:
    folder = journal.folder()
    held = folder
    while not held.exists():
        held = held.parent
    if held.is_dir() and os.access(held, os.W_OK | os.X_OK):
        return Check("records", "ok", f"can be written in {folder}")
    return Check("records", "failed", f"{held} cannot be written", "set XDG_STATE_HOME to a folder that you can write")


def _re2() -> Check:
    from importlib.util import find_spec

    if find_spec("re2"):
        return Check("match", "ok", "every expression can be read (re2)")
    return Check("match", "warning", "expressions that Python reads otherwise are unknown", "pip install 'coredns-remedy[re2]'")


def _sandbox() -> Check:
    from remedy.validate.sandbox import find_binary

    try:
        binary = find_binary(None, None)
    except UnavailableError as error:
        return Check("validation: sandbox", "warning", str(error), error.hint)
    return Check("validation: sandbox", "ok", f"possible with CoreDNS {binary.version}, {binary.path}")
