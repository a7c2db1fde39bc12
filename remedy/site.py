"""Where the Documents of one command come from and go to: files, or a cluster behind a Door.

The cluster is connected to only when something asks for it: a command on files never loads the kubernetes client.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from remedy.errors import ConflictError, InputError
from remedy.sources.document import Document, Target
from remedy.sources.find import find
from remedy.sources.plain import FileSource

if TYPE_CHECKING:
    from remedy.cluster.door import Door
    from remedy.cluster.source import LiveSource
    from remedy.write import Writable


class Where(NamedTuple):
    """Which cluster, and which ConfigMap in it; `request_timeout` in seconds, for one call."""

    kubeconfig: str | None
    context: str | None
    namespace: str
    configmap: str
    request_timeout: float


class Site:
    """Reads and writes for one command; connects once."""

    def __init__(self, where: Where, door: Door | None) -> None:
        self._where = where
        self._door = door

    def documents(self, targets: Sequence[str]) -> list[Document]:
        """Of the files that these words name; of the live ConfigMap without any."""
        if targets:
            return [source.read() for source in find(targets).sources]
        return [self._live(self._where.namespace, self._where.configmap).read()]

    def source(self, target: Target) -> Writable:
        """Where a planned change is written. ConflictError where this cluster is not the one that was planned for."""
        if target.kind == "stdin":
            raise InputError("standard input cannot be written", "name the file: remedy apply FILE")
        if target.kind != "cluster":
            return FileSource(target.path or "")
        source = self._live(target.namespace or "", target.name or "")
        if source.read().target.uid != target.uid:
            raise ConflictError(
                f"{target.shown} in context {source.door.context} is not the object that was planned for; nothing was written",
                f"it was planned in context {target.context}: pass --context",
            )
        return source

    @property
    def namespace(self) -> str:
        return self._where.namespace

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
            self._door = connect(kubeconfig=where.kubeconfig, context=where.context, request_timeout=where.request_timeout)
        return self._door

    def _live(self, namespace: str, name: str) -> LiveSource:
        from remedy.cluster.source import LiveSource

        return LiveSource(self.door(), namespace, name)


@contextmanager
def opened(where: Where, *, demo: bool) -> Iterator[Site]:
    """The site; with `demo`, the embedded cluster, which lives as long as this is entered."""
    if not demo:
        yield Site(where, None)
        return
    from remedy.cluster.embedded import EmbeddedCluster
    from remedy.journal import folder

    with EmbeddedCluster(state=folder() / "demo.json") as cluster:
        yield Site(where, cluster)
