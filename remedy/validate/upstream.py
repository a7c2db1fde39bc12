"""A DNS server on loopback that holds exactly the probed names: the sandbox's stand-in for every upstream.

One port for UDP and TCP, served by a thread of this process. It answers what the model takes an upstream to answer (answers/held.py), so
that the two differ only where CoreDNS does.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from remedy.answers.held import held
from remedy.answers.message import Kind, Query
from remedy.answers.reasons import Unknown
from remedy.wire import framed, question_of, response_to, unframed

ADDRESS = "127.0.0.1"
SOA = "ns.invalid. hostmaster.invalid. 1 7200 3600 1209600 60"
DATA = {"A": "192.0.2.7", "AAAA": "2001:db8::7"}
_ATTEMPTS = 20


@contextmanager
def serving(world: Mapping[str, Kind]) -> Iterator[int]:
    """The port, on 127.0.0.1, where these names are served until the block is left. OSError where loopback cannot be used."""
    datagrams, stream = _sockets()
    leave, stop = socket.socketpair()
    thread = threading.Thread(target=_serve, args=(world, datagrams, stream, leave), name="sandbox upstream", daemon=True)
    try:
        thread.start()
        yield int(datagrams.getsockname()[1])
    finally:
        stop.close()
        if thread.ident is not None:
            thread.join(5)
        for each in (datagrams, stream, leave):
            each.close()


def _sockets() -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on the same port."""
    for attempt in range(_ATTEMPTS):
        stream = socket.create_server((ADDRESS, 0))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind(stream.getsockname())
            return datagrams, stream
        except OSError:
            stream.close()
            datagrams.close()
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError


def _serve(world: Mapping[str, Kind], datagrams: socket.socket, stream: socket.socket, leave: socket.socket) -> None:
    pending: dict[socket.socket, bytes] = {}
    with selectors.DefaultSelector() as ready:
        for each in (datagrams, stream, leave):
            each.settimeout(0)
            ready.register(each, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                source = key.fileobj
                assert isinstance(source, socket.socket)
                if source is leave:
                    for connection in pending:
                        connection.close()
                    return
                with suppress(BlockingIOError):
                    if source is datagrams:
                        message, client = datagrams.recvfrom(65535)
                        if answer := _answer(message, world):
                            datagrams.sendto(answer, client)
                    elif source is stream:
                        connection, _ = stream.accept()
                        connection.settimeout(2)
                        pending[connection] = b""
                        ready.register(connection, selectors.EVENT_READ)
                    elif not _continue(source, pending, world):
                        ready.unregister(source)
                        pending.pop(source)
                        source.close()


def _continue(connection: socket.socket, pending: dict[socket.socket, bytes], world: Mapping[str, Kind]) -> bool:
    """Answer what a connection has brought; False where it is at its end."""
    try:
        data = connection.recv(65535)
        messages, pending[connection] = unframed(pending[connection] + data)
        for message in messages:
            if answer := _answer(message, world):
                connection.sendall(framed(answer))
    except OSError:
        return False
    return bool(data)


def _answer(message: bytes, world: Mapping[str, Kind]) -> bytes:
    """Nothing for what is no question."""
    try:
        name, type_ = question_of(message)
    except Exception:  # whatever a stranger on loopback sends, the thread lives on
        return b""
    try:
        reply = held(world, Query(name, type_), "")
    except Unknown:
        return response_to(message, "NOTIMP")
    return response_to(message, reply.rcode, tuple(DATA[record.type_] for record in reply.answer), soa=SOA if reply.soa else "")
