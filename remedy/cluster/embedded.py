"""A cluster inside this process: a ConfigMap in memory and replicas that answer real DNS on loopback from the Corefile they have loaded.

It stands behind the same Door as a real one, for `--demo` and for fast tests. Like real replicas these reload one after the other, and
keep serving the old text when the new one does not load.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from remedy import wire
from remedy.answers.model import Kind, reply
from remedy.cluster.door import ConfigMap, Json, Replica
from remedy.cluster.embedded_jobs import Jobs, pod_json, refusal
from remedy.corefile.hash import reload_hash
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, ConflictError

INCIDENT = """\
.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    # no IPv6 in this cluster
    template ANY AAAA {
        rcode NXDOMAIN
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload 2s 1s
    loadbalance
}
"""
# What stands behind the embedded CoreDNS: the cluster's own Service and an external name with an A record only.
WORLD: dict[str, Kind] = {"kubernetes.default.svc.cluster.local.": "v4", "shop.example.cn.": "v4", "dual.example.cn.": "dual"}
_ADDRESS = {"A": "203.0.113.7", "AAAA": "2001:db8::7"}
_FIRST_RELOAD, _NEXT_RELOAD = 0.6, 0.8  # seconds after a write; real replicas need a kubelet's sync and a reload interval


class EmbeddedCluster:
    """Usable as a context manager; its servers stop at the end. `state` is a file that carries the text from one command to the next."""

    def __init__(self, corefile: str = INCIDENT, *, state: Path | None = None, count: int = 2) -> None:
        self.context = "demo"
        self._state = state
        self._count = count
        self._pods: list[_Pod] = []
        self._jobs = Jobs(_Pod)
        version = 1
        if state and state.exists():
            saved = json.loads(state.read_text("utf-8"))
            corefile, version = saved["corefile"], saved["version"]
        data = {"Corefile": corefile, "NodeHosts": "198.18.255.1 node\n"}
        self._configmap = ConfigMap("kube-system", "coredns", "00000000-0000-4000-8000-00000000d340", str(version), data)

    def __enter__(self) -> EmbeddedCluster:
        self._pods = [_Pod(f"coredns-{place}", parse(self._configmap.data["Corefile"])) for place in range(1, self._count + 1)]
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.stop()
        for pod in self._pods:
            pod.stop()

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        if (namespace, name) != (self._configmap.namespace, self._configmap.name):
            raise ClusterError(f"not found: get configmaps/{name} in {namespace}", "name it: --namespace NAMESPACE --configmap NAME")
        return self._configmap

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> ConfigMap:
        live = self.configmap(namespace, name)
        now = {"/metadata/uid": live.uid, **{f"/data/{key}": text for key, text in live.data.items()}}
        for operation in operations:
            if operation["op"] == "test" and now.get(operation["path"]) != operation["value"]:
                raise ConflictError(f"{namespace}/{name} changed meanwhile")
            if operation["op"] == "replace":
                now[operation["path"]] = operation["value"]
        data = {key: now[f"/data/{key}"] for key in live.data}
        self._configmap = live._replace(data=data, resource_version=str(int(live.resource_version) + 1))
        if self._state:
            self._state.parent.mkdir(parents=True, exist_ok=True)
            self._state.write_text(json.dumps({"corefile": data["Corefile"], "version": int(self._configmap.resource_version)}), "utf-8")
        for place, pod in enumerate(self._pods):
            pod.reload(data["Corefile"], _FIRST_RELOAD + place * _NEXT_RELOAD)
        return self._configmap

    def replicas(self, namespace: str) -> tuple[Replica, ...]:
        return tuple(Replica(pod.name, pod.port, ready=True) for pod in self._pods) if namespace == self._configmap.namespace else ()

    @contextmanager
    def dial(self, _namespace: str, replica: Replica) -> Iterator[wire.Stream]:
        server = self._jobs.server(replica.name)  # every pod here has a port of its own
        with socket.create_connection(("127.0.0.1", server.port if server else replica.port), timeout=5) as stream:
            yield stream

    def read(self, resource: str, namespace: str, name: str) -> Json:
        if (resource, namespace, name) == ("configmaps", self._configmap.namespace, self._configmap.name):
            metadata = {"namespace": namespace, "name": name, "uid": self._configmap.uid}
            return {"metadata": metadata, "data": dict(self._configmap.data)}
        if resource == "pods" and name in [pod.name for pod in self._pods]:
            return pod_json(name, namespace, self._configmap.name, {"running": {}})
        raise ClusterError(f"not found: get {resource}/{name} in {namespace}")

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        return self._jobs.select(resource, namespace, labels)[: limit or None]

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        return self._jobs.create(resource, namespace, body)

    def delete(self, resource: str, namespace: str, name: str) -> None:
        self._jobs.delete(resource, namespace, name)

    def complaints(self, _namespace: str, _name: str) -> tuple[str, ...]:
        return ()

    def log(self, namespace: str, pod: str, _container: str) -> str:
        raise ClusterError(f"not found: get pods/log in {namespace}: the demonstration's pod {pod} writes none")

    def pod_get(self, namespace: str, pod: str, _port: int, _path: str) -> str:
        for each in self._pods:
            if each.name == pod:
                return each.metrics()
        raise ClusterError(f"not found: get pods/proxy in {namespace}")


class _Pod:
    """One replica: a DNS server over TCP on a loopback port of its own."""

    def __init__(self, name: str, corefile: Corefile) -> None:
        self.name = name
        self._loads: list[tuple[float, Corefile]] = [(0.0, corefile)]
        self._failed = 0
        self._server = _Server(("127.0.0.1", 0), self)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=name, daemon=True).start()

    def reload(self, text: str, delay: float) -> None:
        """Load the text after `delay` seconds, if CoreDNS would load it."""
        if refusal(text):
            self._failed += 1
        else:
            self._loads.append((time.monotonic() + delay, parse(text)))

    def metrics(self) -> str:
        """What the reload plugin counts, as the prometheus plugin would serve it."""
        loaded = [corefile for at, corefile in self._loads if at <= time.monotonic()]
        value = reload_hash(loaded[-1].text) if len(loaded) > 1 else ""
        version = f'coredns_reload_version_info{{hash="sha512",value="{value}"}} 1\n' if value else ""
        return f"coredns_reload_failed_total {self._failed}\n{version}"

    def answer(self, query: bytes) -> bytes:
        name, type_ = wire.question_of(query)
        corefile = [loaded for at, loaded in self._loads if at <= time.monotonic()][-1]
        found = reply(corefile, name, type_, WORLD)
        if found.unknown:
            return wire.response_to(query, "SERVFAIL")
        if found.verdict == "drop":
            raise wire.WireError("CoreDNS would not answer")
        return wire.response_to(query, found.rcode, (_ADDRESS[type_],) if found.has_records else ())

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], pod: _Pod) -> None:
        self.pod = pod
        super().__init__(address, _Handler)


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.request.settimeout(30)
        try:
            while True:
                wire.send(self.request, self.server.pod.answer(wire.receive(self.request)))
        except (OSError, wire.WireError):
            return
