"""A cluster inside this process: a ConfigMap in memory and replicas that answer real DNS on loopback from the Corefile they have loaded.

It stands behind the same Door as a real one, for `--demo` and for fast tests. Like real replicas these reload one after the other, and
keep serving the old text when the new one does not load.
"""

from __future__ import annotations

import json
import posixpath
import socket
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from remedy import wire
from remedy.answers.model import Kind, reply
from remedy.cluster.discover import replicas
from remedy.cluster.door import ConfigMap, Json, Replica
from remedy.cluster.embedded_jobs import Jobs, pod_json, refusal
from remedy.cluster.objects import Objects
from remedy.corefile.hash import reload_hash
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, ConflictError, ParseError

NAMESPACE = "kube-system"
CUSTOM = "coredns-custom"
_FOLDER = "/etc/coredns/custom"
_NO_FILES: Mapping[str, str] = MappingProxyType({})
_LABELS = {"k8s-app": "kube-dns"}
_ANNOTATION = "/metadata/annotations/"
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
    """Usable as a context manager; its servers stop at the end. `state` is a file that carries the text from one command to the next.

    `custom` are the keys of `coredns-custom`, which the Corefile may import from `custom`; without it there is none.
    """

    def __init__(
        self,
        corefile: str = INCIDENT,
        *,
        state: Path | None = None,
        count: int = 2,
        user: str = "demo",
        custom: Mapping[str, str] | None = None,
    ) -> None:
        self.context = "demo"
        self._user = user
        self._state = state
        self._count = count
        self._pods: list[_Pod] = []
        self._objects = Objects()
        self._written = threading.Condition()
        self._jobs = Jobs(self._objects, _Pod)
        version = 1
        if state and state.exists():
            saved = json.loads(state.read_text("utf-8"))
            corefile, version = saved["corefile"], saved["version"]
        data = {"Corefile": corefile, "NodeHosts": "198.18.255.1 node\n"}
        self._configmap = ConfigMap("kube-system", "coredns", "00000000-0000-4000-8000-00000000d340", str(version), data)
        self._custom = ConfigMap("kube-system", CUSTOM, "00000000-0000-4000-8000-00000000d341", "1", custom) if custom else None

    def __enter__(self) -> EmbeddedCluster:
        self._pods = [self._pod(f"coredns-{place}") for place in range(1, self._count + 1)]
        strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}
        ports = [{"port": 53, "protocol": "TCP", "targetPort": "dns-tcp"}]
        put = self._objects.put
        put("services", NAMESPACE, "kube-dns", {"spec": {"selector": _LABELS, "ports": ports, "ipFamilies": ["IPv4"]}})
        put("deployments.apps", NAMESPACE, "coredns", {"spec": {"replicas": self._count, "strategy": strategy, "template": {}}})
        template = {"metadata": {"labels": _LABELS}, "spec": pod_json("", self._configmap.name, custom=self._imports)["spec"]}
        put("replicasets.apps", NAMESPACE, "coredns-rs", {"metadata": _owned("Deployment", "coredns"), "spec": {"template": template}})
        self._put_pods()
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.stop()
        for pod in self._pods:
            pod.stop()

    @property
    def _imports(self) -> str:
        """The ConfigMap that the pods see in the folder `custom`."""
        return self._custom.name if self._custom else ""

    def _files(self) -> dict[str, str]:
        return {f"{_FOLDER}/{key}": text for key, text in self._custom.data.items()} if self._custom else {}

    def _pod(self, name: str) -> _Pod:
        return _Pod(name, self._configmap.data["Corefile"], self._files())

    def _put_pods(self) -> None:
        """The pods among the objects are those that run."""
        running = {pod.name: pod for pod in self._pods}
        held = {each["metadata"]["name"] for each in self._objects.select("pods", NAMESPACE, "k8s-app=kube-dns")}
        for name in held - running.keys():
            self._objects.delete("pods", NAMESPACE, name)
        for name in running.keys() - held:
            metadata = {**_owned("ReplicaSet", "coredns-rs"), "labels": {**_LABELS, "pod-template-hash": "rs"}}
            body = {**pod_json(name, self._configmap.name, running[name].port, custom=self._imports), "metadata": metadata}
            self._objects.put("pods", NAMESPACE, name, body)

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        for each in (self._configmap, self._custom):
            if each and (namespace, name) == (each.namespace, each.name):
                return each
        raise ClusterError(f"not found: get configmaps/{name} in {namespace}", "name it: --namespace NAMESPACE --configmap NAME")

    def watch(self, namespace: str, name: str, version: str, seconds: float) -> bool:
        with self._written:
            return self._written.wait_for(lambda: self.configmap(namespace, name).resource_version != version, seconds)

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        live = self.configmap(namespace, name)
        now: dict[str, Any] = {"/metadata/uid": live.uid, "/metadata/annotations": live.annotations or None}
        now |= {f"/data/{key}": text for key, text in live.data.items()}
        annotations = dict(live.annotations)
        for operation in operations:
            path, value = operation["path"], operation["value"]
            if operation["op"] == "test" and now.get(path) != value:
                raise ConflictError(f"{namespace}/{name} changed meanwhile")
            if operation["op"] == "replace":
                now[path] = value
            elif operation["op"] == "add" and path.startswith(_ANNOTATION):
                annotations[path.removeprefix(_ANNOTATION).replace("~1", "/")] = value
        data = {key: now[f"/data/{key}"] for key in live.data}
        changed = live._replace(data=data, resource_version=str(int(live.resource_version) + 1), annotations=annotations)
        if dry_run:
            return changed
        if self._custom and name == self._custom.name:
            self._custom = changed
        else:
            self._configmap = changed
        with self._written:
            self._written.notify_all()
        text = self._configmap.data["Corefile"]
        if self._state:
            self._state.parent.mkdir(parents=True, exist_ok=True)
            self._state.write_text(json.dumps({"corefile": text, "version": int(self._configmap.resource_version)}), "utf-8")
        for place, pod in enumerate(self._pods):
            pod.reload(text, _FIRST_RELOAD + place * _NEXT_RELOAD, self._files())
        return changed

    def replicas(self, namespace: str, configmap: str = "") -> tuple[Replica, ...]:
        return replicas(self, namespace, configmap)

    @contextmanager
    def dial(self, _namespace: str, replica: Replica) -> Iterator[wire.Stream]:
        servers = (*(pod for pod in self._pods if pod.name == replica.name), self._jobs.server(replica.name))
        port = next((server.port for server in servers if server), replica.port)  # whatever port is meant: there is one for DNS and HTTP
        with socket.create_connection(("127.0.0.1", port), timeout=5) as stream:
            yield stream

    def read(self, resource: str, namespace: str, name: str) -> Json:
        if resource == "configmaps" and namespace == NAMESPACE and name in (self._configmap.name, self._imports):
            live = self.configmap(namespace, name)
            metadata = {"name": live.name, "namespace": live.namespace, "uid": live.uid, "annotations": dict(live.annotations)}
            return {"metadata": {**metadata, "resourceVersion": live.resource_version}, "data": dict(live.data)}
        return self._objects.read(resource, namespace, name)

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        if resource == "pods":
            self._put_pods()
            self._jobs.pods(namespace)
        return self._objects.select(resource, namespace, labels, limit=limit)

    def may(self, _verb: str, _resource: str, _namespace: str, _name: str = "") -> bool:
        return True

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        return self._objects.create(resource, namespace, body)

    def patch(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        changed = self._objects.patch(resource, namespace, name, body)
        if resource == "deployments.apps" and "template" in body.get("spec", {}):
            self._restart(changed)
        return changed

    def delete(self, resource: str, namespace: str, name: str) -> None:
        self._objects.delete(resource, namespace, name)

    def complaints(self, _namespace: str, _name: str) -> tuple[str, ...]:
        return ()

    def log(self, namespace: str, pod: str, _container: str) -> str:
        raise ClusterError(f"not found: get pods/log in {namespace}: the demonstration's pod {pod} writes none")

    def pod_get(self, namespace: str, pod: str, _port: int, _path: str) -> str:
        for each in self._pods:
            if each.name == pod:
                return each.metrics()
        raise ClusterError(f"not found: get pods/proxy in {namespace}")

    def user(self) -> str:
        return self._user

    def _restart(self, deployment: Json) -> None:
        """New pods in place of the old ones, at once."""
        for pod in self._pods:
            pod.stop()
            self._objects.delete("pods", NAMESPACE, pod.name)
        generation = str(deployment["metadata"]["resourceVersion"])
        self._pods = [self._pod(f"coredns-{generation}-{place}") for place in range(1, self._count + 1)]
        self._put_pods()
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), self._count)
        self._objects.patch("deployments.apps", NAMESPACE, "coredns", {"status": counts})


def _owned(kind: str, name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-of-{name}", "controller": True}]}


def _parsed(text: str, files: Mapping[str, str]) -> Corefile:
    return parse(text, path=f"{posixpath.dirname(_FOLDER)}/Corefile", files=files or None)._replace(files=files)


class _Pod:
    """One replica: a DNS server over TCP on a loopback port of its own, which shows its metrics to whoever speaks HTTP to it."""

    def __init__(self, name: str, text: str, files: Mapping[str, str] = _NO_FILES) -> None:
        self.name = name
        self._began = time.time()
        self._loads: list[tuple[float, Corefile]] = [(0.0, _parsed(text, files))]
        self._hashes: list[tuple[float, str, int]] = [(0.0, "", 0)]  # since when, the hash that is shown, reloads that failed
        self._server = _Server(("127.0.0.1", 0), self)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=name, daemon=True).start()

    def reload(self, text: str, delay: float, files: Mapping[str, str] = _NO_FILES) -> None:
        """Load the text, with what it imports of these files, after `delay` seconds.

        Only if CoreDNS would load it, and the text that runs by then has the plugin reload.
        """
        at = time.monotonic() + delay
        if not any(plugin.name.text == "reload" for _, plugin in self._loads[-1][1].walk()):
            return
        try:
            corefile = _parsed(text, files)
        except ParseError:
            return
        loads = not refusal(text, files)
        _, shown, failed = self._hashes[-1]
        hash_ = reload_hash(text, files=files)
        if hash_ == (shown or reload_hash(self._loads[-1][1].text, files=self._loads[-1][1].files)):
            return
        self._hashes.append((at, hash_, failed + (not loads)))
        if loads:
            self._loads.append((at, corefile))

    def answer(self, query: bytes) -> bytes:
        name, type_ = wire.question_of(query)
        corefile = [loaded for at, loaded in self._loads if at <= time.monotonic()][-1]
        found = reply(corefile, name, type_, WORLD)
        if found.unknown:
            return wire.response_to(query, "SERVFAIL")
        if found.verdict == "drop":
            raise wire.WireError("CoreDNS would not answer")
        return wire.response_to(query, found.rcode, (_ADDRESS[type_],) if found.has_records else ())

    def metrics(self) -> str:
        _, shown, failed = [each for each in self._hashes if each[0] <= time.monotonic()][-1]
        info = f'coredns_reload_version_info{{hash="sha512",value="{shown}"}} 1\n' if shown else ""
        return f"coredns_reload_failed_total {failed}\n{info}process_start_time_seconds {self._began}\n"

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
            if self.request.recv(4, socket.MSG_PEEK | socket.MSG_WAITALL) == b"GET ":
                body = self.server.pod.metrics().encode()
                self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                return
            while True:
                wire.send(self.request, self.server.pod.answer(wire.receive(self.request)))
        except (OSError, wire.WireError):
            return
