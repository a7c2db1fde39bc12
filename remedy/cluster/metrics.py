"""What a replica's own metrics say: the hash of the text that it took last, reloads that failed, its release, what templates answered.

A changed hash is no proof: CoreDNS shows the new one even where the reload failed (plugin/reload/reload.go), and none at all before the
first change. They are fetched over a port-forward, like the answers: no further right is needed, and a listener on localhost is reached.
"""

from __future__ import annotations

import http.client
import io
import re
from typing import NamedTuple

from remedy.cluster.door import Door, Replica
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError
from remedy.wire import Stream

PATH = "/metrics"
_MOST_BYTES = 16 << 20
_HASH = re.compile(r'^coredns_reload_version_info\{hash="(\w+)",value="(\w+)"\} 1$', re.MULTILINE)
_FAILED = re.compile(r"^coredns_reload_failed_total (\S+)$", re.MULTILINE)
_STARTED = re.compile(r"^process_start_time_seconds (\S+)$", re.MULTILINE)
_BUILD = re.compile(r'^coredns_build_info\{[^}]*\bversion="([^"]*)"[^}]*\} 1$', re.MULTILINE)
_PORT = re.compile(r":(\d{1,5})\Z", re.ASCII)


class Metrics(NamedTuple):
    """`hash` is empty before the first reload, `algorithm` sha512 or md5; `started` is the process's start in seconds since 1970."""

    hash: str
    algorithm: str
    failed: float
    started: float


def port_of(corefile: Corefile) -> int | None:
    """Where a CoreDNS that runs this text shows its metrics; None if it does not, or remedy cannot tell."""
    for _, plugin in corefile.walk():
        if plugin.name.text == "prometheus":
            if not plugin.arguments:
                return 9153
            found = _PORT.search(plugin.arguments[0].text)
            return int(found[1]) if found else None
    return None


def metrics(door: Door, namespace: str, replica: Replica, port: int) -> Metrics | None:
    """None where they cannot be read, or this CoreDNS is older than these metrics (1.7.0)."""
    return read(fetch(door, namespace, replica, port))


def fetch(door: Door, namespace: str, replica: Replica, port: int) -> str:
    """The text that the prometheus plugin serves; "" where it cannot be had."""
    try:
        with door.dial(namespace, replica._replace(port=port)) as stream:
            stream.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % PATH.encode())
            answer = http.client.HTTPResponse(_Socket(stream))  # type: ignore[arg-type]
            answer.begin()
            return answer.read(_MOST_BYTES).decode("utf-8", "replace") if answer.status == 200 else ""
    except (OSError, ClusterError, http.client.HTTPException):
        return ""


def build(body: str) -> str:
    """The release that this program says it is; "" where it does not (coredns: core/plugin metrics, coredns_build_info)."""
    found = _BUILD.search(body)
    return found[1] if found else ""


def started(body: str) -> float:
    """When this process began, in seconds since 1970; 0 where it does not say."""
    found = _STARTED.search(body)
    return float(found[1]) if found else 0.0


def read(body: str) -> Metrics | None:
    """Out of that text; None where nothing in it counts failed reloads."""
    failed, hash_ = _FAILED.search(body), _HASH.search(body)
    if failed is None:
        return None
    algorithm, value = hash_.groups() if hash_ else ("", "")
    return Metrics(value, algorithm, float(failed[1]), started(body))


class _Socket(io.RawIOBase):
    """A stream as http.client wants it. An answer is read to its own end: a port-forward tells of a closed connection a second late."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        chunk = self._stream.recv(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)
