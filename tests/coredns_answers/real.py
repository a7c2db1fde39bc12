"""A real CoreDNS on loopback, and a client that asks it over UDP as a resolver would.

Replies to another question are passed over, and of two replies the first counts. Every process is ended by its own id.
"""

from __future__ import annotations

import select
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "OPT": 41}
RCODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE")
_WINDOW = 24


class Seen(NamedTuple):
    """What came back: an empty rcode for silence; records of the asked type, of another, an SOA in the authority section."""

    rcode: str
    has_records: bool = False
    other_records: bool = False
    has_soa: bool = False


class Refused(Exception):
    """CoreDNS did not start with this Corefile; the message is what it said."""


@contextmanager
def running(binary: Path, corefile: str, folder: Path) -> Iterator[None]:
    """A CoreDNS with this Corefile, in this folder; Refused if it does not start."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="log-") as log:
        process = subprocess.Popen([binary, "-conf", "stdin"], cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log)
        try:
            assert process.stdin is not None
            process.stdin.write(corefile.encode("utf-8", "surrogateescape"))
            process.stdin.close()
            _wait(process, Path(log.name))
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it has said its own name, which it does when every port is served."""
    deadline = time.monotonic() + 30
    while "CoreDNS-" not in (said := log.read_text(errors="replace")):
        if process.poll() is not None:
            raise Refused(said[-400:])
        if time.monotonic() > deadline:
            raise Refused("it does not get ready")
        time.sleep(0.02)


def ask(port: int, questions: Sequence[tuple[str, str]], *, patience: float = 0.5) -> list[Seen]:
    """Each question over UDP, a few at a time; one that stays silent is asked twice more."""
    seen: dict[int, Seen] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.connect(("127.0.0.1", port))
        for _ in range(3):
            left = [number for number in range(len(questions)) if number not in seen]
            for start in range(0, len(left), _WINDOW):
                window = left[start : start + _WINDOW]
                for number in window:
                    channel.send(_query(number, *questions[number]))
                _collect(channel, set(window), questions, seen, patience)
    return [seen.get(number, Seen("")) for number in range(len(questions))]


def _collect(
    channel: socket.socket, awaited: set[int], questions: Sequence[tuple[str, str]], seen: dict[int, Seen], patience: float
) -> None:
    while awaited - seen.keys():
        if not select.select([channel], [], [], patience)[0]:
            return
        reply = channel.recv(65535)
        number = int.from_bytes(reply[:2], "big")
        if number < len(questions) and number not in seen and (found := _read(reply, *questions[number])) is not None:
            seen[number] = found


def _query(number: int, name: str, type_: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label)
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", TYPES[type_], 1)


def _read(reply: bytes, name: str, type_: str) -> Seen | None:
    """None for a reply to another question."""
    _, flags, questions, answers, authority, _ = struct.unpack("!HHHHHH", reply[:12])
    asked, place = _name(reply, 12)
    if questions != 1 or asked.lower() != name.lower() or struct.unpack("!HH", reply[place : place + 4]) != (TYPES[type_], 1):
        return None
    types, place = _types(reply, place + 4, answers)
    below, _ = _types(reply, place, authority)
    rcode = flags & 15
    asked_for = [each for each in types if each == TYPES[type_]]
    return Seen(RCODES[rcode], bool(asked_for), len(asked_for) < len(types), TYPES["SOA"] in below)


def _types(reply: bytes, place: int, count: int) -> tuple[list[int], int]:
    found = []
    for _ in range(count):
        _, place = _name(reply, place)
        type_, _, _, length = struct.unpack("!HHIH", reply[place : place + 10])
        found.append(type_)
        place += 10 + length
    return found, place


def _name(reply: bytes, place: int) -> tuple[str, int]:
    labels, end = [], 0
    while length := reply[place]:
        if length >= 0xC0:
            end = end or place + 2
            place = ((length & 0x3F) << 8) | reply[place + 1]
            continue
        labels.append(reply[place + 1 : place + 1 + length].decode("latin-1"))
        place += 1 + length
    return ".".join(labels) + ".", end or place + 1
