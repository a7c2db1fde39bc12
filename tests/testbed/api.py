"""The testbed's own plain REST client of the API server, as the cluster's administrator.

Call it from inside the network namespace (`namespace.entered`); the tests' client must not be the tool's own.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping

from . import config
from .manifests import Json
from .places import CERTS, NODE_IP


class Rejected(OSError):
    """The API server answered, and the answer was no; `status` is the HTTP status."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        super().__init__(f"{method} {path}: {status} {body[:500]}")
        self.status = status


def request(method: str, path: str, body: object = None, *, content_type: str = "application/json") -> Json:
    """One request; the answer parsed, or {"text": …} if it is not JSON. Raises Rejected, or OSError if unreachable."""
    headers = {"Authorization": f"Bearer {config.admin_token()}", "Content-Type": content_type}
    status, text = send(method, path, None if body is None else json.dumps(body), headers)
    if status >= 300:
        raise Rejected(method, path, status, text)
    try:
        answer: Json = json.loads(text)
    except ValueError:
        answer = {"text": text}
    return answer


def send(method: str, path: str, body: str | None, headers: Mapping[str, str]) -> tuple[int, str]:
    trust = ssl.create_default_context(cafile=str(CERTS / "apiserver.crt"))
    connection = http.client.HTTPSConnection(NODE_IP, 6443, timeout=30, context=trust)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read().decode()
    except ConnectionError:
        raise
    except http.client.HTTPException as error:
        raise OSError(f"{method} {path}: {error!r}") from error
    finally:
        connection.close()
