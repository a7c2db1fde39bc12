"""One sitting: what was read, what is chosen, what was planned, proven and written; its methods are the verbs.

They block and raise RemedyError, so screens call them on a thread of their own. What is shown is read from the fields, which hold whole
values and are replaced, never changed.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from typing import cast

from remedy import doctor, journal, order, past, provers, service
from remedy.apply import Event, Run, confirm, rollback, way_back
from remedy.apply import apply as write
from remedy.cluster.evidence import UNKNOWN
from remedy.cluster.preflight import Check
from remedy.cluster.restart import Strategy
from remedy.cluster.watching import Watching
from remedy.errors import ClusterError, ConflictError, InputError, RemedyError, UnavailableError
from remedy.finding import Finding
from remedy.journal import Record
from remedy.mask import masked
from remedy.plan import Plan
from remedy.registry import select
from remedy.report import html, markdown
from remedy.rules import Fix
from remedy.site import Site
from remedy.sources.document import Document, Target
from remedy.sources.find import Search
from remedy.validate.prover import Method
from remedy.validate.verdict import Validation
from remedy.verbs.given import asking_of, choices_of, selection_of, site_of, taken
from tui.found import Checked, Place, Remark, Row, refusal, rows_of
from tui.given import Given, command
from tui.judging import Judging
from tui.views.done import Outcome
from tui.watch import FILE_SECONDS


class Session:
    """Opens its site at the first look; `close` ends it."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.documents: tuple[Document, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.remarks: tuple[Remark, ...] = ()
        self.refused = 0  # targets that cannot be read
        self._broken: frozenset[Target] = frozenset()
        self.place = Place(given.context or ("demo" if given.demo else ""), "", "", "", self._mode())
        self.left: frozenset[str] = frozenset()
        self.plan: Plan | None = None
        self.judging = Judging()
        self.checked: Checked | None = None
        self.records: tuple[Record, ...] = ()
        self.without = ""
        self.written: tuple[Record, ...] = ()
        self.cut_off: tuple[Record, ...] = ()
        self.stale = ""
        self.missing = ""
        self.owners: dict[Target, str] = {}
        self.counted: dict[tuple[Target, str], str] = {}
        self._stamps: dict[Target, tuple[int, int, int]] = {}
        self._stack = contextlib.ExitStack()
        self._site: Site | None = None
        self._watching: Watching | None = None

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
        broken: set[Target] = set()
        for document in documents:
            try:
                (scanned,) = service.scan([document], choices, selection_of(options))
            except RemedyError as error:
                if len(documents) == 1:
                    raise
                refused.append(error)
                broken.add(document.target)
                continue
            rows += rows_of(document, scanned)
        if refused and not documents:
            raise refused[0]
        self.documents, self.rows, self.refused = tuple(documents), tuple(rows), len(refused)
        self._broken = frozenset(broken)
        self.left &= {row.finding.id for row in rows}
        trusted = [*(self.site.notes() if self.live else ()), *(note for document in documents for note in taken(options, document))]
        self.remarks = (
            *(Remark(refusal(error), error.hint) for error in refused),
            *(Remark(f"not at hand: {each}") for each in service.unread(documents)),
            *(Remark(note, trusted=True) for note in dict.fromkeys(trusted)),
        )
        self.place = self._placed()
        self.stale, self.missing, self._stamps, self.counted = "", "", {}, {}
        self.cut_off = tuple(journal.unfinished())
        self._forget()

    def _read(self) -> tuple[list[Document], list[RemedyError]]:
        version = self.given.coredns_version
        refused: list[RemedyError] = []
        if self.live:
            self.site.forget()
            documents = self.site.documents([])
        else:
            several = len(self.given.targets) > 1 or any(os.path.isdir(word) for word in self.given.targets)
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
        release = f"CoreDNS {version or '?'}" + (f" to {self.given.to}" if self.given.to else "")
        return Place(context, name, release, replicas, self._mode())

    @property
    def unseen(self) -> int:
        """How much could not be looked at."""
        return sum(not remark.trusted for remark in self.remarks)

    def document(self, target: Target) -> Document | None:
        return next((document for document in self.documents if document.target == target), None)

    def look_aside(self) -> None:
        """What is good to know and not worth waiting for: who else writes the live Corefiles, and whether an apply would be allowed."""
        if not self.live:
            return
        targets = [document.target for document in self.documents]
        self.owners = {target: doctor.owners(self.site, target).rstrip("\n") for target in targets}
        self.missing = next((why for target in targets if (why := doctor.missing(self.site, target))), "")
        if self.missing and not self.given.read_only:
            self.place = self.place._replace(mode=f"{self._mode()}, read-only")

    def count(self) -> None:
        """How often the replicas gave the bad answers, by target and finding; what no replica tells is left out."""
        if not self.live:
            return
        found: dict[tuple[Target, str], str] = {}
        for document in self.documents:
            own = [row.finding for row in self.rows if row.target == document.target]
            said = doctor.evidence(self.site, document, own)
            found |= {(document.target, finding.id): words for finding, words in said if words != UNKNOWN}
        self.counted = found

    def wait(self, ended: threading.Event, pause: float = 0.0) -> None:
        """Until there is a reason to look whether somebody else changed something, or `ended`; `pause` in seconds, 0 for the usual ones.

        Files are looked at every two seconds, many of them less often.
        """
        if not self.live:
            ended.wait(pause or max(FILE_SECONDS, len(self.documents) / 100))
            return
        places = frozenset((document.target.namespace or "", document.target.name or "") for document in self.documents)
        if self._watching is None or self._watching.places != places:
            if self._watching is not None:
                self._watching.close()
            self._watching = Watching(self.site.door(), places, pause)
        self._watching.wait()

    def overtaken(self) -> str:
        """Whose text is neither the one that was read, nor one that was or would be written here, as a sentence; "" for nobody's.

        RemedyError where it cannot be looked at.
        """
        changed = [document.target.shown for document in self.documents if self._overtaken(document)]
        names = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        return f"somebody else changed {names}" if changed else ""

    def _overtaken(self, document: Document) -> bool:
        target = document.target
        if target.kind == "stdin":
            return False
        if target.kind == "cluster":
            try:
                live = self.site.door().configmap(target.namespace or "", target.name or "").data.get(target.key or "", "")
            except ClusterError as error:
                if error.status == 404:
                    return True
                raise
        else:
            try:
                found = os.stat(target.path or "")
            except OSError:
                return True
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._stamps.get(target) == stamp:
                return False
            live = self.site.source(target).text()
            if live == document.text:
                self._stamps[target] = stamp
        ours = (*(change for record in self.written for change in record.changes), *self.pending.changes)
        return live not in (document.text, *(change.after for change in ours))

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
        self.plan, self.judging, self.checked = None, Judging(), None

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
            self.judging, self.checked, self.plan = Judging(), None, made
        return made

    @property
    def pending(self) -> Plan:
        """What would be written; empty where nothing is planned."""
        return service.pending(self.plan) if self.plan else Plan(())

    @property
    def judged(self) -> Plan:
        """What may be answered otherwise: what would be written, or every text where another release is to read it."""
        return service.judged(self.plan) if self.plan else Plan(())

    def validate(self, method: Method) -> Validation | None:
        """By this method; the verdict is kept with the plan. None where it cannot work here, and `judging` knows why."""
        plan, options = self.judged, self.chosen.options()
        live = any(change.target.kind == "cluster" for change in plan.changes)
        asked = provers.provers(method, self.site, live=live, binary=options.coredns)
        return self.judging.ask(method, lambda: service.prove(plan, asking_of(options), asked))

    def judge(self) -> Validation | None:
        """The verdict on which a write rests: of the prover that was given, by default the strongest that can tell; None for none.

        UnavailableError where that one cannot work here.
        """
        word, plan, options = self.given.validate, self.pending, self.chosen.options()
        if word == "none":
            return None
        live = any(change.target.kind == "cluster" for change in plan.changes)
        wanted = ("canary" if live else "sandbox") if word == "auto" else word
        judging, asking = self.judging, asking_of(options)
        known = next((found for method, found in judging.validations.items() if method == wanted), None)
        found = known or provers.proven(plan, asking, self.site, word, binary=options.coredns)
        if found is None:
            return None
        judging.validations = {**judging.validations, found.method: found}
        return found

    def endured(self, validation: Validation) -> Validation:
        """The verdict with that on the release that reads the text until the image changes. ValidationError where that one fails."""
        plan = self.pending
        found = provers.meanwhile(plan, asking_of(self.chosen.options()), self.site, self.given.validate)
        return provers.endured(plan, validation, found) if found else validation

    def today(self) -> Validation | None:
        """What every client gets now: of a live Corefile as its replicas answer, else by the model; kept as a verdict is."""
        return self.judging.ask("live" if self.live else "model", self._today)

    def _today(self) -> Validation:
        asking = asking_of(self.chosen.options())
        documents = [document for document in self.documents if document.target not in self._broken]
        if not self.live:
            return service.today(documents, asking)
        try:
            prover = provers.Replicas(self.site, self.given.probe_image).today
            return service.today(documents, asking, prover=prover, method="live")
        except UnavailableError:
            return service.today(documents, asking)

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
        plan = plan._replace(changes=tuple(kept))
        warnings, stopped = self._allowed(plan)
        self.checked = Checked(plan, owners, advice, tuple(refused), warnings, stopped if kept else refused[0] if refused else None)
        return self.checked

    def _allowed(self, plan: Plan, *, undo: bool = False) -> tuple[tuple[Check, ...], RemedyError | None]:
        """What to look out for, and why it may not be written."""
        try:
            order.writes(plan.changes, version=plan.coredns_version, undo=undo)
            return tuple(doctor.require_allowed(self.site, plan, self._strategy)), None
        except RemedyError as error:
            return (), error

    def check_back(self, record: Record, *, force: bool = False) -> Checked:
        """The same for the way back from a record. ConflictError where its text was edited since, unless forced."""
        sources = {change.target: self.site.writable(change.target) for change in record.changes}
        plan = way_back(record, sources, force=force)
        owners = "".join(doctor.owners(self.site, change.target) for change in plan.changes)
        warnings, stopped = self._allowed(plan, undo=True)
        return Checked(plan, owners, "", (), warnings, stopped)

    def judge_back(self, plan: Plan) -> Validation:
        """What a rollback does to the answers. ValidationError where the text from before does not load."""
        found = service.validate(plan._replace(coredns_version=self.given.coredns_version or provers.running(self.site, plan)), undo=True)
        provers.require_loads(found)
        return found

    def apply(self, plan: Plan, on_event: Callable[[Event], None], stop: threading.Event, validation: Validation | None) -> Record | None:
        """Write exactly this plan and prove it; the record, or None where all of it was live already."""
        self._require_writable()
        for change in plan.changes:
            doctor.require_lasting(self.site, change, force=self.given.force_owner)
        doctor.require_allowed(self.site, plan, self._strategy)
        sources = {change.target: self.site.writable(change.target) for change in plan.changes}
        run = self._run(on_event, stop)
        if not self.given.no_verify and any(change.target.kind == "cluster" for change in plan.changes):
            try:
                replicas = provers.Replicas(self.site, self.given.probe_image)
                run = run._replace(lost=replicas.lost_by(plan, asking_of(self.given.options()), on_event))
            except UnavailableError as error:
                on_event(Event("note", f"not every answer can be compared after the write: {error}"))
        return self._wrote(write(plan, sources, run, validation=validation))

    def export(self) -> tuple[str, ...]:
        """The review as files in the current folder, in Markdown and in HTML: their paths. Files of these names are replaced."""
        plan = self.plan or self.make_plan()
        validation = self.judging.strongest or (self.validate("model") if self.judged.changes else None)
        pages = {"md": masked(markdown.review(plan, validation)), "html": html.review(plan, validation)}
        paths = {f"remedy-review-{plan.fingerprint[:8]}.{suffix}": page for suffix, page in pages.items()}
        for path, page in paths.items():
            try:
                with open(path, "w", encoding="utf-8", errors="replace") as file:
                    file.write(page)
            except OSError as error:
                what = f"{path}: the review cannot be written: {error.strerror}"
                raise InputError(what, "start remedy in a folder that you can write") from None
        return tuple(paths)

    def finish(self, record: Record, on_event: Callable[[Event], None], stop: threading.Event) -> None:
        """Prove what an apply that was cut off wrote. ConflictError where that is not live: then it can only be rolled back."""
        sources = {change.target: self.site.writable(change.target) for change in record.changes}
        if any(sources[change.target].text() != change.after for change in record.changes):
            raise ConflictError("what that apply was to write is not live; nothing was written", f"remedy rollback {record.id} closes it")
        confirm(Plan(record.changes), sources, self._run(on_event, stop))

    def _require_writable(self) -> None:
        if self.given.read_only:
            raise InputError("this sitting is read-only; nothing was written", "start it without --read-only")

    def _wrote(self, record: Record | None) -> Record | None:
        self.written = (*self.written, record) if record else self.written
        return record

    def rollback(self, record: Record, on_event: Callable[[Event], None], stop: threading.Event, *, force: bool = False) -> Record | None:
        """Put back what a record says stood there before, and prove it."""
        self._require_writable()
        sources = {change.target: self.site.writable(change.target) for change in record.changes}
        doctor.require_allowed(self.site, way_back(record, sources, force=force), self._strategy)
        return self._wrote(rollback(record, sources, self._run(on_event, stop), force=force))

    def outcome(self, record: Record | None, error: RemedyError | None) -> Outcome:
        """How a change ended, with the way back and who may still have the old answer."""
        live = [change for change in record.changes if change.target.kind == "cluster"] if record and not record.undoes else []
        held = dict.fromkeys(holder.sentence for change in live for holder in service.holders(change))
        return Outcome(record, error, self.command(f"rollback {record.id}") if record else "", tuple(held))

    def history(self) -> tuple[Record, ...]:
        """All records, newest first."""
        records, self.without = past.merged(self.site)
        self.records = tuple(records)
        return self.records

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()
        self._stack.close()
        self._site = None

    @property
    def _strategy(self) -> Strategy:
        return cast(Strategy, self.given.strategy)

    def _run(self, on_event: Callable[[Event], None], stop: threading.Event) -> Run:
        given = self.given
        settle = given.settle if given.settle is not None else 3.0 if given.demo else 15.0
        return Run(given.timeout, on_event, stop, settle, not given.no_poke, not given.no_verify, self._strategy)
