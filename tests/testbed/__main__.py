"""`python -m tests.testbed up|down|status|build`: the testbed by hand, for developers; needs root.

`up` returns while the cluster runs on; only `down` ends it.
"""

from __future__ import annotations

import argparse
import sys
import time

from . import build, cluster, machine, processes
from .places import KUBECONFIG, LOGS, NETNS_FILE


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.testbed", description="A real cluster on this machine.")
    parser.add_argument("verb", choices=["up", "down", "status", "build"])
    parser.add_argument("--sync", help="the kubelet's syncFrequency, as 5s or 1m", default=None)
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen.verb, chosen.sync)
    except (RuntimeError, OSError) as error:
        print(f"testbed: {error}", file=sys.stderr)
        return 1


def _run(verb: str, sync: str | None) -> int:
    if verb != "build" and (reason := machine.unable()):
        raise RuntimeError(reason)
    match verb:
        case "up":
            cluster.up(sync)
            print(f"export KUBECONFIG={KUBECONFIG}\nnsenter --net={NETNS_FILE} COMMAND\n# logs: {LOGS}")
        case "down":
            cluster.down()
        case "build":
            for name, path in build.programs().items():
                print(f"{name}\t{path}")
        case "status":
            return _status()
    return 0


def _status() -> int:
    for name, process in processes.recorded().items():
        print(f"{name}\t{process.pid}\t{'alive' if processes.alive(process) else 'dead'}")
    up = cluster.running()
    print(f"testbed\t{'up' if up else 'down'}\t{time.strftime('%H:%M:%S')}")
    return 0 if up else 1


if __name__ == "__main__":
    sys.exit(main())
