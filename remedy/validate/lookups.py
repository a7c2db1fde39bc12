"""Real lookups: a pod of a named image, in which getaddrinfo is called as a program there calls it.

Not with nslookup, which asks by itself and never fails the way a program does, nor with `getent hosts`, which asks for IPv6 and IPv4 one
after the other and so always finds something. busybox's ping and wget do call getaddrinfo, and say the address before they connect.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from remedy.cluster import throwaway
from remedy.cluster.door import Door
from remedy.cluster.throwaway import Ended
from remedy.errors import UnavailableError

TIMEOUT = 30.0
_PYTHON = """
import socket, sys
try:
    found = socket.getaddrinfo(sys.argv[1], None, type=socket.SOCK_STREAM)
    print('code=0 text="" addresses=' + ",".join(each[4][0] for each in found))
except socket.gaierror as error:
    print('code=%d text="%s" addresses=' % (error.errno, error.strerror))
"""
# POSIX sh and what an image may hold; `$said` unquoted puts several lines onto one.
SCRIPT = """
set -f
python=$1
shift
if [ -x /getaddrinfo ]; then way=getaddrinfo
elif command -v python3 >/dev/null; then way=python3
else
    case $(ping -c 1 -W 1 127.0.0.1 2>&1) in
    PING*) way=ping ;; # another ping wants its rights before it looks a name up
    *) if command -v wget >/dev/null; then way=wget; else way=none; fi ;;
    esac
fi
while read -r line; do echo "resolv.conf: $line"; done </etc/resolv.conf
set +f
for loader in /lib/ld-musl-*; do [ -x "$loader" ] && echo "libc:" $("$loader" 2>&1); done
set -f
for name in "$@"; do
    case $way in
    getaddrinfo) said=$(/getaddrinfo "$name" 2>&1) ;;
    python3) said=$(python3 -c "$python" "$name" 2>&1) ;;
    wget) said=$(wget -t 1 -T 1 -O /dev/null "http://$name:1/" 2>&1) ;;
    ping) said=$(ping -c 1 -W 1 "$name" 2>&1) ;;
    *) said= ;;
    esac
    echo "lookup: $name $way" $said
done
echo "end:"
exec sleep 60
"""
_PROGRAM = re.compile(r'code=(-?\d+) text="(.*?)"(?: ms=\d+)? addresses=(\S*)')
_RESOLVED = re.compile(r"PING \S+ \(([^)]+)\)|Connecting to \S+ \(\[?([^])]+?)\]?:1\)|Connecting to [^|]+\|([^|]+)\|")
_FAILED = re.compile(
    r"bad address|unable to resolve host address|Name or service not known|Name does not resolve|No address associated|Temporary failure"
)


class Lookup(NamedTuple):
    """What a lookup returned: addresses, or the program's words. `outcome`: ok, failed, or unknown where the program did not say."""

    name: str
    way: str
    outcome: str
    addresses: tuple[str, ...] = ()
    code: int | None = None
    text: str = ""

    def __str__(self) -> str:
        if self.outcome == "ok":
            return f"{self.name} is {', '.join(self.addresses)}"
        return f"{self.name} {'fails' if self.outcome == 'failed' else 'is unknown'}: {self.text}" + (
            f" ({self.code})" if self.code else ""
        )


class LookedUp(NamedTuple):
    """The lookups in a pod of this image, and what its resolver is."""

    image: str
    lookups: tuple[Lookup, ...]
    libc: str
    resolv: tuple[str, ...]

    def sentences(self) -> list[str]:
        way = self.lookups[0].way if self.lookups else "none"
        return [
            f"a pod of {self.image} looked up by {way}" + (f", {self.libc}" if self.libc else "") + f"; {'; '.join(self.resolv)}",
            *(f"in that pod {lookup}" for lookup in self.lookups),
        ]


def look_up(door: Door, namespace: str, image: str, names: Sequence[str], *, timeout: float = TIMEOUT) -> LookedUp:
    """Look the names up as a program in a pod of this image would, with the pod's own search list.

    The pod is in `namespace`, has no rights, and ends by itself. UnavailableError or ClusterError where it cannot be had, or holds nothing
    that could look up.
    """
    name = throwaway.named("probe")
    began = time.monotonic()
    with throwaway.started(door, namespace, name, _template(name, image, names)) as run:
        written = ""
        while "\nend:" not in f"\n{written}":
            if time.monotonic() - began > timeout:
                raise UnavailableError(f"the pod of {image} did not finish its lookups within {timeout:g} s")
            time.sleep(throwaway.POLL_SECONDS)
            pod = throwaway.pod_of(door, run, began)
            if isinstance(pod, Ended):
                raise UnavailableError(f"the pod of {image} ended with exit code {pod.exit_code}: {pod.message.strip() or pod.reason}")
            written = door.log(namespace, pod, run.container) if pod else ""
    return parse(image, written)


def parse(image: str, written: str) -> LookedUp:
    """What the script wrote. UnavailableError where the image has no program that could look up."""
    lines = [line.partition(": ") for line in written.splitlines()]
    found = tuple(_lookup(*rest.split(" ", 2)) for head, _, rest in lines if head == "lookup")
    if any(lookup.way == "none" for lookup in found):
        raise UnavailableError(f"{image} holds nothing that calls getaddrinfo: neither python3 nor busybox's wget or ping")
    libc = next((" ".join(rest.split()[:5]) for head, _, rest in lines if head == "libc"), "")
    return LookedUp(image, found, libc, tuple(rest for head, _, rest in lines if head == "resolv.conf" and rest and rest[0] not in "#;"))


def _lookup(name: str, way: str, said: str = "") -> Lookup:
    if program := _PROGRAM.search(said):
        code, text, addresses = int(program[1]), program[2], tuple(filter(None, program[3].split(",")))
        return Lookup(name, way, "failed" if code else "ok", addresses, code, text)
    if resolved := _RESOLVED.search(said):
        return Lookup(name, way, "ok", (resolved[1] or resolved[2] or resolved[3],))
    return Lookup(name, way, "failed" if _FAILED.search(said) else "unknown", text=said[:200] or f"{way} said nothing")


def _template(name: str, image: str, names: Sequence[str]) -> dict[str, Any]:
    """A pod that the strictest pod security level takes."""
    container = {
        "name": "probe",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", SCRIPT, "probe", _PYTHON, *names],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "500m", "memory": "64Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    spec = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    return {"metadata": {"labels": throwaway.labels(name), "annotations": {"sidecar.istio.io/inject": "false"}}, "spec": spec}
