"""The verbs that write, apply and rollback, and the records of both.

What a killed run left behind is told at the start of every verb, and finished by the next apply of the same text.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from remedy import order, past, service
from remedy.errors import ConflictError, RemedyError
from remedy.plan import Plan
from remedy.report import text
from remedy.site import Site
from remedy.talk import Progress, report
from remedy.verbs.given import asking_of, comparing, pending_of, planned, read, run_of, saved_plan, site_of, validated
from remedy.verbs.output import any_wrong, command, confirmed, print_data, print_json, show, show_left, talk

if TYPE_CHECKING:
    from remedy.journal import Record
    from remedy.signals import Signals
    from remedy.validate.verdict import Validation
    from remedy.work import Run

_PATIENCE_SECONDS = 3.0  # with a cluster that does not answer; this machine's records are here


def apply(options: argparse.Namespace, signals: Signals) -> int:
    saved = saved_plan(options)
    with site_of(options) as site:
        if not options.dry_run:
            site.require_writing()
        everything = _by_now(options, site, saved) if saved else planned(options, read(options, site))
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
                show_left(options, change)
            talk(options, "nothing to change")
            _finish_cut_off(options, signals, site)
            return int(any_wrong(left))
        for change in plan.changes:
            site.source(change.target)  # one that cannot be written is refused before anybody judges it
        if saved:
            talk(options, "".join(change.diff for change in plan.changes), end="")
            pending_of(options, site, plan)
        validation = validated(options, site, plan)
        writes = order.writes(plan.changes, version=plan.coredns_version)
        if not saved:
            talk(options, "".join(change.diff for change in plan.changes), end="")
        show(options, everything, validation)
        if validation:
            service.require(validation)
            validation = _meanwhile(options, site, plan, validation)
        if options.dry_run:
            return max(code, 1)
        _preflight(options, site, plan)
        if not confirmed(options, f"write {_one_by_one(writes)}"):
            return max(code, 1)
        from remedy.apply import apply as write

        sources = site.writable(change.target for change in plan.changes)
        run = comparing(options, site, plan, _run(options, signals))
        record = write(plan, sources, run, validation=validation)
        if record:
            _holders(options, plan)
        _done(options, record)
        return max(code, int(any_wrong(left)))


def rollback(options: argparse.Namespace, signals: Signals) -> int:
    from remedy.apply import rollback as undo
    from remedy.apply import way_back
    from remedy.provers import require_loads, running

    with site_of(options) as site:
        site.require_writing()
        record = past.named(options.record, site) if options.record else past.newest(site)
        targets = [change.target for change in record.changes]
        sources = site.writable(targets)
        paths = ", ".join(target.shown for target in targets)
        talk(options, f"record {record.id} of {record.when}, by {record.who}: {paths}")
        plan = way_back(record, sources, force=options.force)
        plan = plan._replace(coredns_version=options.coredns_version or running(site, plan))
        there = all(sources[change.target].text() == change.after for change in plan.changes)
        if there:
            talk(options, "nothing to undo: the text that stood there before is live")
        else:
            talk(options, "this puts back:")
            talk(options, "".join(change.diff for change in plan.changes), end="")
            validation = service.validate(plan, undo=True)  # what a rollback loses again is shown, and no reason to refuse it
            talk(options, text.answers(validation.answers, everything=options.verbose), end="")
            talk(options, text.verdict(validation), end="")
            require_loads(validation)
            _preflight(options, site, plan)
            if not confirmed(options, f"put back {paths}"):
                return 1
        done = undo(record, sources, _run(options, signals), force=options.force, agreed=plan)
        if not there:
            _done(options, done)
        return 0


def history(options: argparse.Namespace, _: Signals) -> int:
    with site_of(options, patience=_PATIENCE_SECONDS) as site:
        records, without = ([past.named(options.record, site)], "") if options.record else past.merged(site)
    if without:
        talk(options, f"without the records that other machines left in the cluster: {without}")
    if options.format == "json":
        print_json({"schema": "remedy.history/1", "records": [record.to_data() for record in records]})
        return 0
    print_data(text.history(records))
    if options.record:
        from remedy.journal import made_here

        (record,) = records
        print_data("".join(service.shown(change.before, change.after, change.target) for change in record.changes))
        contexts = {change.target.context or "" for change in record.changes} - {"", "in-cluster"}
        where = ["--demo"] if "demo" in contexts else [word for context in sorted(contexts) for word in ("--context", context)]
        print_data(f"undo: {shlex.join(['remedy', 'rollback', record.id, *where])}\n")
        alone = "" if made_here(record) else f", where {record.who} made it (its file is not on this machine)"
        print_data("" if "demo" in contexts else f"without remedy{alone}: {record.undo_command}\n")
    return 0


def tell_cut_off(options: argparse.Namespace) -> None:
    from remedy import journal

    for record in journal.unfinished():
        targets = ", ".join(change.target.shown for change in record.changes)
        talk(options, f"record {record.id} of {record.when} was cut off: {targets} holds the old text or the new one, perhaps unproven")
        again = (
            ("rollback", record.undoes) if record.undoes else ("apply", *(each.target.path for each in record.changes if each.target.path))
        )
        talk(options, f"  undo it: {command(options, 'rollback', record.id)}; finish it: {command(options, *again)}")


def _by_now(options: argparse.Namespace, site: Site, saved: Plan) -> Plan:
    """A saved plan, for the release that runs by now: its step to another one may be done already."""
    from remedy.provers import running
    from remedy.releases import meant

    version = options.coredns_version or (running(site, saved) if saved.to else None) or saved.coredns_version
    if saved.to and meant(version) == saved.to:
        talk(options, f"CoreDNS {saved.to} runs by now")
        return saved._replace(coredns_version=saved.to, to=None)
    return saved._replace(coredns_version=version)


def _meanwhile(options: argparse.Namespace, site: Site, plan: Plan, validation: Validation) -> Validation:
    """The verdict, with that on the release whose pods read the text until their image changes. ValidationError where that one fails."""
    from remedy import provers

    found = provers.meanwhile(plan, asking_of(options), site, options.validate)
    if found is None:
        return validation
    talk(options, f"until the image changes, {provers.runs(plan)} reads it:")
    talk(options, text.verdict(found), end="")
    return provers.endured(plan, validation, found)


def _lasting(options: argparse.Namespace, site: Site, plan: Plan) -> tuple[Plan, int]:
    """The changes that will last and can be verified; of the others is said why they are left out, which makes the exit code 2."""
    from remedy import doctor as look

    kept, found = look.lasting(site, plan, force=options.force_owner)
    for each in found:
        talk(options, each.owners + each.advice, end="")
        if each.refused:
            report(each.refused)
    return kept, 2 if len(kept.changes) < len(plan.changes) else 0


def _one_by_one(writes: Sequence[order.Write]) -> str:
    return ", then ".join(", ".join(change.target.shown for change in each.changes) for each in writes)


def _preflight(options: argparse.Namespace, site: Site, plan: Plan) -> None:
    from remedy import doctor as look

    for check in look.require_allowed(site, plan, options.strategy, verify=not options.no_verify):
        talk(options, f"{check.state}: {check.text}" + "".join(f"\n    {line}" for line in check.hint.split("\n") if line))


def _run(options: argparse.Namespace, signals: Signals) -> Run:
    return run_of(options, signals.watching(Progress(timeout=options.timeout, quiet=options.quiet)), signals.stop)


def _finish_cut_off(options: argparse.Namespace, signals: Signals, site: Site) -> None:
    """What a killed apply left unproven is proven now."""
    from remedy import journal
    from remedy.apply import confirm

    for record in journal.unfinished():
        if any((change.target.kind == "cluster") == bool(options.targets) for change in record.changes):
            continue
        try:
            sources = site.writable(change.target for change in record.changes)
            there = all(sources[change.target].text() == change.after for change in record.changes)
        except RemedyError:  # of another cluster, or of a file that is gone
            continue
        if there:
            talk(options, f"record {record.id} was cut off; looking whether every replica runs what it wrote")
            confirm(Plan(record.changes), sources, _run(options, signals))
            talk(options, f"record {record.id}: done and verified")


def _done(options: argparse.Namespace, record: Record | None) -> None:
    if record is None:
        talk(options, "nothing to do: that text is live already")
        return
    if options.format == "json":
        print_json(record.to_data())
    talk(options, f"done; record {record.id}")
    if record.undoes is None:
        talk(options, f"undo it with: {command(options, 'rollback', record.id)}")


def _holders(options: argparse.Namespace, plan: Plan) -> None:
    """Who outside the replicas may still have the old answer."""
    if found := service.holders(plan.changes):
        talk(options, "what else may still hold the old answer:")
        talk(options, "".join(text.listed(sentence) for sentence in found), end="")
