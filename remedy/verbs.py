"""One function a verb: from parsed options to an exit code.

What is printed and asked is decided here; what is done, in the service.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from remedy import service
from remedy.errors import ClusterError, ConflictError, InputError, RemedyError, UnavailableError
from remedy.plan import SCHEMA, Change, Plan, from_data, to_data
from remedy.registry import Selection, code_of, select
from remedy.report import text
from remedy.rules import Choices
from remedy.site import Site, Where, opened
from remedy.sources.document import Document
from remedy.sources.find import Search
from remedy.state import cut_off
from remedy.talk import Counting, Progress, report, say, visible
from remedy.validate.probes import Asking

if TYPE_CHECKING:
    from remedy.apply import Event, Run
    from remedy.finding import Finding
    from remedy.journal import Record
    from remedy.signals import Signals
    from remedy.sources.document import Target
    from remedy.validate.verdict import Validation


def run(options: argparse.Namespace, signals: Signals) -> int:
    """The verb that the options name."""
    verbs = {
        "scan": scan,
        "diff": diff,
        "validate": validate,
        "apply": apply,
        "rollback": rollback,
        "history": history,
        "explain": explain,
        "hash": hash_,
        "doctor": doctor,
    }
    if cut_off():
        _tell_cut_off(options)
    return verbs[options.verb](options, signals)


def scan(options: argparse.Namespace, _: Signals) -> int:
    kept: list[service.Scanned] = []  # a JSON document is one piece; text leaves as it comes
    live: list[Document] = []
    kinds: Counter[str] = Counter()
    choices, selection = _choices(options), _selection(options)
    chosen: list[Finding] = []
    targets = wrong = fixable = 0
    with _site(options) as site:
        reading = _Reading(options, site)
        for document in reading:
            try:
                (scanned,) = service.scan([document], choices, selection)
            except RemedyError as error:
                reading.refused(error)
                continue
            targets += 1
            kinds.update(map(text.kind, scanned.findings))
            wrong |= _wrong(scanned.findings)
            fixable |= any(finding.fixable for finding in scanned.findings)
            chosen += scanned.findings if choices.chosen else ()
            live += [document] if document.target.kind == "cluster" else []
            shown = [finding for finding in scanned.findings if finding.suppressed is None or options.verbose]
            if options.format == "json":
                kept.append(scanned)
            elif shown:
                reading.counting.clear()
                _out("".join(text.finding(scanned.target.shown, finding) for finding in shown))
            for each in service.unread([document]):
                reading.counting.clear()
                _talk(options, f"not at hand, and not looked at: {each}")
        owners = _owners(options, site, live)
    service.offered(choices, chosen)
    if options.format == "json":
        _json(service.scan_data(tuple(kept)))
    _talk(options, text.findings(kinds, targets))
    _talk(options, owners, end="")
    if fixable:
        _talk(options, f"see the change: {_command(options, 'diff', *options.targets)}")
    return max(reading.code, int(wrong))


def diff(options: argparse.Namespace, _: Signals) -> int:
    with _site(options) as site:
        reading = _Reading(options, site)
        plan = _planned(options, reading, reading)
        validation = _validated(options, site, plan)
        owners = _owners(options, site, reading.live, plan)
    code = reading.code
    if options.out:
        _save(plan, options.out)
    if options.format == "json":
        _json(to_data(plan._replace(answers=validation.answers) if validation else plan))
    elif options.format == "markdown":
        from remedy.report import markdown

        _out(markdown.review(plan, validation))
    else:
        _out("".join(change.diff for change in plan.changes))
    _show(options, plan, validation)
    _talk(options, owners, end="")
    if validation and validation.verdict != "passed":
        code = max(code, 4)
    return max(code, int(any(change.before != change.after or _wrong(change.left) for change in plan.changes)))


def validate(options: argparse.Namespace, _: Signals) -> int:
    if options.validate == "none":
        raise InputError("nothing to do with --validate none", "leave it out")
    plan, code = _saved_plan(options.targets), 0
    with _site(options) as site:
        documents: list[Document] = []
        if plan is None:
            reading = _Reading(options, site)
            documents = list(reading)
            plan = service.pending(_planned(options, documents, reading))
            code = reading.code
        validation = _validated(options, site, plan) or _today(options, site, documents)
    everything = options.verbose or not plan.changes
    if options.format == "json":
        _json(validation.to_data())
    elif options.format == "markdown":
        from remedy.report import markdown

        _out(markdown.verdict(validation, everything=everything) if plan.changes else markdown.answers(validation.answers, everything=True))
    else:
        _out(text.answers(validation.answers, everything=everything))
        _out(text.verdict(validation) if plan.changes else text.today(validation))
    return max(code, 0 if validation.verdict == "passed" else 4)


def apply(options: argparse.Namespace, signals: Signals) -> int:
    saved = _saved_plan(options.targets)
    with _site(options) as site:
        everything = saved or _planned(options, _read(options, site))  # one that cannot be read, and nothing is written
        plan = service.pending(everything)
        if options.expect and options.expect != plan.fingerprint:
            what = f"the plan's fingerprint is {plan.fingerprint}, not the expected one; nothing was written"
            raise ConflictError(what, "look at it: remedy diff")
        left = [finding for change in everything.changes for finding in change.left]
        plan, code = _lasting(options, site, plan)
        if code and not plan.changes:
            return code
        if not plan.changes:
            for change in everything.changes:
                _left(options, change)
            _talk(options, "nothing to change")
            _finish_cut_off(options, signals, site)
            return int(_wrong(left))
        sources = {change.target: site.source(change.target) for change in plan.changes}
        validation = _validated(options, site, plan)
        if not saved:
            _talk(options, "".join(change.diff for change in plan.changes), end="")
        _show(options, everything, validation)
        if validation:
            service.require(validation)
        if options.dry_run:
            return max(code, 1)
        _preflight(options, site, plan)
        if not _confirmed(options, f"write {', '.join(change.target.shown for change in plan.changes)}"):
            return max(code, 1)
        from remedy.apply import apply as write

        run = _run(options, signals)
        if not options.no_verify and any(change.target.kind == "cluster" for change in plan.changes):
            run = run._replace(lost=_confirming(options, site, plan, run.on_event))
        record = write(plan, sources, run, validation=validation)
        _holders(options, plan, record)
        _done(options, record)
        return max(code, int(_wrong(left)))


def rollback(options: argparse.Namespace, signals: Signals) -> int:
    from remedy.apply import rollback as undo
    from remedy.apply import way_back

    with _site(options) as site:
        record = _record(options.record, site) if options.record else _newest(site)
        targets = [change.target for change in record.changes]
        sources = {target: site.source(target) for target in targets}
        paths = ", ".join(target.shown for target in targets)
        _talk(options, f"record {record.id} of {record.when}, by {record.who}: {paths}")
        plan = way_back(record, sources, force=options.force)
        there = all(sources[change.target].text() == change.after for change in plan.changes)
        if there:
            _talk(options, "nothing to undo: the text that stood there before is live")
        else:
            _talk(options, "this puts back:")
            _talk(options, "".join(change.diff for change in plan.changes), end="")
            validation = service.validate(plan, undo=True)  # what a rollback loses again is shown, and no reason to refuse it
            _talk(options, text.answers(validation.answers, everything=options.verbose), end="")
            _talk(options, text.verdict(validation), end="")
            _preflight(options, site, plan)
            if not _confirmed(options, f"put back {paths}"):
                return 1
        done = undo(record, sources, _run(options, signals), force=options.force)
        if not there:
            _done(options, done)
        return 0


def history(options: argparse.Namespace, _: Signals) -> int:
    from remedy import journal

    with _site(options) as site:
        records = [_record(options.record, site)] if options.record else _merged(options, journal.history(), site)
    if options.format == "json":
        _json({"schema": "remedy.history/1", "records": [record.to_data() for record in records]})
        return 0
    _out(text.history(records))
    if options.record:
        (record,) = records
        _out("".join(service.shown(change.before, change.after, change.target) for change in record.changes))
        contexts = {change.target.context or "" for change in record.changes} - {"", "in-cluster"}
        where = ["--demo"] if "demo" in contexts else [word for context in sorted(contexts) for word in ("--context", context)]
        _out(f"undo: {shlex.join(['remedy', 'rollback', record.id, *where])}\n")
        _out("" if "demo" in contexts else f"without remedy: {record.undo_command}\n")
    return 0


def explain(options: argparse.Namespace, _: Signals) -> int:
    from remedy import page, registry
    from remedy.report import pages

    rules = [registry.named(options.rule)] if options.rule else registry.rules()
    read = [page.page(rule) for rule in rules]
    if options.format == "json":
        _json(page.to_data(rules))
    elif options.format == "markdown":
        _out("\n".join(pages.markdown(each) for each in read) if options.rule else pages.table(read))
    else:
        _out("\n".join(pages.text(each) for each in read) if options.rule else pages.listed(read))
    return 0


def hash_(options: argparse.Namespace, _: Signals) -> int:
    from remedy.corefile.hash import release_of

    release_of(options.coredns_version)  # a word that is no version is refused once, not for every text
    with _site(options) as site:
        reading = _Reading(options, site)
        parts = [(document, part) for document in reading for part in document.parts if not part.around.own]
    code = reading.code
    several = code != 0 or len(parts) > 1
    hashed: list[service.Hashed] = []
    for document, part in parts:
        try:
            hashed.append(service.running(document, part, document.version))
        except RemedyError as error:
            if not several:
                raise
            report(error)
            code = max(code, error.exit_code)
    if options.format == "json":
        version = options.coredns_version or next((document.version for document, _ in parts if document.version), None)
        _json(service.hash_data(hashed, version))
    else:
        _out("".join(f"{each.hash}  {_where(each.target)}\n" if several else f"{each.hash}\n" for each in hashed))
    for each in hashed:
        if not each.reloads:
            without = "without the plugin reload, CoreDNS logs no hash and takes a new text only when it restarts"
            _talk(options, f"{_where(each.target)}: {without}")
    return code


def _tell_cut_off(options: argparse.Namespace) -> None:
    from remedy import journal

    for record in journal.unfinished():
        targets = ", ".join(change.target.shown for change in record.changes)
        _talk(options, f"record {record.id} of {record.when} was cut off: {targets} holds the old text or the new one, perhaps unproven")
        again = _command(options, "apply", *(change.target.path for change in record.changes if change.target.path))
        _talk(options, f"  undo it: {_command(options, 'rollback', record.id)}; finish it: {again}")


def doctor(options: argparse.Namespace, _: Signals) -> int:
    from remedy.doctor import examine, to_data

    with _site(options) as site:
        found = examine(site, options.coredns_version)
    if options.format == "json":
        _json(to_data(found))
    else:
        _out("".join(text.checks(title, checks) for title, checks in found.sections()))
    return 2 if any(check.state == "failed" for _, checks in found.sections() for check in checks) else 0


def _owners(options: argparse.Namespace, site: Site, documents: Sequence[Document], plan: Plan | None = None) -> str:
    """Who else writes what was read from a cluster; with a plan, what to change there instead."""
    if options.quiet or not any(document.target.kind == "cluster" for document in documents):
        return ""
    from remedy import doctor as look

    who = [look.owners(site, document.target) for document in documents]
    return "".join((*who, *(look.advice(site, change) for change in (service.pending(plan).changes if plan else ()))))


def _lasting(options: argparse.Namespace, site: Site, plan: Plan) -> tuple[Plan, int]:
    """The changes that will last and can be verified; of the others is said why they are left out, which makes the exit code 2."""
    from remedy import doctor as look

    kept: list[Change] = []
    for change in plan.changes:
        _talk(options, look.owners(site, change.target), end="")
        try:
            look.require_lasting(site, change, force=options.force_owner)
            kept.append(change)
        except RemedyError as error:
            _talk(options, look.advice(site, change), end="")
            report(error)
    return plan._replace(changes=tuple(kept)), 2 if len(kept) < len(plan.changes) else 0


def _preflight(options: argparse.Namespace, site: Site, plan: Plan) -> None:
    from remedy import doctor as look

    for check in look.require_allowed(site, plan):
        _talk(options, f"{check.state}: {check.text}" + "".join(f"\n    {line}" for line in check.hint.split("\n") if line))


def _site(options: argparse.Namespace) -> AbstractContextManager[Site]:
    where = Where(options.kubeconfig, options.context, options.namespace, options.configmap, options.request_timeout)
    return opened(where, demo=options.demo)


def _run(options: argparse.Namespace, signals: Signals) -> Run:
    from remedy.apply import Run

    listener = signals.watching(Progress(timeout=options.timeout, quiet=options.quiet))
    settle = options.settle if options.settle is not None else 3.0 if options.demo else 15.0
    return Run(options.timeout, listener, signals.stop, settle, not options.no_poke, not options.no_verify, options.strategy)


class _Reading:
    """The Documents of one command, one at a time. Of several, what cannot be used is said, and makes the exit code 2."""

    def __init__(self, options: argparse.Namespace, site: Site) -> None:
        self.code = 0
        self.live: list[Document] = []
        self.several = len(options.targets) > 1 or any(os.path.isdir(word) for word in options.targets)
        self.counting = Counting(quiet=options.quiet or not self.several)
        self._options = options
        self._site = site

    def __iter__(self) -> Iterator[Document]:
        if not self.several:
            documents = _read(self._options, self._site)
            self.live = [document for document in documents if document.target.kind == "cluster"]
            yield from documents
            return
        gc.enable()  # a reader of YAML leaves cycles behind, and a directory has no end
        search = Search(self._options.targets, refused=self.refused, seen=self.counting)
        for document in search:
            yield _versioned(self._options, document)
        self.counting.clear()
        for path in search.read_only:
            _talk(self._options, f"{path}: a Corefile seems to be in here; remedy does not edit this form")
        passed_over = search.counts.passed_over
        if passed_over:
            _talk(self._options, f"{text.count(passed_over, 'file')} passed over: no Corefile in them")

    def refused(self, error: RemedyError) -> None:
        if not self.several:
            raise error
        self.counting.clear()
        report(error)
        self.code = max(self.code, error.exit_code)


def _planned(options: argparse.Namespace, documents: Iterable[Document], reading: _Reading | None = None) -> Plan:
    choices, selection, asking = _choices(options), _selection(options), _asking(options)
    return service.plan(documents, choices, selection, unsafe=options.unsafe, asking=asking, refused=reading.refused if reading else None)


def _validated(options: argparse.Namespace, site: Site, plan: Plan) -> Validation | None:
    """The verdict on what would be written, by whom the options name; None where nothing would be, or nobody is asked."""
    changes = service.pending(plan).changes
    if not changes or options.validate == "none":
        return None
    if options.validate == "model":
        return service.validate(plan, _asking(options))
    from remedy.provers import provers  # the model, which most runs ask, needs none of them

    live = any(change.target.kind == "cluster" for change in changes)
    return service.prove(plan, _asking(options), provers(options.validate, site, live=live, binary=options.coredns))


def _today(options: argparse.Namespace, site: Site, documents: list[Document]) -> Validation:
    """What clients get with nothing to change: of a live Corefile as its replicas answer, of a file as it would be answered."""
    asking = _asking(options)
    if options.targets:
        return service.today(documents, asking)
    from remedy.provers import Replicas

    try:
        return service.today(documents, asking, prover=Replicas(site, options.probe_image).today, method="live")
    except UnavailableError as error:
        _talk(options, f"the replicas could not be asked, so this is the model's word: {error}")
        return service.today(documents, asking)


def _confirming(options: argparse.Namespace, site: Site, plan: Plan, on_event: Callable[[Event], None]) -> Callable[[], str]:
    """Asks every replica now, and again when it is called: then what was lost on the way."""
    from remedy.apply import Event
    from remedy.provers import Replicas

    replicas, asking = Replicas(site, options.probe_image), _asking(options)
    try:
        service.confirm(plan, asking, replicas.before)
    except UnavailableError as error:
        _talk(options, f"not every answer can be compared after the write: {error}")
        return lambda: ""

    def lost() -> str:
        try:
            found = service.confirm(plan, asking, replicas.after)
        except UnavailableError as error:
            return f"what clients get could not be asked: {error}"
        on_event(Event("note", text.verdict(found).rstrip("\n")))
        return "" if found.verdict != "failed" else "; ".join(found.transcript[:3])

    return lost


def _asking(options: argparse.Namespace) -> Asking:
    return Asking(tuple(options.probe), tuple(options.search), options.strict, options.coredns_version)


def _read(options: argparse.Namespace, site: Site) -> list[Document]:
    documents = [_versioned(options, document) for document in site.documents(options.targets)]
    for note in site.notes():
        _talk(options, f"note: {note}")
    return documents


def _versioned(options: argparse.Namespace, document: Document) -> Document:
    """The release that a person names counts for more than what a tag says."""
    if options.coredns_version is None:
        return document
    from remedy.corefile.hash import release_of

    release_of(options.coredns_version)
    return document._replace(version=options.coredns_version)


def _saved_plan(targets: list[str]) -> Plan | None:
    """The plan, if the one target is a file that holds one."""
    if len(targets) != 1 or not os.path.isfile(targets[0]):
        return None
    try:
        with open(targets[0], "rb") as file:
            content = file.read()
        if SCHEMA.encode() not in content[:200]:
            return None
        import json

        return from_data(json.loads(content), targets[0])
    except OSError:
        return None
    except ValueError as error:
        raise InputError(f"{targets[0]}: not a plan that remedy wrote ({error})", "make it again: remedy diff --out PLAN") from None


def _save(plan: Plan, path: str) -> None:
    import json

    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(to_data(service.pending(plan)), file, indent=1)
            file.write("\n")
    except OSError as error:
        raise InputError(f"{path}: the plan cannot be saved: {error.strerror}", "name a file that you can write") from None


def _show(options: argparse.Namespace, plan: Plan, validation: Validation | None) -> None:
    """Below a diff: the answers that change, the verdict, and what was left."""
    if validation:
        _talk(options, text.answers(validation.answers, everything=options.verbose) + text.verdict(validation), end="")
    for change in plan.changes:
        _left(options, change)
    if any(change.target.kind == "cluster" and change.before != change.after for change in plan.changes):
        _talk(options, f"fingerprint {plan.fingerprint}")


def _left(options: argparse.Namespace, change: Change) -> None:
    for finding in change.left:
        if finding.wrong or options.verbose:
            _talk(options, "left: " + text.finding(change.target.shown, finding), end="")
    silenced = sum(finding.suppressed is not None for finding in change.left)
    if silenced:
        _talk(options, f"{change.target.shown}: {text.count(silenced, 'finding')} suppressed by a comment; --verbose shows the reasons")


def _confirmed(options: argparse.Namespace, what: str) -> bool:
    if options.yes:
        return True
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise InputError(f"to {what}, remedy needs a terminal to ask on; nothing was written", "without one, add --yes")
    say(f"{what}? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _newest(site: Site) -> Record:
    """The newest change of a live Corefile; a rollback is not undone by another."""
    from remedy import journal

    try:
        targets = [document.target for document in site.documents([])]
    except ClusterError as error:
        raise ClusterError(str(error), f"{error.hint}; a file is rolled back by its record: remedy history") from None
    for record in journal.history():
        same = {(each.uid, each.key) for each in targets} & {(change.target.uid, change.target.key) for change in record.changes}
        if same and record.undoes is None and record.outcome != "failed":
            return record
    shown = ", ".join(each.shown for each in targets)
    raise InputError(f"no record of a change of {shown} on this machine", "name one of those in remedy history: remedy rollback RECORD")


def _record(name: str, site: Site) -> Record:
    """By its id, from this machine, or from the cluster. StateError where it is in neither."""
    from remedy import journal
    from remedy.errors import StateError

    try:
        return journal.load(name)
    except StateError as error:
        if journal.path_of(name).exists():
            raise
        with contextlib.suppress(ClusterError):
            for record in _kept(site) if site.has_cluster() else ():
                if record.id == name:
                    return record
        raise error from None


def _merged(options: argparse.Namespace, records: list[Record], site: Site) -> list[Record]:
    """These and the ones that the cluster keeps, newest first; of one that is in both, this machine's."""
    if not site.has_cluster():
        return records
    try:
        kept = _kept(site)
    except ClusterError as error:
        _talk(options, f"without the records that other machines left in the cluster: {error}")
        return records
    found = {record.id: record for record in kept} | {record.id: record for record in records}
    return sorted(found.values(), key=lambda record: record.id, reverse=True)


def _kept(site: Site) -> list[Record]:
    """The records in the cluster. ClusterError where it cannot be reached."""
    from remedy import journal
    from remedy.cluster import records

    return [record for record in map(journal.adopt, records.kept(site.door(), site.namespace)) if record is not None]


def _finish_cut_off(options: argparse.Namespace, signals: Signals, site: Site) -> None:
    """What a killed apply left unproven is proven now."""
    from remedy import journal
    from remedy.apply import confirm

    for record in journal.unfinished():
        if any((change.target.kind == "cluster") == bool(options.targets) for change in record.changes):
            continue
        try:
            sources = {change.target: site.source(change.target) for change in record.changes}
            there = all(sources[change.target].text() == change.after for change in record.changes)
        except RemedyError:  # of another cluster, or of a file that is gone
            continue
        if there:
            _talk(options, f"record {record.id} was cut off; looking whether every replica runs what it wrote")
            confirm(Plan(record.changes), sources, _run(options, signals))
            _talk(options, f"record {record.id}: done and verified")


def _done(options: argparse.Namespace, record: Record | None) -> None:
    if record is None:
        _talk(options, "nothing to do: that text is live already")
        return
    if options.format == "json":
        _json(record.to_data())
    _talk(options, f"done; record {record.id}")
    if record.undoes is None:
        _talk(options, f"undo it with: {_command(options, 'rollback', record.id)}")


def _holders(options: argparse.Namespace, plan: Plan, record: Record | None) -> None:
    """Who outside the replicas may still have the old answer, after a change of a live Corefile."""
    live = [change for change in plan.changes if change.target.kind == "cluster"]
    found = dict.fromkeys(holder.sentence for change in live for holder in service.holders(change)) if record else ()
    if found:
        _talk(options, "what else may still hold the old answer:")
        _talk(options, "".join(text.listed(sentence) for sentence in found), end="")


def _where(target: Target) -> str:
    """A Corefile's name: in a manifest, the path and the ConfigMap's own."""
    if target.kind not in ("manifest", "stdin") or target.key is None:
        return target.shown
    return ":".join([target.shown, "/".join(each for each in (target.namespace, target.name, target.key) if each)])


def _command(options: argparse.Namespace, *words: str) -> str:
    """A command that does the next thing, in the same place and manner."""
    place = ("kubeconfig", "context", "namespace", "configmap")
    flags = [word for name in place if getattr(options, name) is not None for word in (f"--{name}", getattr(options, name))]
    if words[0] == "diff":
        flags += ["--style", options.style] if options.style != "documented" else []
        flags += [word for name, value in options.fix for word in ("--fix", f"{name}={value}")]
        chosen = (("--select", options.select), ("--ignore", options.ignore))
        flags += [word for flag, words in chosen if words for word in (flag, ",".join(words))]
        flags += [f"--{flag}" for flag in ("soa", "unsafe") if getattr(options, flag)]
    return shlex.join(["remedy", *words, *flags, *(["--demo"] if options.demo else [])])


def _wrong(findings: Any) -> bool:
    return any(finding.wrong for finding in findings)


def _choices(options: argparse.Namespace) -> Choices:
    for word, _ in options.fix:
        code_of(word)  # a word that is no code is refused before anything is read
    return Choices(options.style, options.soa, options.coredns_version, tuple(options.search), dict(options.fix))


def _selection(options: argparse.Namespace) -> Selection:
    return select(options.select, options.ignore)


def _talk(options: argparse.Namespace, words: str, *, end: str = "\n") -> None:
    if not options.quiet:
        say(visible(words), end=end)


def _json(data: Any) -> None:
    import json

    _out(json.dumps(data, indent=1) + "\n")


def _out(words: str) -> None:
    """Data, as bytes: what was not valid UTF-8 in a Corefile leaves as it came, except on a terminal."""
    if sys.stdout is None:  # closed by a caller that wants the exit code alone
        return
    if sys.stdout.isatty():
        words = visible(words)
    try:
        sys.stdout.buffer.write(words.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RemedyError(f"standard output cannot be written: {error.strerror}", "what was to be shown is not complete") from None
