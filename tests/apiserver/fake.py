"""An API server in this process: the embedded cluster behind HTTP, with port-forwards over websockets as Kubernetes does them.

It knows the calls that remedy makes and no other: an unknown one is answered 501, so that a test which meets it fails.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from remedy.cluster.embedded import EmbeddedCluster
from remedy.cluster.objects import merged
from remedy.errors import ClusterError, ConflictError

from .front import Answer, Call, Front, refusal

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3


class FakeServer(Front):
    def __init__(self, cluster: EmbeddedCluster) -> None:
        super().__init__()
        self.cluster = cluster
        self.lock = threading.Lock()

    def answer(self, call: Call) -> Answer:
        if "watch" in call.query:
            return Answer(200, b"", events=self._events(call))
        try:
            with self.lock:
                return Answer(201 if call.method == "POST" else 200, json.dumps(self._object(call)).encode())
        except ConflictError:
            return refusal(422, "the server rejected our request due to an error in our request")
        except ClusterError as error:
            return refusal(error.status or 404, str(error))

    def _events(self, call: Call) -> Iterator[bytes]:
        """At most one: the object's change since the version that is named."""
        name = call.query["fieldSelector"].removeprefix("metadata.name=")
        if self.cluster.watch(call.namespace, name, call.query["resourceVersion"], float(call.query["timeoutSeconds"])):
            with self.lock:
                body = self.cluster.read(call.resource, call.namespace, name)
            yield json.dumps({"type": "MODIFIED", "object": body}).encode() + b"\n"

    def _object(self, call: Call) -> Any:
        cluster, place = self.cluster, (call.resource, call.namespace)
        match call.method, call.resource:
            case "POST", "selfsubjectreviews.authentication.k8s.io":
                return {"status": {"userInfo": {"username": "fake-user"}}}
            case "POST", "selfsubjectaccessreviews.authorization.k8s.io":
                return {"status": {"allowed": True}}
            case "PATCH", "configmaps" if call.headers["content-type"] == "application/json-patch+json":
                found = cluster.patch_configmap(call.namespace, call.name, json.loads(call.body), dry_run="dryRun" in call.query)
                changed = {"data": dict(found.data), "metadata": {"annotations": dict(found.annotations)}}
                return merged(cluster.read("configmaps", call.namespace, call.name), changed)
            case "GET", _ if call.name:
                return cluster.read(*place, call.name)
            case "GET", _:
                return {"items": list(cluster.select(*place, call.query.get("labelSelector", "")))}
            case "POST", _:
                return cluster.create(*place, json.loads(call.body))
            case "PATCH", _:
                return cluster.patch(*place, call.name, json.loads(call.body))
            case "DELETE", _:
                cluster.read(*place, call.name)
                cluster.delete(*place, call.name)
                return {"kind": "Status", "status": "Success"}
        raise NotImplementedError(call.kind)

    def upgrade(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        accept = base64.b64encode(hashlib.sha1(call.headers["sec-websocket-key"].encode() + _MAGIC).digest()).decode()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}"]
        protocol = call.headers["sec-websocket-protocol"].split(",")[-1].strip()
        handler.wfile.write("\r\n".join([*lines, f"Sec-WebSocket-Protocol: {protocol}", "", ""]).encode())
        port = int(call.query["ports"])
        for channel in (0, 1):
            handler.wfile.write(_frame(bytes([channel]) + struct.pack("<H", port)))
        replica = next(each for each in self.cluster.replicas(call.namespace) if each.name == call.name)
        with self.cluster.dial(call.namespace, replica) as backend:
            back = threading.Thread(target=_back, args=(backend, handler), daemon=True)
            back.start()
            try:
                while (payload := _received(handler.rfile)) is not None:
                    backend.sendall(payload[1:])
            except OSError:
                return


def _back(backend: Any, handler: BaseHTTPRequestHandler) -> None:
    try:
        while chunk := backend.recv(1 << 14):
            handler.wfile.write(_frame(b"\0" + chunk))
        handler.wfile.write(b"\x88\x00")
    except (OSError, ValueError):
        return


def _frame(payload: bytes) -> bytes:
    """Binary, final, unmasked (RFC 6455 section 5.2)."""
    size = len(payload)
    head = bytes([0x82, size]) if size < 126 else bytes([0x82, 126]) + struct.pack("!H", size)
    return head + payload


def _received(stream: Any) -> bytes | None:
    """The next binary frame of a client; None at the end."""
    while len(head := stream.read(2)) == 2:
        opcode, size = head[0] & 15, head[1] & 127
        if size == 126:
            (size,) = struct.unpack("!H", stream.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", stream.read(8))
        mask = stream.read(4) if head[1] & 128 else b"\0\0\0\0"
        payload = bytes(octet ^ mask[place % 4] for place, octet in enumerate(stream.read(size)))
        if opcode == 8:
            return None
        if opcode == 2:
            return payload
    return None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
