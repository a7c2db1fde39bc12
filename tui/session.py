"""One sitting: what was read, what is chosen and planned, and what its verbs (tui/verbs.py) proved and wrote.

What looks at files or a cluster blocks and raises RemedyError, so screens call it on a thread of their own. What is shown is read from the
fields, which hold whole values and are replaced, never changed.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable

from remedy import doctor, journal, past, service
from remedy.cluster.evidence import UNKNOWN
from remedy.cluster.watching import Watching
from remedy.errors import ClusterError, RemedyError
from remedy.finding import Finding
from remedy.journal import Record
from remedy.plan import Plan
from remedy.rules import Fix
from remedy.site import Site
from remedy.sources.document import Document, Target
from remedy.sources.find import Search
from remedy.verbs.given import choices_of, planned, selection_of, site_of, taken
from tui.found import Place, Remark, Row, refusal, rows_of
from tui.given import Given, command
from tui.judging import Judging
from tui.watch import FILE_SECONDS


class Session:
    """Opens its site at the first look; `close` ends it."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.documents: tuple[Document, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.remarks: tuple[Remark, ...] = ()
        self.refused = 0  # targets that cannot be read
        self.broken: frozenset[Target] = frozenset()  # targets that were read, and that CoreDNS refuses
        self.place = Place(given.context or ("demo" if given.demo else ""), "", "", "", self._mode())
        self.left: frozenset[str] = frozenset()
        self.plan: Plan | None = None
        self.judging = Judging()
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
        self._opening = threading.Lock()  # threads that look aside may still ask for the site while it is closed
        self._site: Site | None = None
        self._closed = False
        self._watching: Watching | None = None

    # ---- what is read

    @property
    def site(self) -> Site:
        """RemedyError once this sitting is closed."""
        with self._opening:
            if self._closed:
                raise RemedyError("this sitting is over", "begin another: remedy tui")
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
        choices, selection = choices_of(options), selection_of(options)
        rows: list[Row] = []
        broken: set[Target] = set()
        for document in documents:
            try:
                (scanned,) = service.scan([document], choices, selection)
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
        self.broken = frozenset(broken)
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
        verify = not self.given.no_verify
        self.missing = next((why for target in targets if (why := doctor.missing(self.site, target, verify=verify))), "")
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
        self.plan, self.judging = None, Judging()

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

    # ---- what is planned

    def make_plan(self) -> Plan:
        """The change that takes what is chosen; its answers by the model."""
        chosen = self.chosen
        passed_over: list[RemedyError] = []
        made = planned(chosen.options(), self.documents, passed_over.append if len(self.documents) > 1 else None)
        if chosen == self.chosen:  # else another choice was made meanwhile, and its plan is on its way
            self.judging, self.plan = Judging(), made
        return made

    @property
    def pending(self) -> Plan:
        """What would be written; empty where nothing is planned."""
        return service.pending(self.plan) if self.plan else Plan(())

    @property
    def judged(self) -> Plan:
        """What may be answered otherwise: what would be written, or every text where another release is to read it."""
        return service.judged(self.plan) if self.plan else Plan(())

    def history(self) -> tuple[Record, ...]:
        """All records, newest first."""
        records, self.without = past.merged(self.site)
        self.records = tuple(records)
        return self.records

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()
        with self._opening:
            self._closed = True
            self._stack.close()


def begun(given: Given) -> Session:
    """A sitting after its first look; one that cannot look is closed again. RemedyError where nothing can be read."""
    session = Session(given)
    try:
        session.scan()
    except BaseException:
        session.close()
        raise
    return session
