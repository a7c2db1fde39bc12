"""`python -m tests.benchmarks.canary`: how long a canary takes on the testbed, a Markdown table for docs/benchmarks.md; needs root.

From the call to the moment when nothing of it is left; the start of a process and of the kubernetes client is not in it.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

from remedy.cluster.api import connect
from remedy.corefile.parse import parse
from remedy.validate import canary, live
from remedy.validate.prover import Case, Probe
from tests.testbed import machine
from tests.testbed.cluster import INCIDENT, down, up

RUNS = 5
REPAIRED = INCIDENT.replace("template ANY AAAA {\n        rcode NXDOMAIN\n    }", "template IN AAAA .")
NAMES = ("kubernetes.default.svc.cluster.local.", "default.svc.cluster.local.", "cluster.local.", "shop.example.cn.", "absent.example.cn.")


def main() -> int:
    if reason := machine.unable():
        print(f"testbed: {reason}", file=sys.stderr)
        return 1
    testbed = up()
    try:
        testbed.reset(INCIDENT)
        case = Case(parse(INCIDENT), parse(REPAIRED), tuple(Probe(name, "v4") for name in NAMES))
        asked = [(name, type_) for name in NAMES for type_ in ("A", "AAAA")]
        proofs, todays = [], []
        with testbed.namespace():
            door = connect(kubeconfig=str(testbed.kubeconfig))
            for _ in range(RUNS):
                began = time.monotonic()
                live.today(door, "kube-system", asked)
                todays.append(time.monotonic() - began)
                began = time.monotonic()
                canary.prove(case, asked, door=door, namespace="kube-system", configmap="coredns")
                proofs.append(time.monotonic() - began)
    finally:
        if os.environ.get("REMEDY_TESTBED_KEEP") != "1":
            down()
    print(f"| {len(asked)} questions, two replicas, {RUNS} runs | median s | longest s | target |\n|---|---:|---:|---|")
    for name, seconds, target in (
        ("a canary, from nothing to nothing", proofs, "≤ 10"),
        ("every replica asked, without a canary", todays, ""),
    ):
        print(f"| {name} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | {target} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
