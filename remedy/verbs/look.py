"""The verbs that write nothing: scan, diff, validate, explain, hash, doctor."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from remedy import defaults, service
from remedy.errors import ClusterError, ConflictError, InputError, RemedyError, UnavailableError
from remedy.plan import Plan, to_data
from remedy.report import text
from remedy.site import Site
from remedy.sources.document import Document
from remedy.talk import report
from remedy.verbs.given import (
    Reading,
    asking_of,
    choices_of,
    pending_of,
    planned,
    saved_plan,
    selection_of,
    site_of,
    validated,
)
from remedy.verbs.output import any_wrong, command, place, print_data, print_json, show, talk

if TYPE_CHECKING:
    from remedy.finding import Finding
    from remedy.signals import Signals
    from remedy.validate.verdict import Validation


def scan(options: argparse.Namespace, _: Signals) -> int:
    kept: list[service.Scanned] = []  # a JSON document is one piece; text leaves as it comes
    live: list[Document] = []
    kinds: Counter[str] = Counter()
    # Once a run: installed rules are looked for in every folder of sys.path.
    choices, selection = choices_of(options), selection_of(options)
    chosen: list[Finding] = []
    targets = wrong = fixable = 0
    with site_of(options) as site:
        reading = Reading(options, site)
        for document in reading:
            try:
                (scanned,) = service.scan([document], choices, selection)
            except RemedyError as error:
                reading.refused(error)
                continue
            targets += 1
            kinds.update(map(text.kind, scanned.findings))
            wrong |= any_wrong(scanned.findings)
            fixable |= any(finding.fixable for finding in scanned.findings)
            chosen += scanned.findings if choices.chosen else ()
            live += [document] if document.target.kind == "cluster" else []
            shown = [finding for finding in scanned.findings if finding.suppressed is None or options.verbose]
            if options.format == "json":
                kept.append(scanned)
            elif shown:
                reading.counting.clear()
                print_data("".join(text.finding(scanned.target.shown, finding) for finding in shown))
            _tell_default(options, reading, document, scanned)
            for each in service.unread([document]):
                reading.counting.clear()
                talk(options, f"not at hand, and not looked at: {each}")
            _evidence(options, site, document, scanned)
        owners = _owners(options, site, live)
    service.offered(choices, chosen)
    if options.format == "json":
        print_json(service.scan_data(tuple(kept)))
    talk(options, text.findings(kinds, targets))
    talk(options, owners, end="")
    if fixable:
        talk(options, f"see the change: {command(options, 'diff', *options.targets)}")
    return max(reading.code, int(wrong))


def diff(options: argparse.Namespace, _: Signals) -> int:
    if saved := saved_plan(options):
        return _diff_of_saved(options, saved)
    with site_of(options) as site:
        reading = Reading(options, site)
        plan = planned(options, reading, reading.refused)
        validation = validated(options, site, plan)
        owners = _owners(options, site, reading.live, plan)
    code = reading.code
    if options.out:
        _save(plan, options.out)
    _print_plan(options, plan, validation)
    show(options, plan, validation)
    talk(options, owners, end="")
    if validation and validation.verdict != "passed":
        code = max(code, 4)
    return max(code, int(any(change.before != change.after or any_wrong(change.left) for change in plan.changes)))


def _print_plan(options: argparse.Namespace, plan: Plan, validation: Validation | None) -> None:
    if options.format == "json":
        print_json(to_data(plan._replace(answers=validation.answers) if validation else plan))
    elif options.format == "markdown":
        from remedy.report import markdown

        print_data(markdown.review(plan, validation))
    else:
        print_data("".join(change.diff for change in plan.changes))


def _diff_of_saved(options: argparse.Namespace, saved: Plan) -> int:
    """A plan is shown whatever is live by now; 3 says that it is not what the plan was made from, 0 that the plan is carried out."""
    _print_plan(options, saved, None)
    show(options, saved, None)
    with site_of(options) as site:
        try:
            pending = pending_of(options, site, saved)
        except (ConflictError, ClusterError) as error:
            report(error)
            return error.exit_code
    if not pending:
        talk(options, "all of it is live already")
    return int(pending)


def validate(options: argparse.Namespace, _: Signals) -> int:
    if options.validate == "none":
        raise InputError("nothing to do with --validate none", "leave it out")
    plan, code = saved_plan(options), 0
    with site_of(options) as site:
        documents: list[Document] = []
        if plan is None:
            reading = Reading(options, site)
            documents = list(reading)
            plan = service.judged(planned(options, documents, reading.refused))
            code = reading.code
        validation = validated(options, site, plan) or _today(options, site, documents)
    everything = options.verbose or not plan.changes
    asked_for = {name.lower() for name in options.probe} if not (plan.changes or options.verbose) else set()
    answers = tuple(answer for answer in validation.answers if answer.name in asked_for) or validation.answers
    if plan.releases:
        talk(options, plan.releases)
    if options.format == "json":
        print_json(validation.to_data())
    elif options.format == "markdown":
        from remedy.report import markdown

        print_data(f"Before and after, {plan.releases}:\n\n" if plan.releases else "")
        print_data(markdown.verdict(validation, everything=everything) if plan.changes else markdown.answers(answers, everything=True))
    else:
        print_data(text.answers(answers, everything=everything))
        print_data(text.verdict(validation) if plan.changes else text.today(validation))
    return max(code, 0 if validation.verdict == "passed" else 4)


def explain(options: argparse.Namespace, _: Signals) -> int:
    from remedy import page, registry
    from remedy.report import pages

    rules = [registry.named(options.rule)] if options.rule else registry.rules()
    read = [page.page(rule) for rule in rules]
    if options.format == "json":
        print_json(page.to_data(rules))
    elif options.format == "markdown":
        print_data("\n".join(pages.markdown(each) for each in read) if options.rule else pages.table(read))
    else:
        print_data("\n".join(pages.text(each) for each in read) if options.rule else pages.listed(read))
    return 0


def hash_(options: argparse.Namespace, _: Signals) -> int:
    from remedy.corefile.hash import release_of

    release_of(options.coredns_version)  # a word that is no version is refused once, not for every text
    with site_of(options) as site:
        reading = Reading(options, site)
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
        print_json(service.hash_data(hashed, version))
    else:
        print_data("".join(f"{each.hash}  {place(each.target)}\n" if several else f"{each.hash}\n" for each in hashed))
    for each in hashed:
        if not each.reloads:
            without = "without the plugin reload, CoreDNS logs no hash and takes a new text only when it restarts"
            talk(options, f"{place(each.target)}: {without}")
    return code


def doctor(options: argparse.Namespace, _: Signals) -> int:
    from remedy.doctor import examine, to_data

    with site_of(options) as site:
        found = examine(site, options.coredns_version, options.to)
    if options.format == "json":
        print_json(to_data(found))
    else:
        print_data("".join(text.checks(title, checks) for title, checks in found.sections()))
    return 2 if any(check.state == "failed" for _, checks in found.sections() for check in checks) else 0


def _tell_default(options: argparse.Namespace, reading: Reading, document: Document, scanned: service.Scanned) -> None:
    """Whose default it is; with --verbose, what differs from the nearest one."""
    if scanned.shipped:
        reading.counting.clear()
        talk(options, f"{document.target.shown}: as shipped by {', '.join(map(str, scanned.shipped))}")
    elif options.verbose and not options.quiet:
        for nearest, diff in defaults.unlike(document):
            reading.counting.clear()
            talk(options, f"{document.target.shown}: nearest to what {nearest} ships, which differs in:\n{diff}", end="")


def _evidence(options: argparse.Namespace, site: Site, document: Document, scanned: service.Scanned) -> None:
    """How often a live Corefile gave the bad answer: talk, for it is another the next time."""
    if options.quiet or document.target.kind != "cluster":
        return
    from remedy import doctor as look
    from remedy.cluster.evidence import UNKNOWN

    for finding, words in look.evidence(site, document, scanned.findings):
        if words != UNKNOWN or options.verbose:
            talk(options, f"{scanned.target.shown}:{finding.line}:{finding.column}: {words}")


def _owners(options: argparse.Namespace, site: Site, documents: Sequence[Document], plan: Plan | None = None) -> str:
    """Who else writes what was read from a cluster; with a plan, what to change there instead."""
    if options.quiet or not any(document.target.kind == "cluster" for document in documents):
        return ""
    from remedy import doctor as look

    who = [look.owners(site, document.target) for document in documents]
    return "".join((*who, *(look.advice(site, change) for change in (service.pending(plan).changes if plan else ()))))


def _today(options: argparse.Namespace, site: Site, documents: list[Document]) -> Validation:
    """What clients get with nothing to change: of a live Corefile as its replicas answer, of a file as it would be answered."""
    asking = asking_of(options)
    if options.targets:
        return service.today(documents, asking)
    from remedy.provers import Replicas

    try:
        return service.today(documents, asking, prover=Replicas(site, options.probe_image).today, method="live")
    except UnavailableError as error:
        talk(options, f"the replicas could not be asked, so this is the model's word: {error}")
        return service.today(documents, asking)


def _save(plan: Plan, path: str) -> None:
    import json

    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(to_data(service.pending(plan)), file, indent=1)
            file.write("\n")
    except OSError as error:
        raise InputError(f"{path}: the plan cannot be saved: {error.strerror}", "name a file that you can write") from None
