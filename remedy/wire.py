"""DNS messages over a stream; the only user of dnspython.

The stream may be a plain TCP socket or one that the API server forwards: no host or port is ever named here.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, Protocol

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from remedy.errors import RemedyError


class Stream(Protocol):
    """What is needed of a connected socket."""

    def sendall(self, data: bytes, /) -> object: ...
    def recv(self, size: int, /) -> bytes: ...


class WireError(RemedyError):
    """No usable DNS message came back."""


class Message(NamedTuple):
    """The answer to one question: rcode by name, the records of the asked type as text; whether others stand beside them, and an SOA."""

    rcode: str
    records: tuple[str, ...]
    others: bool = False
    soa: bool = False

    @property
    def verdict(self) -> str:
        """ok, nodata, or the rcode in lower case."""
        return self.rcode.lower() if self.rcode != "NOERROR" else "ok" if self.records else "nodata"


def ask(stream: Stream, name: str, type_: str) -> Message:
    """One question of class IN, recursion desired, no EDNS. OSError or WireError where no answer comes; time-outs are the stream's own."""
    query = dns.message.make_query(name, type_)
    send(stream, query.to_wire())
    try:
        answer = dns.message.from_wire(receive(stream))
    except dns.exception.DNSException as error:
        raise WireError(f"not a DNS message: {error}") from None
    if not query.is_response(answer):
        raise WireError("an answer to another question came back")
    wanted = dns.rdatatype.from_text(type_)
    records = tuple(item.to_text() for rrset in answer.answer if rrset.rdtype == wanted for item in rrset)
    others = any(rrset.rdtype != wanted for rrset in answer.answer)
    soa = any(rrset.rdtype == dns.rdatatype.SOA for rrset in answer.authority)
    return Message(dns.rcode.to_text(answer.rcode()), records, others, soa)


def send(stream: Stream, message: bytes) -> None:
    """A message with its length before it (RFC 1035 section 4.2.2)."""
    stream.sendall(struct.pack("!H", len(message)) + message)


def receive(stream: Stream) -> bytes:
    (length,) = struct.unpack("!H", _exactly(stream, 2))
    return _exactly(stream, length)


def _exactly(stream: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = stream.recv(size - len(data))
        if not chunk:
            raise WireError("the connection was closed before an answer came")
        data += chunk
    return data


def question_of(message: bytes) -> tuple[str, str]:
    """The name, absolute and in lower case, and the type that a query asks for."""
    question = dns.message.from_wire(message).question[0]
    return question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)


def response_to(message: bytes, rcode: str, records: tuple[str, ...] = ()) -> bytes:
    """The reply to a query, with records of the type that was asked for."""
    query = dns.message.from_wire(message)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    response.set_rcode(dns.rcode.from_text(rcode))
    if records:
        question = query.question[0]
        response.answer.append(dns.rrset.from_text(question.name, 30, "IN", question.rdtype, *records))
    return response.to_wire()
