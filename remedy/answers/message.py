"""What passes between plugins: a question going down the chain, and what comes back up.

A plugin returns an rcode and may have written a message. With SERVFAIL, REFUSED, FORMERR and NOTIMP the server takes it that nothing was
written and writes a bare reply itself (plugin/plugin.go, ClientWrite); any other rcode without a message is silence.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from typing import Literal, NamedTuple

Kind = Literal["v4", "dual", "v6", "absent", "apex", "namespace"]
Version = tuple[int, ...]

_UNWRITTEN = ("SERVFAIL", "REFUSED", "FORMERR", "NOTIMP")


class Query(NamedTuple):
    """A question of class IN; the name is absolute and lower case."""

    name: str
    type_: str


class Record(NamedTuple):
    """A record of an answer; `target` is where a CNAME points, absolute and lower case; `foreign`: it is about another name."""

    type_: str
    target: str = ""
    foreign: bool = False


class Message(NamedTuple):
    """`soa` and `delegates` stand for records in the authority section, `extra` for any in the additional one."""

    rcode: str
    answer: tuple[Record, ...] = ()
    soa: bool = False
    delegates: bool = False
    extra: bool = False
    by: str = ""


class Outcome(NamedTuple):
    """`rewritten`: the question was changed below, visibly to the plugins above; `by` is who returned the rcode without a message."""

    rcode: str
    message: Message | None = None
    error: bool = False
    rewritten: bool = False
    by: str = ""

    @property
    def written(self) -> bool:
        """Does the server leave the reply to the plugins?"""
        return self.rcode not in _UNWRITTEN

    @property
    def sent(self) -> Message | None:
        """What a client over UDP takes: the first message of perhaps two; None for silence."""
        return self.message or (None if self.written else Message(self.rcode, by=self.by))

    @property
    def kept(self) -> Message | None:
        """What a plugin that asks the server itself is left with: the last message."""
        return self.message if self.written else Message(self.rcode, by=self.by)


def sent(message: Message, by: str) -> Outcome:
    """A message written, with success reported."""
    return Outcome("NOERROR", message._replace(by=message.by or by))


SERVFAIL = Outcome("SERVFAIL")


def classify(message: Message, version: Version) -> str:
    """The class of a reply (plugin/pkg/response/typify.go); before 1.14.5 NXDOMAIN without an SOA was just another error."""
    if message.rcode == "NOERROR":
        if message.answer:
            return "success"
        return "denial" if message.soa else "delegation" if message.delegates else "success"
    if message.rcode == "NXDOMAIN" and not message.answer and (message.soa or version >= (1, 14, 5)):
        return "denial"
    return "error"
