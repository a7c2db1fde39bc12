"""Many questions to several DNS servers at once, each over UDP and over TCP.

All that is asked is under way together: a server that stays silent costs its time once. A reply counts only on a socket on which the server
has shown its token, for another process may have the same port.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from remedy.errors import UnavailableError
from remedy.validate.prover import Question
from remedy.wire import Message, WireError, framed, query, received, unframed

PATIENCE, TRIES, LONGEST = 1.0, 2, 15.0  # seconds without a reply, times, seconds in all
_A_STREAM = 100  # CoreDNS closes a connection after 128 questions

Server = tuple[str, int, str]
"""Address, port, and the token that it answers to TXT of `TOKEN.invalid.`."""
Seen = tuple[str, bool, bool, bool]
"""The rcode ("" for silence), records of the asked type, other records, an SOA."""


class Asked(NamedTuple):
    """What came back to one question; `disagreed` says how, where UDP and TCP did not bring the same."""

    seen: Seen
    disagreed: str = ""


class Stranger(Exception):
    """Another process answers on a server's port."""


class _Talk:
    """One socket, the questions on it and what came back to each."""

    def __init__(self, server: Server, questions: Sequence[Question], *, stream: bool) -> None:
        self.server = server
        address, port, self.token = server
        own = (f"{self.token}.invalid.", "TXT")
        self.stream, self.asked, self.back = stream, [own, *questions], dict[int, Message | None]()
        self.left = b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        self.socket.settimeout(2)
        self.socket.connect((address, port))

    def send(self) -> None:
        """Ask what is not answered yet."""
        for number, question in enumerate(self.asked):
            if number not in self.back:
                message = query(number, *question)
                self.socket.sendall(framed(message) if self.stream else message)

    def take(self) -> bool:
        """Read what has come; False where nothing more will."""
        try:
            data = self.socket.recv(65535)
        except OSError:
            return False
        messages = [data]
        if self.stream:
            messages, self.left = unframed(self.left + data)
        for message in messages:
            found = received(message)
            if found is None or found.number >= len(self.asked) or found.question != self.asked[found.number]:
                continue
            self.back.setdefault(found.number, None if found.truncated and not self.stream else found.message)
        return bool(data)

    @property
    def unanswered(self) -> list[Question]:
        return [question for number, question in enumerate(self.asked) if number and number not in self.back]

    @property
    def complete(self) -> bool:
        return len(self.back) == len(self.asked)

    @property
    def proven(self) -> bool:
        told = self.back.get(0)
        return told is not None and told.records == (f'"{self.token}"',)


def converse(servers: Sequence[Server], questions: Sequence[Question]) -> list[dict[Question, Asked]]:
    """Every question to every server. Stranger where one does not answer by its token, UnavailableError where one cannot be reached."""
    askable = list(_askable(questions))
    parts = [askable[start : start + _A_STREAM] for start in range(0, len(askable), _A_STREAM)]
    with ExitStack() as stack:
        try:
            talks = [[_talk(stack, server, part, stream=way) for part in parts for way in (False, True)] for server in servers]
            _exchange([talk for each in talks for talk in each])
            # A question that CoreDNS hangs on, or closes the connection over, keeps those behind it from being answered.
            left = [(each, question) for each in talks for talk in each if talk.stream for question in talk.unanswered]
            for start in range(0, len(left), _A_STREAM):
                alone = [
                    (each, _talk(stack, each[0].server, [question], stream=True)) for each, question in left[start : start + _A_STREAM]
                ]
                _exchange([talk for _, talk in alone])
                for each, talk in alone:
                    each.append(talk)
                    talk.socket.close()
        except OSError as error:
            raise UnavailableError(f"the sandbox's CoreDNS cannot be asked: {error.strerror or error}") from None
    if not all(talk.proven for each in talks for talk in each):
        raise Stranger
    return [_merged(each, questions) for each in talks]


def _talk(stack: ExitStack, server: Server, questions: Sequence[Question], *, stream: bool) -> _Talk:
    talk = _Talk(server, questions, stream=stream)
    stack.callback(talk.socket.close)
    return talk


def _askable(questions: Sequence[Question]) -> Iterator[Question]:
    for question in dict.fromkeys(questions):
        try:
            query(0, *question)
        except WireError:
            continue
        yield question


def _exchange(talks: Sequence[_Talk]) -> None:
    deadline = time.monotonic() + LONGEST
    with selectors.DefaultSelector() as ready:
        for talk in talks:
            ready.register(talk.socket, selectors.EVENT_READ, talk)
            talk.send()
        for _ in range(TRIES if any(not talk.stream for talk in talks) else 1):  # nothing is lost on a stream
            while not all(talk.complete for talk in talks) and time.monotonic() < deadline:
                came = ready.select(PATIENCE)
                for key, _ in came:
                    if not key.data.take():
                        ready.unregister(key.fileobj)
                if not came:
                    break
            for talk in talks:
                if not talk.stream and not talk.complete:
                    talk.send()


def _merged(talks: Sequence[_Talk], questions: Sequence[Question]) -> dict[Question, Asked]:
    """What both ways brought; a truncated reply over UDP leaves it to TCP."""
    found: dict[Question, dict[bool, Message | None]] = {question: {} for question in questions}
    for talk in talks:
        for number, question in enumerate(talk.asked[1:], 1):
            if number not in talk.back:
                found[question].setdefault(talk.stream, Message("", ()))
            elif (message := talk.back[number]) is not None:
                found[question][talk.stream] = message
    return {question: _asked(each) for question, each in found.items()}


def _asked(ways: dict[bool, Message | None]) -> Asked:
    seen = {stream: (message.rcode, bool(message.records), message.others, message.soa) for stream, message in ways.items() if message}
    if not seen:
        return Asked(("", False, False, False), "DNS cannot carry this name")
    if len(set(seen.values())) > 1:
        return Asked(seen[True], f"{seen[False][0] or 'silence'} and {seen[True][0] or 'silence'}")
    return Asked(next(iter(seen.values())))
