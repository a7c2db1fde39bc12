"""The front before a real API server: every call is passed on as it came, websockets as raw bytes."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from .front import Answer, Call, Front

_OWN = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}


class Proxy(Front):
    """Make and serve it inside the network of the API server."""

    def __init__(self, server: str, authority: Path) -> None:
        super().__init__()
        self._to = urlsplit(server)
        self._trust = ssl.create_default_context(cafile=str(authority))

    def answer(self, call: Call) -> Answer:
        connection = http.client.HTTPSConnection(self._to.hostname or "", self._to.port, timeout=30, context=self._trust)
        try:
            query = "&".join(f"{name}={value}" for name, value in call.query.items())
            headers = {name: value for name, value in call.headers.items() if name not in _OWN}
            connection.request(call.method, f"{call.path}?{query}" if query else call.path, call.body or None, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), {"Content-Type": response.getheader("Content-Type", "application/json")})
        finally:
            connection.close()

    def upgrade(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        plain = socket.create_connection((self._to.hostname or "", self._to.port or 443), timeout=30)
        with self._trust.wrap_socket(plain, server_hostname=self._to.hostname) as server:
            head = f"{handler.requestline}\r\nHost: {self._to.netloc}\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in handler.headers.items() if name.lower() not in ("host", "origin"))
            server.sendall(f"{head}\r\n".encode())
            server.settimeout(None)
            back = threading.Thread(target=_back, args=(server, handler), daemon=True)
            back.start()
            try:
                while chunk := handler.connection.recv(1 << 14):
                    server.sendall(chunk)
            except OSError:
                pass
            try:
                server.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
            back.join(5)


def _back(server: socket.socket, handler: BaseHTTPRequestHandler) -> None:
    try:
        while chunk := server.recv(1 << 14):
            handler.wfile.write(chunk)
        handler.connection.shutdown(socket.SHUT_WR)
    except (OSError, ValueError):
        return
