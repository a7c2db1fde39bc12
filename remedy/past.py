"""The records of earlier changes: of this machine, and those that the cluster keeps, where another machine may have made them.

A record that is in both is this machine's, since it is the one that was flushed before the write; but that it was rolled back, another
machine may know alone.
"""

from __future__ import annotations

from remedy import journal
from remedy.errors import ClusterError, InputError, StateError
from remedy.journal import Record
from remedy.site import Site


def newest(site: Site) -> Record:
    """The newest change of a live Corefile; a rollback is not undone by another. InputError where there is none."""
    try:
        targets = [document.target for document in site.documents([])]
    except ClusterError as error:
        raise ClusterError(str(error), f"{error.hint}; a file is rolled back by its record: remedy history") from None
    records, without = merged(site)
    for record in records:
        same = {(each.uid, each.key) for each in targets} & {(change.target.uid, change.target.key) for change in record.changes}
        if same and record.undoes is None and record.outcome != "failed":
            return record
    shown = ", ".join(each.shown for each in targets)
    if any(each.shown == change.target.shown for each in targets for record in records for change in record.changes):
        what = f"the records of changes of {shown} are of another object of that name: of one that is gone, or in another cluster"
    elif without:
        what = f"no record of a change of {shown} on this machine, and those in the cluster cannot be read: {without}"
    else:
        what = f"no record of a change of {shown}, on this machine or in the cluster"
    raise InputError(what, "name one of those in remedy history: remedy rollback RECORD")


def named(name: str, site: Site) -> Record:
    """By its id, from this machine, or from the cluster. StateError where it is in neither."""
    try:
        return journal.load(name)
    except StateError as error:
        if journal.path_of(name).exists():
            raise
        try:
            for record in kept(site) if site.has_cluster() else ():
                if record.id == name:
                    return record
        except ClusterError as unreachable:
            raise StateError(f"{error} on this machine, and those in the cluster cannot be read: {unreachable}", error.hint) from None
        raise error from None


def merged(site: Site) -> tuple[list[Record], str]:
    """All of them, newest first, and why those of the cluster are not among them ("" where they are)."""
    records = journal.history()
    if not site.has_cluster():
        return records, ""
    try:
        others = kept(site)
    except ClusterError as error:
        return records, str(error)
    found = {record.id: record for record in others}
    for record in records:
        told = found.get(record.id)
        undone = told is not None and told.outcome == "rolled-back" and record.outcome == "applied"
        found[record.id] = record._replace(outcome="rolled-back") if undone else record
    return sorted(found.values(), key=lambda record: record.id, reverse=True), ""


def kept(site: Site) -> list[Record]:
    """The records in the cluster. ClusterError where it cannot be reached."""
    from remedy.cluster import records

    return [record for record in map(journal.adopt, records.kept(site.door(), site.namespace)) if record is not None]
