"""One sitting: what was read, what is chosen, what was planned, proven and written; its methods are the verbs.

They block and raise RemedyError, so screens call them on a thread of their own. What is shown is read from the fields, which hold whole
values and are replaced, never changed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

from remedy import doctor, past, provers, service
from remedy.apply import Event, Run, rollback, way_back
from remedy.apply import apply as write
from remedy.cluster.preflight import Check
from remedy.errors import ClusterError, InputError, RemedyError, UnavailableError
from remedy.finding import Finding
from remedy.journal import Record
from remedy.mask import masked
from remedy.plan import Change, Plan
from remedy.registry import select
from remedy.report import markdown
from remedy.rules import Fix
from remedy.site import Site
from remedy.sources.document import Document, Target
from remedy.sources.find import Search
from remedy.talk import visible
from remedy.validate.verdict import Validation
from remedy.verbs.given import asking_of, choices_of, selection_of, site_of
from tui.given import Given, command


class Place(NamedTuple):
    """Where this sitting is, for the line at the top. `replicas` is "" where nobody counted them."""

    context: str
    name: str
    version: str
    replicas: str
    mode: str


class Row(NamedTuple):
    """A finding, and the target that it is in."""

    target: Target
    finding: Finding
    block: str = ""


class Checked(NamedTuple):
    """What an operator should know before a plan is written: who else writes there, what is left out, what to look out for."""

    owners: str
    advice: str
    refused: tuple[RemedyError, ...]
    warnings: tuple[Check, ...]


class Session:
    """Opens its site at the first look; `close` ends it."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.documents: tuple[Document, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.refused: tuple[RemedyError, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.place = Place(given.context or ("demo" if given.demo else ""), "", "", "", self._mode())
        self.left: frozenset[str] = frozenset()
        self.plan: Plan | None = None
        self.validations: dict[str, Validation] = {}
        self.checked: Checked | None = None
        self.records: tuple[Record, ...] = ()
        self.without = ""
        self.written: tuple[Record, ...] = ()
        self.stale = ""
        self.changing = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._site: Site | None = None

    # ---- what is read

    @property
    def site(self) -> Site:
        if self._site is None:
            self._site = self._stack.enter_context(site_of(self.given.options()))
        return self._site

    @property
    def live(self) -> bool:
        return not self.given.targets

    def scan(self) -> None:
        """Read everything anew and look at it; a plan that was made before is gone. RemedyError where nothing can be read."""
        documents, refused = self._read()
        options = self.given.options()
        choices = choices_of(options)
        rows: list[Row] = []
        for document in documents:
            try:
                (scanned,) = service.scan([document], choices, selection_of(options))
            except RemedyError as error:
                if len(documents) == 1:
                    raise
                refused.append(error)
                continue
            blocks = _blocks(document) if scanned.findings else {}
            rows += [Row(document.target, each, _block(blocks, each.line)) for each in scanned.findings]
        if refused and not documents:
            raise refused[0]
        self.documents, self.rows, self.refused = tuple(documents), tuple(rows), tuple(refused)
        self.left &= {row.finding.id for row in rows}
        self.notes = tuple(self.site.notes()) if self.live else ()
        self.place = self._placed()
        self.stale = ""
        self._forget()

    def _read(self) -> tuple[list[Document], list[RemedyError]]:
        version = self.given.coredns_version
        refused: list[RemedyError] = []
        if self.live:
            documents = self.site.documents([])
        else:
            several = len(self.given.targets) > 1
            documents = list(Search(self.given.targets, refused=refused.append) if several else self.site.documents(self.given.targets))
        return [document._replace(version=version or document.version) for document in documents], refused

    def _mode(self) -> str:
        kind = "demo" if self.given.demo else "files" if self.given.targets else "live"
        return f"{kind}, read-only" if self.given.read_only else kind

    def _placed(self) -> Place:
        names = [document.target.shown for document in self.documents]
        name = names[0].rpartition("/")[0] if self.live and len(names) == 1 else names[0] if len(names) == 1 else f"{len(names)} Corefiles"
        version = next((document.version for document in self.documents if document.version), None)
        context, replicas = "files", ""
        if self.live and self.documents:
            context = self.documents[0].target.context or ""
            target = self.documents[0].target
            try:
                found = self.site.door().replicas(target.namespace or "", target.name or "")
                replicas = f"{sum(each.ready for each in found)} of {len(found)} ready"
            except ClusterError:
                replicas = "replicas unknown"
        return Place(context, name, f"CoreDNS {version}" if version else "CoreDNS ?", replicas, self._mode())

    def document(self, target: Target) -> Document | None:
        return next((document for document in self.documents if document.target == target), None)

    def overtaken(self) -> str:
        """Whose text is no longer the one that was read, as a sentence; "" for nobody's. RemedyError where it cannot be looked at."""
        changed = [document.target.shown for document in self.documents if self._text(document) != document.text]
        return f"{', '.join(changed)} was changed by somebody else" if changed else ""

    def _text(self, document: Document) -> str:
        target = document.target
        if target.kind == "stdin":
            return document.text
        if target.kind == "cluster":
            return self.site.door().configmap(target.namespace or "", target.name or "").data.get(target.key or "", "")
        return self.site.source(target).text()

    # ---- what is chosen

    def choose(self, **changed: object) -> None:
        """Other choices of how a fix is written; the plan has to be made again."""
        self.given = self.given._replace(**changed)  # type: ignore[arg-type]
        self._forget()

    def leave(self, ids: Iterable[str]) -> None:
        """Leave these findings alone, and take all others."""
        self.left = frozenset(ids)
        self._forget()

    def _forget(self) -> None:
        self.plan, self.validations, self.checked = None, {}, None

    @property
    def chosen(self) -> Given:
        """What was given, with the findings that are taken named where some are left."""
        if not self.left:
            return self.given
        taken = tuple(row.finding.id for row in self.rows if self.takes(row.finding))
        if taken:
            return self.given._replace(select=taken, ignore=())
        return self.given._replace(ignore=tuple(sorted({*self.given.ignore, *(row.finding.code for row in self.rows)})))

    def takes(self, finding: Finding) -> bool:
        """Would the plan repair it?"""
        fix = self.fix_of(finding)
        return fix is not None and finding.fixable and finding.id not in self.left and (fix.safety == "safe" or self.given.unsafe)

    def fix_of(self, finding: Finding) -> Fix | None:
        """The fix that is chosen for it."""
        names = dict(self.given.fix)
        name = names.get(finding.id, names.get(finding.code))
        return next((each for each in finding.alternatives if each.name == name), finding.fix)

    def command(self, words: str) -> str:
        """The command line that does the same."""
        return command(words, self.chosen)

    # ---- the verbs

    def make_plan(self) -> Plan:
        """The change that takes what is chosen; its answers by the model."""
        refused: list[RemedyError] = []
        chosen = self.chosen
        options = chosen.options()
        selection = select(options.select, options.ignore)
        made = service.plan(
            self.documents,
            choices_of(options),
            selection,
            unsafe=options.unsafe,
            asking=asking_of(options),
            refused=refused.append if len(self.documents) > 1 else None,
        )
        if chosen == self.chosen:  # else another choice was made meanwhile, and its plan is on its way
            self.validations, self.checked, self.plan = {}, None, made
        return made

    @property
    def pending(self) -> Plan:
        """What would be written; empty where nothing is planned."""
        return service.pending(self.plan) if self.plan else Plan(())

    def validate(self, method: str) -> Validation:
        """By model, sandbox, canary or auto. UnavailableError where it cannot work here; the verdict is kept by its method."""
        plan, options = self.pending, self.chosen.options()
        live = any(change.target.kind == "cluster" for change in plan.changes)
        found = service.prove(plan, asking_of(options), provers.provers(method, self.site, live=live, binary=options.coredns))
        self.validations = {**self.validations, found.method: found}
        return found

    def today(self) -> Validation:
        """What every client gets now: of a live Corefile as its replicas answer, else by the model."""
        asking = asking_of(self.chosen.options())
        if not self.live:
            return service.today(self.documents, asking)
        try:
            prover = provers.Replicas(self.site, self.given.probe_image).today
            return service.today(self.documents, asking, prover=prover, method="live")
        except UnavailableError:
            return service.today(self.documents, asking)

    def check(self) -> Checked:
        """Everything that can be known before a write; what cannot last is left out of the plan, with the reason."""
        plan = self.pending
        owners, advice, refused, kept = "", "", [], []
        for change in plan.changes:
            owners += doctor.owners(self.site, change.target)
            try:
                doctor.require_lasting(self.site, change, force=self.given.force_owner)
                kept.append(change)
            except RemedyError as error:
                advice += doctor.advice(self.site, change)
                refused.append(error)
        warnings: list[Check] = []
        try:
            warnings = doctor.require_allowed(self.site, plan._replace(changes=tuple(kept)))
        except RemedyError as error:
            refused.append(error)
        self.checked = Checked(owners, advice, tuple(refused), tuple(warnings))
        return self.checked

    def lasting(self) -> Plan:
        """What is written: the changes that will last. RemedyError where one of them is not allowed."""
        plan, kept = self.pending, []
        for change in plan.changes:
            with contextlib.suppress(RemedyError):
                doctor.require_lasting(self.site, change, force=self.given.force_owner)
                kept.append(change)
        plan = plan._replace(changes=tuple(kept))
        doctor.require_allowed(self.site, plan)
        return plan

    def apply(self, on_event: Callable[[Event], None], stop: threading.Event, validation: Validation | None) -> Record | None:
        """Write the plan and prove it; the record, or None where all of it was live already."""
        if self.given.read_only:
            raise InputError("this sitting is read-only; nothing was written", "start it without --read-only")
        plan = self.lasting()
        sources = {change.target: self.site.source(change.target) for change in plan.changes}
        run = self._run(on_event, stop)
        if not self.given.no_verify and any(change.target.kind == "cluster" for change in plan.changes):
            with contextlib.suppress(UnavailableError):
                replicas = provers.Replicas(self.site, self.given.probe_image)
                run = run._replace(lost=replicas.lost_by(plan, asking_of(self.given.options()), on_event))
        record = write(plan, sources, run, validation=validation)
        if record:
            self.written = (*self.written, record)
        return record

    def export(self) -> tuple[str, ...]:
        """The review as files in the current folder: their paths. A file of that name is replaced."""
        plan = self.plan or self.make_plan()
        validation = next(reversed(self.validations.values()), None) or (self.validate("model") if self.pending.changes else None)
        path = f"remedy-review-{plan.fingerprint[:8]}.md"
        try:
            with open(path, "w", encoding="utf-8", errors="replace") as file:
                file.write(masked(markdown.review(plan, validation)))
        except OSError as error:
            raise InputError(
                f"{path}: the review cannot be written: {error.strerror}", "start remedy in a folder that you can write"
            ) from None
        return (path,)

    def way_back(self, record: Record, *, force: bool = False) -> tuple[Plan, Validation]:
        """What a rollback of this record would write, and what it does to the answers. ConflictError where it was edited since."""
        sources = {change.target: self.site.source(change.target) for change in record.changes}
        plan = way_back(record, sources, force=force)
        return plan, service.validate(plan, undo=True)

    def rollback(self, record: Record, on_event: Callable[[Event], None], stop: threading.Event, *, force: bool = False) -> Record | None:
        """Put back what a record says stood there before, and prove it."""
        if self.given.read_only:
            raise InputError("this sitting is read-only; nothing was written", "start it without --read-only")
        sources = {change.target: self.site.source(change.target) for change in record.changes}
        plan = way_back(record, sources, force=force)
        doctor.require_allowed(self.site, plan)
        done = rollback(record, sources, self._run(on_event, stop), force=force)
        if done:
            self.written = (*self.written, done)
        return done

    def history(self) -> tuple[Record, ...]:
        """All records, newest first."""
        records, self.without = past.merged(self.site)
        self.records = tuple(records)
        return self.records

    def close(self) -> None:
        self._stack.close()
        self._site = None

    def _run(self, on_event: Callable[[Event], None], stop: threading.Event) -> Run:
        given = self.given
        settle = given.settle if given.settle is not None else 3.0 if given.demo else 15.0
        return Run(given.timeout, on_event, stop, settle, not given.no_poke, not given.no_verify, given.strategy)  # type: ignore[arg-type]


def size(changes: Iterable[Change]) -> tuple[int, int]:
    """How many lines go, and how many come."""
    lines = [line for change in changes for line in change.diff.splitlines() if not line.startswith(("---", "+++"))]
    return sum(line.startswith("-") for line in lines), sum(line.startswith("+") for line in lines)


def _blocks(document: Document) -> dict[int, str]:
    """Where each server block begins, by line of the Document, and its keys."""
    found: dict[int, str] = {}
    with contextlib.suppress(RemedyError):
        for part in document.parts:
            from remedy.corefile.lexer import line_and_column
            from remedy.sources.reading import read

            for block in read(part.text, part.around).blocks:
                if not block.keys[0].file:
                    line, _ = line_and_column(document.text, part.locate(block.keys[0].start))
                    found[line] = visible(" ".join(key.text.rstrip(",") for key in block.keys))
    return found


def _block(blocks: dict[int, str], line: int) -> str:
    above = [start for start in blocks if start <= line]
    return blocks[max(above)] if above else ""
