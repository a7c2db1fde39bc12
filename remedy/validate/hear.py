"""Ask one pod every question, over pods/portforward: what it answers, silence included.

Port-forward dials localhost in the pod. A pod that listens on its address only refuses that, and is no silent one: the two must not be
mixed up, for silence is an answer and a refusal is none.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from remedy.answers.model import Reply
from remedy.cluster.door import Door, Replica
from remedy.errors import UnavailableError
from remedy.validate.prover import Question, Side
from remedy.wire import Message, WireError, ask

SECONDS = 30.0


class RefusedError(UnavailableError):
    """Nothing listens where port-forward dials."""


def hear(door: Door, namespace: str, replica: Replica, asked: Sequence[Question], *, seconds: float = SECONDS) -> Side:
    """Every question's reply; what there was no time for within `seconds` is unknown.

    RefusedError: nobody listens on localhost. ClusterError: the connection may not be had.
    """
    heard: dict[Question, Reply] = {}
    deadline = time.monotonic() + seconds
    left, failed = list(asked), False
    while left and time.monotonic() < deadline:
        try:
            with door.dial(namespace, replica) as stream:
                while left and time.monotonic() < deadline:
                    heard[left[0]] = reply_of(ask(stream, *left[0]))
                    del left[0]
                    failed = False
        except TimeoutError:
            heard[left.pop(0)] = Reply("")
        except (OSError, WireError) as error:
            if failed and not heard:
                raise RefusedError(f"{replica.name} does not answer on localhost port {replica.port} ({error})") from None
            if failed:
                heard[left.pop(0)] = Reply("", unknown=f"{replica.name} closed the connection: {error}")
            failed = not failed
    return heard | {question: Reply("", unknown=f"not asked: {seconds:g} s were over") for question in left}


def reply_of(message: Message) -> Reply:
    """A message as the model would put it."""
    return Reply(message.rcode, bool(message.records), has_soa=message.soa, other_records=message.others)
