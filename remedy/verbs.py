"""One function a verb: from parsed options to an exit code.

What is printed and asked is decided here; what is done, in the service.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from remedy import service
from remedy.errors import ClusterError, ConflictError, InputError, RemedyError
from remedy.plan import SCHEMA, Change, Plan, from_data, to_data
from remedy.report import text
from remedy.rules import Choices
from remedy.site import Site, Where, opened
from remedy.sources.document import Document
from remedy.sources.find import find
from remedy.state import cut_off
from remedy.talk import Progress, report, say, visible

if TYPE_CHECKING:
    from remedy.apply import Run
    from remedy.journal import Record
    from remedy.signals import Signals
    from remedy.sources.document import Target
    from remedy.validate.verdict import Validation


def run(options: argparse.Namespace, signals: Signals) -> int:
    """The verb that the options name."""
    verbs = {"scan": scan, "diff": diff, "validate": validate, "apply": apply, "rollback": rollback, "history": history, "hash": hash_}
    if cut_off():
        _tell_cut_off(options)
    return verbs[options.verb](options, signals)


def scan(options: argparse.Namespace, _: Signals) -> int:
    documents, code = _documents(options)
    scanned = service.scan(documents, _choices(options))
    findings = [finding for each in scanned for finding in each.findings]
    if options.format == "json":
        _json(service.scan_data(scanned))
    else:
        _out("".join(text.finding(each.target.shown, finding) for each in scanned for finding in each.findings))
    _talk(options, text.findings(findings, len(scanned)))
    for each in service.unread(documents):
        _talk(options, f"not at hand, and not looked at: {each}")
    if any(finding.fix is not None for finding in findings):
        _talk(options, f"see the change: {_command(options, 'diff', *options.targets)}")
    return max(code, int(_wrong(findings)))


def diff(options: argparse.Namespace, _: Signals) -> int:
    documents, code = _documents(options)
    plan = service.plan(documents, _choices(options), unsafe=options.unsafe)
    validation = service.validate(plan) if service.pending(plan).changes and options.validate != "none" else None
    if options.out:
        _save(plan, options.out)
    if options.format == "json":
        _json(to_data(plan))
    else:
        _out("".join(change.diff for change in plan.changes))
    _show(options, plan, validation)
    if validation and validation.verdict != "passed":
        code = max(code, 4)
    return max(code, int(any(change.before != change.after or _wrong(change.left) for change in plan.changes)))


def validate(options: argparse.Namespace, _: Signals) -> int:
    if options.validate == "none":
        raise InputError("nothing to do with --validate none", "leave it out")
    plan = _saved_plan(options.targets)
    documents: list[Document] = []
    code = 0
    if plan is None:
        documents, code = _documents(options)
        plan = service.pending(service.plan(documents, _choices(options), unsafe=options.unsafe))
    validation = service.validate(plan) if plan.changes else service.today(documents)
    if options.format == "json":
        _json(validation.to_data())
    else:
        _out(text.answers(validation.answers, everything=options.verbose or not plan.changes))
        _out(text.verdict(validation) if plan.changes else "nothing to change, so nothing was judged: this is what clients get today\n")
    return max(code, 0 if validation.verdict == "passed" else 4)


def apply(options: argparse.Namespace, signals: Signals) -> int:
    saved = _saved_plan(options.targets)
    with _site(options) as site:
        everything = saved or service.plan(site.documents(options.targets), _choices(options), unsafe=options.unsafe)
        plan = service.pending(everything)
        if options.expect and options.expect != plan.fingerprint:
            what = f"the plan's fingerprint is {plan.fingerprint}, not the expected one; nothing was written"
            raise ConflictError(what, "look at it: remedy diff")
        left = [finding for change in everything.changes for finding in change.left]
        if not plan.changes:
            for change in everything.changes:
                _left(options, change)
            _talk(options, "nothing to change")
            _finish_cut_off(options, signals, site)
            return int(_wrong(left))
        sources = {change.target: site.source(change.target) for change in plan.changes}
        validation = None if options.validate == "none" else service.validate(plan)
        if not saved:
            _talk(options, "".join(change.diff for change in plan.changes), end="")
        _show(options, everything, validation)
        if validation:
            service.require(validation)
        if options.dry_run:
            return 1
        if not _confirmed(options, f"write {', '.join(change.target.shown for change in plan.changes)}"):
            return 1
        from remedy.apply import apply as write

        _done(options, write(plan, sources, _run(options, signals), validation=validation))
        return int(_wrong(left))


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
            validation = service.validate(plan)  # shown; what a rollback loses again is no reason to refuse it
            _talk(options, text.answers(validation.answers, everything=options.verbose), end="")
            if validation.verdict == "failed":
                _talk(options, "lookups that succeed now will fail again")
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


def hash_(options: argparse.Namespace, _: Signals) -> int:
    from remedy.corefile.hash import release_of

    version = options.coredns_version
    release_of(version)  # a word that is no version is refused once, not for every text
    documents, code = _documents(options, parsed=False)
    parts = [(document, part) for document in documents for part in document.parts]
    several = code != 0 or len(parts) > 1
    hashed: list[service.Hashed] = []
    for document, part in parts:
        try:
            hashed.append(service.running(document, part, version))
        except RemedyError as error:
            if not several:
                raise
            report(error)
            code = max(code, error.exit_code)
    if options.format == "json":
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


def _site(options: argparse.Namespace) -> AbstractContextManager[Site]:
    where = Where(options.kubeconfig, options.context, options.namespace, options.configmap, options.request_timeout)
    return opened(where, demo=options.demo)


def _run(options: argparse.Namespace, signals: Signals) -> Run:
    from remedy.apply import Run

    listener = signals.watching(Progress(timeout=options.timeout, quiet=options.quiet))
    settle = options.settle if options.settle is not None else 3.0 if options.demo else 15.0
    return Run(options.timeout, listener, signals.stop, settle, not options.no_poke, not options.no_verify, options.strategy)


def _documents(options: argparse.Namespace, *, parsed: bool = True) -> tuple[list[Document], int]:
    """All that can be read (and, of several, parsed); what cannot is said, and makes the exit code 2."""
    with _site(options) as site:
        if len(options.targets) <= 1 and not any(os.path.isdir(word) for word in options.targets):
            return site.documents(options.targets), 0
        found = find(options.targets)
        documents, code = [], 0
        for source in found.sources:
            try:
                document = source.read()
                if parsed:
                    service.scan([document], _choices(options))
                documents.append(document)
            except RemedyError as error:
                report(error)
                code = max(code, error.exit_code)
        if found.passed_over:
            _talk(options, f"{text.count(found.passed_over, 'file')} passed over: no Corefile in them")
        return documents, code


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
        _talk(options, "left: " + text.finding(change.target.shown, finding), end="")


def _confirmed(options: argparse.Namespace, what: str) -> bool:
    if options.yes:
        return True
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise InputError(f"to {what}, remedy needs a terminal to ask on; nothing was written", "without one, add --yes")
    say(f"{what}? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _newest(site: Site) -> Record:
    """The newest change of the live Corefile; a rollback is not undone by another."""
    from remedy import journal

    try:
        target = site.documents([])[0].target
    except ClusterError as error:
        raise ClusterError(str(error), f"{error.hint}; a file is rolled back by its record: remedy history") from None
    for record in journal.history():
        same = any((change.target.uid, change.target.key) == (target.uid, target.key) for change in record.changes)
        if same and record.undoes is None and record.outcome != "failed":
            return record
    raise InputError(
        f"no record of a change of {target.shown} on this machine", "name one of those in remedy history: remedy rollback RECORD"
    )


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


def _where(target: Target) -> str:
    """A Corefile's name: in a manifest, the path and the ConfigMap's own."""
    if target.kind not in ("manifest", "stdin") or target.key is None:
        return target.shown
    return ":".join([target.shown, "/".join(each for each in (target.namespace, target.name, target.key) if each)])


def _command(options: argparse.Namespace, *words: str) -> str:
    """A command that does the next thing, in the same place and manner."""
    place = [("kubeconfig", None), ("context", None), ("namespace", "kube-system"), ("configmap", "coredns")]
    flags = [word for name, default in place if getattr(options, name) != default for word in (f"--{name}", getattr(options, name))]
    if words[0] == "diff":
        flags += ["--style", options.style] if options.style != "documented" else []
        flags += ["--unsafe"] if options.unsafe else []
    return shlex.join(["remedy", *words, *flags, *(["--demo"] if options.demo else [])])


def _wrong(findings: Any) -> bool:
    return any(finding.severity in ("error", "warning") for finding in findings)


def _choices(options: argparse.Namespace) -> Choices:
    return Choices(options.style)


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
