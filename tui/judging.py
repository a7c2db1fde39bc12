"""What the provers said of one plan, and who is asked at the moment.

A plan that is made anew begins with an empty one: a verdict that comes late is kept with the plan it is about, and nobody sees it any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from remedy.errors import UnavailableError
from remedy.validate.prover import Method
from remedy.validate.verdict import Validation

STRONGEST: tuple[Method, ...] = ("live", "canary", "sandbox", "model")


class Judging:
    """By method: the verdicts, the seconds they took, since when one is asked (monotonic), and why one cannot be had."""

    def __init__(self) -> None:
        self.validations: dict[Method, Validation] = {}
        self.took: dict[Method, float] = {}
        self.asked: dict[Method, float] = {}
        self.unavailable: dict[Method, str] = {}

    def ask(self, method: Method, prove: Callable[[], Validation]) -> Validation | None:
        """Ask, on the calling thread; None where this method cannot work here, and why is kept. Other errors are raised."""
        began = self.asked[method] = time.monotonic()
        try:
            found = prove()
        except UnavailableError as error:
            self.unavailable[method] = f"{error}; {error.hint}" if error.hint else str(error)
            return None
        finally:
            self.asked.pop(method, None)
        self.unavailable.pop(method, None)
        self.validations = {**self.validations, found.method: found}
        self.took[found.method] = time.monotonic() - began
        return found

    @property
    def strongest(self) -> Validation | None:
        """The verdict that counts for most."""
        return next((self.validations[each] for each in STRONGEST if each in self.validations), None)
