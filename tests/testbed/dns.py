"""One plain DNS question over UDP or TCP, as musl would put it: RD set, no EDNS, no AD.

The codes are numbers because the testbed must not share code with the tool it tests.
"""

from __future__ import annotations

import secrets
import socket
import struct

TYPES = {"A": 1, "NS": 2, "SOA": 6, "PTR": 12, "TXT": 16, "AAAA": 28, "SRV": 33}


def ask(ip: str, name: str, qtype: str, *, tcp: bool = False, timeout: float = 3.0) -> tuple[int, list[str]]:
    """The rcode and the answers of this type (addresses as text, other data as hex). Raises OSError on silence."""
    number = secrets.randbits(16)
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!HH", TYPES[qtype], 1)
    query = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + question
    reply = _over_tcp(ip, query, timeout) if tcp else _over_udp(ip, query, timeout)
    got, flags, questions, answers = struct.unpack("!4H", reply[:8])
    if got != number or questions != 1:
        raise OSError(f"{ip}: the reply to {name} {qtype} is not for this question")
    found, at = [], 12 + len(question)
    for _ in range(answers):
        at = _after_name(reply, at)
        rtype, _, _, length = struct.unpack("!HHIH", reply[at : at + 10])
        data = reply[at + 10 : at + 10 + length]
        at += 10 + length
        if rtype == TYPES[qtype]:
            found.append(_text(rtype, data))
    return flags & 15, found


def _over_udp(ip: str, query: bytes, timeout: float) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect((ip, 53))
        sock.send(query)
        return sock.recv(65535)


def _over_tcp(ip: str, query: bytes, timeout: float) -> bytes:
    with socket.create_connection((ip, 53), timeout) as sock, sock.makefile("rb") as stream:
        sock.sendall(struct.pack("!H", len(query)) + query)
        head = stream.read(2)
        reply = stream.read(struct.unpack("!H", head)[0]) if len(head) == 2 else b""
    if len(reply) < 12:
        raise OSError(f"{ip}: closed the connection without a reply")
    return reply


def _after_name(message: bytes, at: int) -> int:
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += 1 + message[at]
    return at + 1


def _text(rtype: int, data: bytes) -> str:
    if rtype == TYPES["A"]:
        return socket.inet_ntop(socket.AF_INET, data)
    return socket.inet_ntop(socket.AF_INET6, data) if rtype == TYPES["AAAA"] else data.hex()
