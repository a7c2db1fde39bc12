"""DNS messages over a stream or as datagrams; the only user of dnspython.

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
    return _message(answer, dns.rdatatype.from_text(type_))


def _message(answer: dns.message.Message, wanted: dns.rdatatype.RdataType) -> Message:
    records = tuple(item.to_text() for rrset in answer.answer if rrset.rdtype == wanted for item in rrset)
    others = any(rrset.rdtype != wanted for rrset in answer.answer)
    soa = any(rrset.rdtype == dns.rdatatype.SOA for rrset in answer.authority)
    return Message(dns.rcode.to_text(answer.rcode()), records, others, soa)


class Received(NamedTuple):
    """A reply, whichever question it is to; `truncated`: over UDP not all of it fitted, and TCP has the rest."""

    number: int
    question: tuple[str, str]
    message: Message
    truncated: bool


def query(number: int, name: str, type_: str) -> bytes:
    """One question of class IN, recursion desired, no EDNS, with this number as its id. WireError for a name that DNS cannot carry."""
    try:
        return dns.message.make_query(name, type_, id=number).to_wire()
    except dns.exception.DNSException as error:
        raise WireError(f"{name}: not a name that can be asked for: {error}") from None


def received(message: bytes) -> Received | None:
    """What a reply says; None for what is no reply to one question."""
    try:
        answer = dns.message.from_wire(message, ignore_trailing=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError):
        return None
    if not answer.flags & dns.flags.QR or len(answer.question) != 1:
        return None
    asked = answer.question[0]
    truncated = bool(answer.flags & dns.flags.TC)
    question = (asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype))
    return Received(answer.id, question, _message(answer, asked.rdtype), truncated)


def framed(message: bytes) -> bytes:
    """A message with its length before it, as it goes over a stream (RFC 1035 section 4.2.2)."""
    return struct.pack("!H", len(message)) + message


def unframed(data: bytes) -> tuple[list[bytes], bytes]:
    """The whole messages in what a stream brought so far, and what is left of it."""
    messages = []
    while len(data) >= 2 and len(data) >= 2 + (length := int.from_bytes(data[:2], "big")):
        messages.append(data[2 : 2 + length])
        data = data[2 + length :]
    return messages, data


def send(stream: Stream, message: bytes) -> None:
    """A message with its length before it."""
    stream.sendall(framed(message))


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


def response_to(message: bytes, rcode: str, records: tuple[str, ...] = (), *, soa: str = "") -> bytes:
    """The reply to a query, with records of the type that was asked for, and the root's SOA record where its data are given."""
    query = dns.message.from_wire(message)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    response.set_rcode(dns.rcode.from_text(rcode))
    if records:
        question = query.question[0]
        response.answer.append(dns.rrset.from_text(question.name, 30, "IN", question.rdtype, *records))
    if soa:
        response.authority.append(dns.rrset.from_text(".", 30, "IN", "SOA", soa))
    return response.to_wire()
