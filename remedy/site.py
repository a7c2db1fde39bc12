"""Where the Documents of one command come from and go to: files, or a cluster behind a Door.

The cluster is connected to only when something asks for it: a command on files never loads the kubernetes client.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from remedy.errors import ClusterError, ConflictError, InputError
from remedy.sources.document import Document, Target
from remedy.sources.find import Search
from remedy.sources.plain import FileSource

if TYPE_CHECKING:
    from remedy.cluster.discover import Found, Installation
    from remedy.cluster.door import Door
    from remedy.cluster.owners import Owner
    from remedy.cluster.source import LiveSource
    from remedy.cluster.version import Release
    from remedy.write import Writable


class Where(NamedTuple):
    """Which cluster, as whom, and where in it (None: where its DNS Service leads); `request_timeout` in seconds, for one call.

    With `read_only` its sources are Sources without `write`, and its Door opens to nothing that changes an object.
    """

    kubeconfig: str | None
    context: str | None
    namespace: str | None
    configmap: str | None
    request_timeout: float
    user: str | None = None
    read_only: bool = False


class Readable:
    """A source without its `write`."""

    def __init__(self, source: Writable) -> None:
        self.text = source.text


class Held(NamedTuple):
    """A ConfigMap that holds a Corefile, and how that is known."""

    namespace: str
    configmap: str
    how: str


def contexts(kubeconfig: str | None, *, demo: bool) -> tuple[tuple[str, ...], str]:
    """The contexts that can be named, and the current one. ClusterError where there is no kubeconfig that can be read."""
    if demo:
        return ("demo",), "demo"
    from remedy.cluster.api import contexts

    return contexts(kubeconfig)


class Site:
    """Reads and writes for one command; connects once."""

    def __init__(self, where: Where, door: Door | None) -> None:
        self._where = where
        self._door = door if door is None or not where.read_only else _looking(door)
        self._found: Found | None = None
        self._notes: list[str] = []
        self._releases: dict[tuple[str, str, str], Release] = {}

    def documents(self, targets: Sequence[str]) -> list[Document]:
        """Of the files that these words name; without any, of every Corefile that the live cluster runs."""
        if targets:
            return list(Search(targets))
        return list(self._read())

    def _read(self) -> Iterator[Document]:
        """The cache on every node comes second, and is no reason to fail."""
        seen: set[tuple[str | None, ...]] = set()
        for each in self.found().installations:
            try:
                documents = self._corefile(each).documents()
            except ClusterError as error:
                if not each.node_local or error.status not in (403, 404):
                    raise
                self._notes.append(f"{error}; the cache on every node was not looked at")
                continue
            for document in documents:
                if self._where.configmap not in (None, document.target.name):
                    continue
                if _place(document.target) in seen:
                    reader = each.workload or each.configmap
                    self._notes.append(f"{document.target.shown} is read by {reader} too, whose replicas are not asked: ask them by hand")
                    continue
                seen.add(_place(document.target))
                yield document

    def _corefile(self, installation: Installation) -> LiveSource:
        from remedy.cluster.source import LiveSource

        place = (installation.namespace, installation.configmap, installation.key)
        version, local = self.release(installation).version, installation.node_local
        return LiveSource(self.door(), *place, version, updates=installation.updates, node_local=local)

    def owners(self, target: Target) -> tuple[Owner, ...]:
        """Who else writes a live Corefile; nobody where it is a file."""
        if target.kind != "cluster":
            return ()
        from remedy.cluster.owners import owners

        return owners(self.door().read("configmaps", target.namespace or "", target.name or ""), target.key or "")

    def installation(self, target: Target) -> Installation | None:
        """The CoreDNS that reads a live Corefile, as far as it was found."""
        if target.kind != "cluster":
            return None
        return next((each for each in self.found().installations if (each.namespace, each.configmap, each.key) == _place(target)), None)

    def running(self, target: Target) -> str | None:
        """The release that reads a live Corefile, as far as its pods tell."""
        installation = self.installation(target)
        return self.release(installation).version if installation else None

    def notes(self) -> list[str]:
        """What was taken on trust, or could not be looked at, in the cluster as far as it was read."""
        return [*(self._found.notes if self._found else ()), *self._notes]

    def forget(self) -> None:
        """What was found is looked for again; the connection stays."""
        self._found, self._notes, self._releases = None, [], {}

    def found(self) -> Found:
        """What runs in the cluster; looked for once."""
        if self._found is None:
            from remedy.cluster.discover import discover

            self._found = discover(self.door(), self._where.namespace, self._where.configmap)
        return self._found

    def held(self) -> tuple[Held, ...]:
        """The Corefiles of the cluster: those that pods read first, then what else looks like one, as far as it may be listed."""
        from remedy.cluster.pods import KEY

        known = [(each.namespace, each.configmap, each.workload, each.service) for each in self.found().installations]
        rows = [
            Held(namespace, name, f"read by {workload}" if workload else f"behind {service}" if service else "taken by its usual name")
            for namespace, name, workload, service in known
        ]
        with suppress(ClusterError):
            for each in self.door().select("configmaps", self.namespace):
                name = str(each["metadata"]["name"])
                if KEY in (each.get("data") or {}) and (self.namespace, name) not in [(row.namespace, row.configmap) for row in rows]:
                    rows.append(Held(self.namespace, name, "nobody was found that reads it"))
        return tuple(rows)

    def source(self, target: Target) -> Writable | Readable:
        """What holds the text of a planned change; it has `write` unless the site is read-only.

        ConflictError where this cluster is not the one that was planned for.
        """
        if self.read_only:
            return Readable(self._source(target))
        return self._source(target)

    def writable(self, targets: Iterable[Target]) -> dict[Target, Writable]:
        """The same of each of these, to be written. InputError where the site is read-only."""
        self.require_writing()
        return {target: self._source(target) for target in targets}

    @property
    def read_only(self) -> bool:
        return self._where.read_only

    def require_writing(self) -> None:
        """InputError where nothing can be written by it."""
        if self.read_only:
            raise InputError("--read-only: remedy only looks, and nothing was written", "leave it out to write; to look: remedy diff")

    def _source(self, target: Target) -> Writable:
        if target.kind == "stdin":
            raise InputError("standard input cannot be written", "name the file: remedy apply FILE")
        if target.kind != "cluster":
            return FileSource(target.path or "")
        source = self._live(target)
        if source.door.configmap(source.namespace, source.name).uid != target.uid:
            anew = "it was deleted and made anew since, or --kubeconfig leads elsewhere: look at it again with remedy diff"
            raise ConflictError(
                f"{target.shown} in context {source.door.context} is not the object that was planned for; nothing was written",
                anew if target.context == source.door.context else f"it was planned in context {target.context}: pass --context",
            )
        return source

    def release(self, installation: Installation) -> Release:
        """Which CoreDNS reads its Corefile; asked for once. ClusterError where that cannot be read."""
        from remedy.cluster.source import LiveSource
        from remedy.cluster.version import release

        place = (installation.namespace, installation.configmap, installation.key)
        if place not in self._releases:
            found = release(self.door(), installation, LiveSource(self.door(), *place).text)
            self._releases[place] = found
            if len(found.seen) > 1:
                shown = ", ".join(found.seen)
                self._notes.append(f"the pods that read {'/'.join(place)} run CoreDNS {shown}; the oldest counts")
        return self._releases[place]

    def _live(self, target: Target) -> LiveSource:
        """A key of a live ConfigMap, with the Corefile that imports it unless it is one itself."""
        found = self.found().installations
        for each in found:
            if (each.namespace, each.configmap, each.key) == _place(target):
                return self._corefile(each)
        for each in found:
            with suppress(ClusterError, InputError):
                corefile = self._corefile(each)
                if any(_place(document.target) == _place(target) for document in corefile.documents()):
                    return _inside(corefile, target)
        return _inside(self._corefile(found[0]), target)._replace(home=None)

    @property
    def namespace(self) -> str:
        """Where the live Corefile is, and beside it the records of its changes."""
        return self._where.namespace or self.found().installations[0].namespace

    def has_cluster(self) -> bool:
        """Is anything set up from which a cluster could be reached?"""
        where = self._where
        named = where.kubeconfig or where.context or os.environ.get("KUBECONFIG") or os.environ.get("KUBERNETES_SERVICE_HOST")
        return bool(self._door or named) or os.path.exists(os.path.expanduser("~/.kube/config"))

    def door(self) -> Door:
        """The cluster, connected to at the first call."""
        if self._door is None:
            from remedy.cluster.api import connect

            where = self._where
            door = connect(kubeconfig=where.kubeconfig, context=where.context, request_timeout=where.request_timeout, user=where.user or "")
            self._door = _looking(door) if where.read_only else door
        return self._door

    def leave(self) -> None:
        """Ends what threads of this process still ask a pod for that was made for it; a command that waits for all has nothing left."""
        if self._door is not None and not self.read_only:
            from remedy.cluster.throwaway import leave

            leave(self._door)


def _looking(door: Door) -> Door:
    from remedy.cluster.looking import Looking

    return Looking(door)


def _place(target: Target) -> tuple[str | None, ...]:
    return target.namespace, target.name, target.key


def _inside(corefile: LiveSource, target: Target) -> LiveSource:
    """The key that this Corefile imports."""
    place = (target.namespace or "", target.name or "", target.key or "")
    return corefile._replace(namespace=place[0], name=place[1], key=place[2], home=corefile)


@contextmanager
def opened(where: Where, *, demo: bool) -> Iterator[Site]:
    """The site; with `demo`, the embedded cluster, which lives as long as this is entered."""
    if not demo:
        site = Site(where, None)
        try:
            yield site
        finally:
            site.leave()
        return
    from remedy.cluster.embedded import EmbeddedCluster
    from remedy.journal import folder

    user = f"{where.user}, impersonated by demo" if where.user else "demo"
    with EmbeddedCluster(state=folder() / "demo.json", user=user) as cluster:
        site = Site(where, cluster)
        try:
            yield site
        finally:
            site.leave()
