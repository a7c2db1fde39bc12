"""The handle through which tests use the running testbed.

"Settled" means every replica answers by the text, not that the ConfigMap holds it: between the two lie the kubelet,
which writes the file into each pod, and CoreDNS, which looks at the file every 2 s (plus or minus 1).
"""

from __future__ import annotations

import re
import secrets
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from . import api, components, config, dns, processes, rollout
from .images import CTR
from .manifests import CONFIGMAP, HEALTHY, Json, configmap
from .namespace import entered
from .places import KUBECONFIG, NETNS_FILE, STATE

_MUSL_LINE = re.compile(r'code=(-?\d+) text="(.*)" ms=(\d+) addresses=(.*)')
_EXECS = 3  # on a busy machine containerd may end an exec before its output has come through
_APISERVER = "kube-apiserver"


@dataclass(frozen=True, slots=True)
class MuslResult:
    """What musl's getaddrinfo said; code 0 is success, -2 EAI_NONAME, -3 EAI_AGAIN (musl's numbers)."""

    code: int
    text: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Testbed:
    """A running testbed; everything here works from outside its network namespace."""

    __test__: ClassVar[bool] = False
    """Keeps pytest from taking the class for a test because of its name."""

    kubeconfig: Path = KUBECONFIG
    netns: Path = NETNS_FILE

    def namespace(self) -> AbstractContextManager[None]:
        """Move this thread into the cluster's network for a while, for clients that live in this process."""
        return entered()

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program to its end inside the network; output captured, exit code not checked."""
        with entered():
            return subprocess.run(argv, input=input, env=env, timeout=timeout, capture_output=True)

    def popen(self, argv: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
        """Start a program inside the network; the caller ends it."""
        with entered():
            return subprocess.Popen(argv, **options)

    def api(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Json:
        """One request as the administrator. Raises api.Rejected (an OSError with .status)."""
        with entered():
            return api.request(method, path, body, content_type=content_type)

    def corefile(self) -> str:
        """The text in the live ConfigMap."""
        return str(self.api("GET", CONFIGMAP)["data"]["Corefile"])

    def put_corefile(self, text: str) -> None:
        """Write the text into the live ConfigMap and wait for nothing."""
        patch = {"data": {"Corefile": text}}
        self.api("PATCH", CONFIGMAP, patch, content_type="application/merge-patch+json")

    def settle(self, text: str, *, timeout: float = 60) -> None:
        """Wait until every replica serves this text, which must be live. Raises TimeoutError, or RuntimeError if
        CoreDNS refuses the text."""
        with entered():
            rollout.settle(text, timeout=timeout)

    def reset(self, text: str = HEALTHY) -> None:
        """The ConfigMap (labels, annotations and other keys too) and the Deployment as new, two replicas serving
        `text`."""
        with entered():
            rollout.reset(configmap(text))

    def pods(self) -> list[tuple[str, str]]:
        """(name, IP) of every CoreDNS replica."""
        with entered():
            return [(pod["metadata"]["name"], pod["status"].get("podIP", "")) for pod in rollout.replicas()]

    def ask(self, ip: str, name: str, qtype: str, *, tcp: bool = False) -> tuple[int, list[str]]:
        """(rcode, answers) to one DNS question from the node. Raises OSError when nobody answers within 3 s."""
        with entered():
            return dns.ask(ip, name, qtype, tcp=tcp)

    def musl(self, name: str, family: str = "unspec") -> MuslResult:
        """getaddrinfo in the musl pod; family is unspec, inet or inet6."""
        for _ in range(_EXECS):
            done = self.exec_musl(["/getaddrinfo", name, family])
            line = _MUSL_LINE.match(done.stdout.decode())
            if done.stdout or done.stderr:
                break
        if not line:
            raise RuntimeError(f"getaddrinfo in the musl pod: {done.returncode} {done.stdout!r} {done.stderr!r}")
        code, text, _, addresses = line.groups()
        return MuslResult(int(code), text, tuple(filter(None, addresses.split(","))))

    def exec_musl(self, argv: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        """Run a program in the musl pod, through containerd rather than the API server (no websockets needed)."""
        pod = self.api("GET", "/api/v1/namespaces/default/pods/musl")
        container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
        name = f"test-{secrets.token_hex(4)}"
        # --fifo-dir: ctr's own default lies outside what containerd and the host both see.
        command = [*CTR, "tasks", "exec", "--fifo-dir", str(STATE / "fifo"), "--exec-id", name, container, *argv]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def pid(self, namespace: str, pod: str) -> int:
        """The first process of a pod's only container."""
        status = self.api("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}")["status"]["containerStatuses"][0]
        container = status["containerID"].removeprefix("containerd://")
        done = self.run([*CTR, "tasks", "list"])
        return next(int(line.split()[1]) for line in done.stdout.decode().splitlines() if line.startswith(container))

    def restricted(self, rules: list[Json], namespace: str = "kube-system") -> Path:
        """A kubeconfig for a new ServiceAccount that may do exactly this (RBAC rules) in this namespace."""
        name = f"restricted-{secrets.token_hex(4)}"
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        self.api("POST", accounts, {"metadata": {"name": name}})
        self.api("POST", f"{rbac}/roles", {"metadata": {"name": name}, "rules": rules})
        self.api("POST", f"{rbac}/rolebindings", {"metadata": {"name": name}, "roleRef": role, "subjects": [subject]})
        token = self.api("POST", f"{accounts}/{name}/token", {"spec": {"expirationSeconds": 7200}})
        return config.kubeconfig(STATE / f"{name}.kubeconfig", token["status"]["token"])

    def stop_apiserver(self, *, hang: bool = False) -> None:
        """Kill the API server (connections are refused), or with `hang` freeze it (they time out)."""
        if hang:
            processes.send(processes.recorded()[_APISERVER], signal.SIGSTOP)
        else:
            processes.stop(_APISERVER, patience=0)

    def start_apiserver(self) -> None:
        """Undo `stop_apiserver`, and wait until the API server is ready again.

        Those who lost it start afresh: each failure doubles the time until they try again, up to many minutes.
        """
        process = processes.recorded().get(_APISERVER)
        if process and processes.alive(process):
            processes.send(process, signal.SIGCONT)
        else:
            components.start(_APISERVER)
        with entered():
            processes.wait("the API server", rollout.apiserver_ready, timeout=60)
        for name in ("kube-controller-manager", "kube-proxy"):
            processes.stop(name, patience=5)
            components.start(name)
