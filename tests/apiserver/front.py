"""An HTTP front that tests put between remedy and an API server: it counts the calls, and can make any of them go wrong.

What stands behind it is a fake (fake.py) or the real one (proxy.py). `Call.kind` names a call without what changes from run to run.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/v1(?:/namespaces/(?P<namespace>[^/]+))?/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>.+))?"
)


class Call(NamedTuple):
    """One request; `query` with one value a name."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]
    resource: str
    namespace: str
    name: str
    sub: str

    @property
    def kind(self) -> str:
        """Verb, resource and what else makes it another kind of call."""
        words = [self.method, f"{self.resource}/{self.sub}" if self.sub else self.resource]
        if self.name and self.resource == "configmaps":
            words.append("record" if self.name.startswith("remedy-record-") else self.name)
        if "dryRun" in self.query:
            words.append("dry-run")
        if self.method == "GET" and not self.name:
            words.append("watch" if "watch" in self.query else "list")
        return " ".join(words)

    @property
    def changes(self) -> bool:
        """Does it change an object?"""
        return self.method != "GET" and "dryRun" not in self.query and not self.resource.startswith("selfsubject")


class Answer(NamedTuple):
    """`pause` in seconds before each byte of the body; with `events` the body is these, each sent as soon as there is one."""

    status: int
    body: bytes
    headers: dict[str, str] = {}  # noqa: RUF012  (never written)
    pause: float = 0.0
    events: Iterator[bytes] | None = None


class Cut(Exception):
    """Raised by a hook: the connection is reset."""


Hook = Callable[[Call], Answer | None]


def _nothing(_call: Call) -> Answer | None:
    return None


def refusal(status: int, message: str, **headers: str) -> Answer:
    """What an API server says instead of an object."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status}
    return Answer(status, json.dumps(body).encode(), headers)


class Front(ThreadingHTTPServer):
    """`before` may answer in place of the server, `after` in place of its answer; both may raise Cut.

    `calls` is what came in, `carried` what the server itself has answered.
    """

    daemon_threads = True

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), _Handler)
        self.before: Hook = _nothing
        self.after: Hook = _nothing
        self.calls: list[Call] = []
        self.carried: list[Call] = []

    def answer(self, call: Call) -> Answer:
        raise NotImplementedError

    def upgrade(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        raise NotImplementedError

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is what these tests are about."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def kinds(self) -> list[str]:
        return [call.kind for call in self.calls]

    def kubeconfig(self, path: Path, token: str = "token") -> Path:
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "front",
            "contexts": [{"name": "front", "context": {"cluster": "front", "user": "front"}}],
            "clusters": [{"name": "front", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "front", "user": {"token": token}}],
        }
        path.write_text(json.dumps(document))
        return path


@contextmanager
def serving(front: Front) -> Iterator[Front]:
    thread = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        front.shutdown()
        front.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Front

    def log_message(self, *_: Any) -> None:
        """The tests read `calls`."""

    def _serve(self) -> None:
        call = self._call()
        self.server.calls.append(call)
        try:
            if self.headers.get("Upgrade", "").lower() == "websocket":
                instead = self.server.before(call)
                if instead is None:
                    self.server.upgrade(call, self)
                    self.close_connection = True
                    self.server.after(call)
                else:
                    self._send(instead)
                return
            answer = self.server.before(call)
            if answer is None:
                answer = self.server.answer(call)
                self.server.carried.append(call)
                answer = self.server.after(call) or answer
            self._send(answer)
        except Cut:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not an end
            self.connection.close()

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def _call(self) -> Call:
        parts = urlsplit(self.path)
        found = _PATH.fullmatch(parts.path)
        group, namespace, resource, name, sub = found.group("group", "namespace", "resource", "name", "sub") if found else (None,) * 5
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Call(
            self.command,
            parts.path,
            {key: values[0] for key, values in parse_qs(parts.query).items()},
            body,
            {key.lower(): value for key, value in self.headers.items()},
            f"{resource}.{group}" if group else resource or "",
            namespace or "",
            name or "",
            sub or "",
        )

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name.replace("_", "-"), value)
        if answer.events is not None:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for event in answer.events:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not answer.pause:
            self.wfile.write(answer.body)
            return
        for octet in answer.body:
            time.sleep(answer.pause)
            self.wfile.write(bytes([octet]))
