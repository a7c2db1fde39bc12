"""A DNS server that replies exactly what it is told, over UDP and TCP, and counts what it was asked: the one fake name server of the tests.

It is told in verdicts, per address, absolute name and type: ok, nodata, nxdomain, servfail, refused, notimp, formerr, drop; with `+soa`
a negative reply carries one, with `+relayed` it is not authoritative, with `+referral` it has neither aa nor ra, with `+tc` the UDP reply
is truncated and empty. A name that nobody mentioned does not exist. Port 53, so it runs inside a network namespace of its own.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping

RCODES = {"ok": 0, "nodata": 0, "formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5}
TYPES = {1: "A", 28: "AAAA"}
TTL = 60
_TC, _AA, _RA, _QR_RD = 0x0200, 0x0400, 0x0080, 0x8100

Script = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Address, absolute name in lower case, then A, AAAA, and `host`: the last number of its addresses."""


class ScriptedDns:
    """Serves until `close`; `asked` counts by (address, name, type)."""

    def __init__(self, script: Script) -> None:
        self.asked: Counter[tuple[str, str, str]] = Counter()
        self._script = script
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        for address in script:
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            tcp = socket.create_server((address, 53), backlog=64)
            udp.bind((address, 53))
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self._sockets += [udp, tcp]
            threading.Thread(target=self._udp, args=(udp, address), daemon=True).start()
            threading.Thread(target=self._tcp, args=(tcp, address), daemon=True).start()

    def close(self) -> None:
        for each in self._sockets:
            each.close()

    def _udp(self, sock: socket.socket, address: str) -> None:
        while True:
            try:
                query, peer = sock.recvfrom(4096)
                reply = self._reply(query, address, udp=True)
                if reply:
                    sock.sendto(reply, peer)
            except OSError:
                return

    def _tcp(self, listener: socket.socket, address: str) -> None:
        while True:
            try:
                stream, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._stream, args=(stream, address), daemon=True).start()

    def _stream(self, stream: socket.socket, address: str) -> None:
        with stream, stream.makefile("rwb") as file:
            stream.settimeout(5)
            try:
                while len(head := file.read(2)) == 2:
                    reply = self._reply(file.read(struct.unpack("!H", head)[0]), address, udp=False)
                    if reply:
                        file.write(struct.pack("!H", len(reply)) + reply)
                        file.flush()
            except OSError:
                return

    def _reply(self, query: bytes, address: str, *, udp: bool) -> bytes:
        number, _, questions = struct.unpack("!3H", query[:6])
        if questions != 1:
            return b""
        name, end = _name(query)
        type_ = TYPES.get(struct.unpack("!H", query[end : end + 2])[0], "other")
        with self._lock:
            self.asked[address, name, type_] += 1
        told = self._script[address].get(name, {})
        verdict, *marks = told.get(type_, "nodata+soa" if told else "nxdomain+soa").split("+")
        if verdict == "drop":
            return b""
        truncated = udp and "tc" in marks
        standing = 0 if "referral" in marks else _RA if "relayed" in marks else _AA | _RA
        flags = _QR_RD | RCODES[verdict] | standing | (_TC if truncated else 0)
        answer = _address(type_, int(told.get("host", "1"))) if verdict == "ok" and not truncated else b""
        authority = _soa(name) if "soa" in marks else b""
        head = struct.pack("!6H", number, flags, 1, bool(answer), bool(authority), 0)
        return head + query[12 : end + 4] + answer + authority


def _name(query: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    return ".".join(labels) + ".", at + 1


def _address(type_: str, host: int) -> bytes:
    data = bytes([192, 0, 2, host]) if type_ == "A" else b"\x20\x01\x0d\xb8" + bytes(11) + bytes([host])
    return struct.pack("!3HIH", 0xC00C, 1 if type_ == "A" else 28, 1, TTL, len(data)) + data


def _soa(name: str) -> bytes:
    """The start of authority of the name's last label."""
    zone = name.rstrip(".").rpartition(".")[2].encode()
    owner = bytes([len(zone)]) + zone + b"\0"
    data = b"\2ns" + owner + b"\x0ahostmaster" + owner + struct.pack("!5I", 1, 60, 60, 60, TTL)
    return owner + struct.pack("!2HIH", 6, 1, TTL, len(data)) + data
