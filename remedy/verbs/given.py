"""From parsed options to nouns: the site, what is read of it, what is chosen, the plan and who judges it."""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from remedy import service
from remedy.errors import InputError, RemedyError
from remedy.plan import SCHEMA, Plan, from_data
from remedy.registry import Selection, code_of, select
from remedy.report import text
from remedy.rules import Choices
from remedy.site import Site, Where, opened
from remedy.sources.document import Document
from remedy.sources.find import Search
from remedy.talk import Counting, report
from remedy.validate.probes import Asking
from remedy.verbs.output import talk

if TYPE_CHECKING:
    from remedy.validate.verdict import Validation


def site_of(options: argparse.Namespace) -> AbstractContextManager[Site]:
    place = (options.kubeconfig, options.context, options.namespace, options.configmap, options.request_timeout)
    where = Where(*place, options.user, options.read_only)
    return opened(where, demo=options.demo)


class Reading:
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
            documents = read(self._options, self._site)
            self.live = [document for document in documents if document.target.kind == "cluster"]
            yield from documents
            return
        gc.enable()  # a reader of YAML leaves cycles behind, and a directory has no end
        search = Search(self._options.targets, refused=self.refused, seen=self.counting)
        for document in search:
            yield _versioned(self._options, document)
        self.counting.clear()
        for path in search.read_only:
            talk(self._options, f"{path}: a Corefile seems to be in here; remedy does not edit this form")
        passed_over = search.counts.passed_over
        if passed_over:
            talk(self._options, f"{text.count(passed_over, 'file')} passed over: no Corefile in them")

    def refused(self, error: RemedyError) -> None:
        if not self.several:
            raise error
        self.counting.clear()
        report(error)
        self.code = max(self.code, error.exit_code)


def planned(options: argparse.Namespace, documents: Iterable[Document], reading: Reading | None = None) -> Plan:
    choices, selection, asking = choices_of(options), selection_of(options), asking_of(options)
    return service.plan(documents, choices, selection, unsafe=options.unsafe, asking=asking, refused=reading.refused if reading else None)


def validated(options: argparse.Namespace, site: Site, plan: Plan) -> Validation | None:
    """The verdict on what would be written, by whom the options name; None where nothing would be, or nobody is asked."""
    changes = service.pending(plan).changes
    if not changes or options.validate == "none":
        return None
    if options.validate == "model":
        return service.validate(plan, asking_of(options))
    from remedy.provers import provers  # the model, which most runs ask, needs none of them

    live = any(change.target.kind == "cluster" for change in changes)
    return service.prove(plan, asking_of(options), provers(options.validate, site, live=live, binary=options.coredns))


def asking_of(options: argparse.Namespace) -> Asking:
    return Asking(tuple(options.probe), tuple(options.search), options.strict, options.coredns_version)


def read(options: argparse.Namespace, site: Site) -> list[Document]:
    documents = [_versioned(options, document) for document in site.documents(options.targets)]
    for note in site.notes():
        talk(options, f"note: {note}")
    return documents


def _versioned(options: argparse.Namespace, document: Document) -> Document:
    """The release that a person names counts for more than what a tag says."""
    if options.coredns_version is None:
        return document
    from remedy.corefile.hash import release_of

    release_of(options.coredns_version)
    return document._replace(version=options.coredns_version)


def saved_plan(targets: list[str]) -> Plan | None:
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


def choices_of(options: argparse.Namespace) -> Choices:
    for word, _ in options.fix:
        code_of(word)  # a word that is no code is refused before anything is read
    return Choices(options.style, options.soa, options.coredns_version, tuple(options.search), dict(options.fix))


def selection_of(options: argparse.Namespace) -> Selection:
    return select(options.select, options.ignore)
