"""One function a verb: from parsed options to an exit code.

What is printed and asked is decided here; what is done, in the service. A verb's module is imported when it runs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from remedy.state import cut_off

if TYPE_CHECKING:
    from remedy.signals import Signals


def run(options: argparse.Namespace, signals: Signals) -> int:
    """The verb that the options name."""
    if cut_off():
        from remedy.verbs import write

        write.tell_cut_off(options)
    named = (getattr(options, word, None) for word in ("coredns_version", "to", "eager", "defaults"))
    if options.verb != "hash" and any(each not in (None, False) for each in named):
        from remedy.verbs import given

        given.settle(options)
    if options.verb in ("apply", "rollback", "history"):
        from remedy.verbs import write

        return {"apply": write.apply, "rollback": write.rollback, "history": write.history}[options.verb](options, signals)
    from remedy.verbs import look

    verbs = {
        "scan": look.scan,
        "diff": look.diff,
        "validate": look.validate,
        "explain": look.explain,
        "hash": look.hash_,
        "doctor": look.doctor,
    }
    return verbs[options.verb](options, signals)
