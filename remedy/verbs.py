"""One function a verb: from parsed options to an exit code.

What is printed and asked is decided here; what is done, in the service.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from remedy import service
from remedy.errors import ConflictError, InputError, RemedyError
from remedy.plan import SCHEMA, Plan, from_data, to_data
from remedy.report import text
from remedy.rules import Choices
from remedy.sources.document import Document
from remedy.sources.find import find
from remedy.sources.plain import FileSource
from remedy.talk import Progress, report, say

if TYPE_CHECKING:
    from remedy.apply import Run, Writable
    from remedy.cluster.door import Door
    from remedy.cluster.source import LiveSource
    from remedy.journal import Record
    from remedy.signals import Signals
    from remedy.sources.document import Target
    from remedy.validate.model import Validation


def run(options: argparse.Namespace, signals: Signals) -> int:
    """The verb that the options name."""
    verbs = {"scan": scan, "diff": diff, "validate": validate, "apply": apply, "rollback": rollback, "history": history}
    return verbs[options.verb](options, signals)


def scan(options: argparse.Namespace, _: Signals) -> int:
    documents, code = _documents(options)
    scanned = service.scan(documents, _choices(options))
    findings = [finding for each in scanned for finding in each.findings]
    if options.format == "json":
        _json(service.scan_data(scanned))
    else:
        _out("".join(text.finding(each.target.shown, finding) for each in scanned for finding in each.findings))
    fixable = sum(finding.fix is not None for finding in findings)
    _talk(options, f"{text.count(len(findings), 'finding')} in {text.count(len(scanned), 'target')}, {fixable} fixable")
    if fixable:
        _talk(options, f"see the change: {_command(options, 'diff')}")
    return max(code, int(any(finding.severity != "info" for finding in findings)))


def diff(options: argparse.Namespace, _: Signals) -> int:
    plan, code = _planned(options)
    validation = service.validate(plan) if plan.changes and options.validate != "none" else None
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
        _out(text.verdict(validation))
    return max(code, 0 if validation.verdict == "passed" else 4)


def apply(options: argparse.Namespace, signals: Signals) -> int:
    saved = _saved_plan(options.targets)
    with _site(options) as site:
        everything = saved or service.plan(site.documents(options), _choices(options), unsafe=options.unsafe)
        plan = service.pending(everything)
        if options.expect and options.expect != plan.fingerprint:
            raise ConflictError(
                f"the plan's fingerprint is {plan.fingerprint}, not the expected one; nothing was written", "look at it: remedy diff"
            )
        left = [finding for change in everything.changes for finding in change.left]
        if not plan.changes:
            _talk(
                options, "nothing to change" + (f"; {text.count(len(left), 'finding')} left that need a person or --unsafe" if left else "")
            )
            return int(_wrong(left))
        sources = {change.target: site.source(change.target) for change in plan.changes}
        validation = None if options.validate == "none" else service.validate(plan)
        if not saved:
            _talk(options, "".join(change.diff for change in plan.changes), end="")
        _show(options, plan, validation)
        if validation:
            service.require(validation)
        if options.dry_run:
            return 1
        if not _confirmed(options, f"write {', '.join(change.target.shown for change in plan.changes)}"):
            return 1
        from remedy.apply import apply as write

        record = write(plan, sources, site.run(options, signals), validation=validation)
        _done(options, record)
        return int(_wrong(left))


def rollback(options: argparse.Namespace, signals: Signals) -> int:
    from remedy import journal
    from remedy.apply import rollback as undo

    with _site(options) as site:
        record = journal.load(options.record) if options.record else _newest(site)
        sources = {change.target: site.source(change.target) for change in record.changes}
        paths = ", ".join(change.target.shown for change in record.changes)
        _talk(options, f"record {record.id} of {record.when}, by {record.who}: {paths}")
        if all(source.text() == change.before for change, source in zip(record.changes, sources.values(), strict=True)):
            _talk(options, "nothing to undo: the text that stood there before is live")
            return 0
        for change in record.changes:
            _talk(options, service.shown(change.after, change.before, change.target), end="")
        if not _confirmed(options, f"put back {paths}"):
            return 1
        _done(options, undo(record, sources, site.run(options, signals)))
        return 0


def history(options: argparse.Namespace, _: Signals) -> int:
    from remedy import journal

    records = [journal.load(options.record)] if options.record else journal.history()
    if options.format == "json":
        _json({"schema": "remedy.history/1", "records": [record.to_data() for record in records]})
        return 0
    _out(text.history(records, [", ".join(change.target.shown for change in record.changes) for record in records]))
    if options.record:
        (record,) = records
        _out("".join(service.shown(change.before, change.after, change.target) for change in record.changes))
        _out(f"undo: remedy rollback {record.id}\nwithout remedy: {record.undo_command}\n")
    return 0


class _Site:
    """Where the documents of one command come from and go to: files, or a cluster behind a Door."""

    def __init__(self, options: argparse.Namespace, door: Door | None) -> None:
        self._options = options
        self._door = door

    def documents(self, options: argparse.Namespace) -> list[Document]:
        if options.targets:
            return [source.read() for source in find(options.targets).sources]
        return [self._live(options.namespace, options.configmap).read()]

    def source(self, target: Target) -> Writable:
        """Where a planned change is written. ConflictError where this cluster is not the one that was planned for."""
        if target.kind == "stdin":
            raise InputError("standard input cannot be written", "name the file: remedy apply FILE")
        if target.kind != "cluster":
            return FileSource(target.path or "")
        source = self._live(target.namespace or "", target.name or "")
        uid = source.read().target.uid
        if uid != target.uid:
            raise ConflictError(
                f"{target.shown} in context {source.door.context} is not the object that was planned for; nothing was written",
                f"it was planned in context {target.context}: pass --context",
            )
        return source

    def run(self, options: argparse.Namespace, signals: Signals) -> Run:
        from remedy.apply import Run

        return Run(options.timeout, signals.watching(Progress(timeout=options.timeout, quiet=options.quiet)), signals.stop)

    def _live(self, namespace: str, name: str) -> LiveSource:
        from remedy.cluster.source import LiveSource

        if self._door is None:
            from remedy.cluster.api import connect

            given = self._options
            self._door = connect(kubeconfig=given.kubeconfig, context=given.context, request_timeout=given.request_timeout)
        return LiveSource(self._door, namespace, name)


@contextmanager
def _site(options: argparse.Namespace) -> Iterator[_Site]:
    if not options.demo:
        yield _Site(options, None)
        return
    from remedy.cluster.embedded import EmbeddedCluster
    from remedy.journal import folder

    with EmbeddedCluster(state=folder() / "demo.json") as cluster:
        yield _Site(options, cluster)


def _documents(options: argparse.Namespace) -> tuple[list[Document], int]:
    """All that can be read; what cannot is said, and makes the exit code 2."""
    with _site(options) as site:
        if len(options.targets) <= 1 and not any(os.path.isdir(word) for word in options.targets):
            return site.documents(options), 0
        found = find(options.targets)
        documents, code = [], 0
        for source in found.sources:
            try:
                document = source.read()
                service.scan([document], _choices(options))
                documents.append(document)
            except RemedyError as error:
                report(error)
                code = max(code, error.exit_code)
        if found.passed_over:
            _talk(options, f"{text.count(found.passed_over, 'file')} passed over: no Corefile in them")
        return documents, code


def _planned(options: argparse.Namespace) -> tuple[Plan, int]:
    documents, code = _documents(options)
    return service.plan(documents, _choices(options), unsafe=options.unsafe), code


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
        raise InputError(f"{targets[0]}: not a plan that remedy wrote ({error})", "make it again: remedy diff … --out PLAN") from None


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
        _talk(options, text.answers(validation.answers, everything=options.verbose), end="")
        _talk(options, text.verdict(validation), end="")
    for change in plan.changes:
        for finding in change.left:
            _talk(options, "left: " + text.finding(change.target.shown, finding), end="")
    if any(change.target.kind == "cluster" and change.before != change.after for change in plan.changes):
        _talk(options, f"fingerprint {service.pending(plan).fingerprint}")


def _confirmed(options: argparse.Namespace, what: str) -> bool:
    if options.yes:
        return True
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise InputError(f"to {what}, remedy needs --yes or a terminal to ask on; nothing was written", "add --yes")
    say(f"{what}? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _newest(site: _Site) -> Record:
    """The newest change of this command's target; a rollback is not undone by another."""
    from remedy import journal

    target = site.documents(site._options)[0].target
    for record in journal.history():
        same = any((change.target.uid, change.target.key) == (target.uid, target.key) for change in record.changes)
        if same and record.undoes is None and record.outcome != "failed":
            return record
    raise InputError(
        f"no record of a change of {target.shown} on this machine", "remedy history lists all records; name one: remedy rollback RECORD"
    )


def _done(options: argparse.Namespace, record: Record | None) -> None:
    if record is None:
        _talk(options, "nothing to do: that text is live already")
    elif record.undoes is None:
        _talk(options, f"done; record {record.id}; undo it with: {_command(options, f'rollback {record.id}')}")
    else:
        _talk(options, f"done; record {record.id}")


def _command(options: argparse.Namespace, words: str) -> str:
    """A command that does the next thing, in the same place."""
    where = [*getattr(options, "targets", [])] if words == "diff" else []
    for flag in ("kubeconfig", "context"):
        if getattr(options, flag):
            where += [f"--{flag}", getattr(options, flag)]
    return " ".join(["remedy", words, *where, *(["--demo"] if options.demo else [])])


def _wrong(findings: Any) -> bool:
    return any(finding.severity in ("error", "warning") for finding in findings)


def _choices(options: argparse.Namespace) -> Choices:
    return Choices(options.style)


def _talk(options: argparse.Namespace, words: str, *, end: str = "\n") -> None:
    if not options.quiet:
        say(words, end=end)


def _json(data: Any) -> None:
    import json

    _out(json.dumps(data, indent=1) + "\n")


def _out(words: str) -> None:
    """Data, as bytes: what was not valid UTF-8 in a Corefile leaves as it came."""
    sys.stdout.buffer.write(words.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
