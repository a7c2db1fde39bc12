"""A process that proves a text which keeps it busy for a while: `python running_sandbox.py COREDNS [fail|nobody]`.

With `nobody` it does so a second time without any rights: by then Python has loaded what only root may read on some machines.
"""

from __future__ import annotations

import os
import signal
import sys

from remedy.corefile.parse import parse
from remedy.validate import sandbox
from remedy.validate.prover import Case, Probe

SILENT = ". {\n acl {\n  drop type AAAA\n }\n forward . 192.0.2.53\n kubernetes cluster.local\n}\n"
NAMES = ("v4.example.org.", "dual.example.org.")


def main(binary: str, *words: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if "fail" in words:
        sandbox._sides = lambda *_: 1 / 0  # type: ignore[assignment, return-value]
    tree = parse(SILENT)
    changed = parse(SILENT + "# another\n")
    asked = [(name, type_) for name in NAMES for type_ in ("A", "AAAA")]
    case = Case(tree, changed, tuple(Probe(name, "dual") for name in NAMES))
    if "nobody" in words:
        sandbox.prove(case, asked, binary=binary)
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    heard = sandbox.prove(case, asked, binary=binary)
    ((_, _, after),) = heard.rows
    print(*(after[question].verdict for question in asked))


if __name__ == "__main__":
    main(*sys.argv[1:])
