"""How long a change takes from the write until every replica answers by it: remedy beside a plain patch, in pairs on the testbed.

`python -m tests.benchmarks.cluster` needs root and brings up a testbed whose kubelet syncs as Kubernetes' own does, once a minute; the
plain patch has to wait for that. Each figure is the median of five. A kubelet syncs a pod often while it is young, so all wait for
that to end.
"""

from __future__ import annotations

import json
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.command import Command
from tests.testbed import cluster
from tests.testbed.cluster import INCIDENT, Testbed

RUNS = 5
FIXED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")
_NOERROR = 0
_YOUNG_SECONDS = 15


def main() -> None:
    testbed = cluster.up("1m")
    plain, reload, restart, ratios = [], [], [], []
    for number in range(RUNS):
        plain.append(_plain(testbed))
        reload.append(_remedy(testbed))
        restart.append(_remedy(testbed, "--strategy", "restart"))
        ratios.append(reload[-1] / plain[-1])
        print(f"run {number + 1} of {RUNS}: {plain[-1]:.1f} {reload[-1]:.1f} {restart[-1]:.1f}", file=sys.stderr, flush=True)
    print("| from the write until both replicas are verified, `reload 2s 1s` | median s | all | target |\n|---|---:|---|---|")
    for name, found, target in (
        ("a plain patch, and waiting", plain, ""),
        ("`remedy apply`", reload, "≤ 3 s"),
        ("`remedy apply --strategy restart`", restart, "≤ 15 s"),
    ):
        print(f"| {name} | {statistics.median(found):.1f} | {', '.join(f'{each:.1f}' for each in sorted(found))} | {target} |")
    print(f"| `remedy apply` / a plain patch | {statistics.median(ratios):.3f} × | | ≤ 0.1 |")


def _settled(testbed: Testbed) -> None:
    testbed.reset(INCIDENT)
    time.sleep(_YOUNG_SECONDS)


def _plain(testbed: Testbed) -> float:
    _settled(testbed)
    addresses = {address for _, address in testbed.pods()}
    start = time.monotonic()
    testbed.put_corefile(FIXED)
    while addresses and time.monotonic() - start < 300:
        addresses = {address for address in addresses if testbed.ask(address, f"{secrets.token_hex(6)}.example", "AAAA")[0] != _NOERROR}
        time.sleep(0.1)
    return time.monotonic() - start


def _remedy(testbed: Testbed, *flags: str) -> float:
    _settled(testbed)
    with tempfile.TemporaryDirectory() as folder, testbed.namespace():
        remedy = Command(Path(folder), Path(folder), {"KUBECONFIG": str(testbed.kubeconfig)})
        done = remedy("apply", "--yes", "--settle", "0", "--format", "json", *flags)
    if done.code:
        raise RuntimeError(done.err)
    return float(max(row["seconds"] for row in json.loads(done.out)["replicas"]))


if __name__ == "__main__":
    main()
