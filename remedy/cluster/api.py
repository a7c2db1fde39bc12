"""A real cluster behind the Door: the only user of the kubernetes client.

The client retries by itself what it thinks is safe; here that is switched off, because a write whose answer was lost must be looked
at, never sent again.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kubernetes import client, config
from kubernetes.stream import portforward
from urllib3.exceptions import HTTPError

from remedy.cluster.door import ConfigMap, Door, Json, Replica
from remedy.errors import ClusterError, ConflictError, UnknownOutcomeError
from remedy.wire import Stream

FIELD_MANAGER = "remedy"
SERVICE = "kube-dns"
_HANDSHAKE = re.compile(r"Handshake status (\d{3})")
_THREADS = "Kubernetes port forward"
# What the client calls a resource, and which of its classes knows it.
_KNOWN = {
    "configmaps": (client.CoreV1Api, "config_map"),
    "events": (client.CoreV1Api, "event"),
    "pods": (client.CoreV1Api, "pod"),
    "services": (client.CoreV1Api, "service"),
    "daemonsets.apps": (client.AppsV1Api, "daemon_set"),
    "deployments.apps": (client.AppsV1Api, "deployment"),
    "replicasets.apps": (client.AppsV1Api, "replica_set"),
    "statefulsets.apps": (client.AppsV1Api, "stateful_set"),
    "jobs.batch": (client.BatchV1Api, "job"),
}
_RETURN = TypeVar("_RETURN")


class ApiDoor:
    """A connection to one API server; `request_timeout` in seconds bounds every single call."""

    def __init__(self, context: str, api: client.CoreV1Api, request_timeout: float) -> None:
        self.context = context
        self._api = api
        self._timeout = request_timeout
        _hush_port_forward_threads()

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        found = self._call(
            f"get configmaps/{name} in {namespace}",
            lambda: self._api.read_namespaced_config_map(name, namespace, _request_timeout=self._timeout),
        )
        return _configmap(found)

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> ConfigMap:
        what = f"patch configmaps/{name} in {namespace}"
        try:
            found = self._call(
                what,
                lambda: self._api.patch_namespaced_config_map(
                    name,
                    namespace,
                    operations,
                    field_manager=FIELD_MANAGER,
                    _content_type="application/json-patch+json",
                    _request_timeout=self._timeout,
                ),
            )
        except _Refused as refused:
            if refused.status in (409, 422):
                if self._failed_test(namespace, name, operations):
                    raise ConflictError(f"{namespace}/{name} changed meanwhile") from None
                raise ClusterError(f"the API server will not take the change of {namespace}/{name}: {refused.reason}") from None
            if refused.status >= 500:
                raise UnknownOutcomeError(str(refused)) from None
            raise
        except _Unreachable as unreachable:
            raise UnknownOutcomeError(str(unreachable), unreachable.hint) from None
        return _configmap(found)

    def _failed_test(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> bool:
        """Both a failed `test` and an object that the server refuses come back as 422; what is live now tells which it was."""
        live = self.configmap(namespace, name)
        tests = {operation["path"]: operation["value"] for operation in operations if operation["op"] == "test"}
        now = {"/metadata/uid": live.uid, **{f"/data/{key}": text for key, text in live.data.items()}}
        return any(now.get(path) != value for path, value in tests.items())

    def replicas(self, namespace: str) -> tuple[Replica, ...]:
        service: Any = self._call(
            f"get services/{SERVICE} in {namespace}",
            lambda: self._api.read_namespaced_service(SERVICE, namespace, _request_timeout=self._timeout),
        )
        selector = ",".join(f"{label}={value}" for label, value in sorted((service.spec.selector or {}).items()))
        if not selector:
            raise ClusterError(f"the Service {namespace}/{SERVICE} selects no pods", "remedy cannot tell which pods answer DNS here")
        target = next((port.target_port for port in service.spec.ports if port.protocol == "TCP" and port.port == 53), 53)
        pods: Any = self._call(
            f"list pods in {namespace}",
            lambda: self._api.list_namespaced_pod(namespace, label_selector=selector, _request_timeout=self._timeout),
        )
        alive = [pod for pod in pods.items if pod.metadata.deletion_timestamp is None and pod.status.phase == "Running"]
        return tuple(sorted((Replica(pod.metadata.name, _port(pod, target), _ready(pod)) for pod in alive), key=lambda each: each.name))

    @contextmanager
    def dial(self, namespace: str, replica: Replica) -> Iterator[Stream]:
        what = f"create pods/portforward in {namespace}"
        open_pod = self._api.connect_get_namespaced_pod_portforward
        forward = self._call(what, lambda: self._within(lambda: portforward(open_pod, replica.name, namespace, ports=str(replica.port))))
        try:
            stream = forward.socket(replica.port)
            stream.settimeout(self._timeout)
            yield stream
        finally:
            forward.close()
            # The client leaves its socket open where the other side ended first; its thread must be done before another closes it.
            weakref.finalize(forward, forward.websocket.shutdown).atexit = False

    def read(self, resource: str, namespace: str, name: str) -> Json:
        found: Json = self._json(f"get {resource}/{name} in {namespace}", self._method("read", resource), name, namespace)
        return found

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        options = {"label_selector": labels or None, "limit": limit or None}
        return tuple(self._json(f"list {resource} in {namespace}", self._method("list", resource), namespace, **options)["items"])

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        what = f"create {resource} in {namespace}"
        made: Json = self._json(what, self._method("create", resource), namespace, body, field_manager=FIELD_MANAGER)
        return made

    def delete(self, resource: str, namespace: str, name: str) -> None:
        what = f"delete {resource}/{name} in {namespace}"
        try:
            self._raw(what, self._method("delete", resource), name, namespace, propagation_policy="Background")
        except _Refused as refused:
            if refused.status != 404:
                raise

    def complaints(self, namespace: str, name: str) -> tuple[str, ...]:
        fields = f"involvedObject.name={name},type=Warning"
        found = self._json(f"list events in {namespace}", self._method("list", "events"), namespace, field_selector=fields)["items"]
        return tuple(
            each.get("message", "") for each in sorted(found, key=lambda each: each["metadata"].get("resourceVersion", "").zfill(20))
        )

    def log(self, namespace: str, pod: str, container: str) -> str:
        what = f"get pods/log in {namespace}"
        return self._raw(what, self._api.read_namespaced_pod_log, pod, namespace, container=container).decode("utf-8", "replace")

    def pod_get(self, namespace: str, pod: str, port: int, path: str) -> str:
        what = f"get pods/proxy in {namespace}"
        get = self._api.connect_get_namespaced_pod_proxy_with_path
        return self._raw(what, get, f"{pod}:{port}", namespace, path.removeprefix("/")).decode("utf-8", "replace")

    def _method(self, verb: str, resource: str) -> Callable[..., Any]:
        kind, noun = _KNOWN[resource]
        method: Callable[..., Any] = getattr(kind(self._api.api_client), f"{verb}_namespaced_{noun}")
        return method

    def _json(self, what: str, method: Callable[..., Any], *words: Any, **options: Any) -> Any:
        return json.loads(self._raw(what, method, *words, **options))

    def _raw(self, what: str, method: Callable[..., Any], *words: Any, **options: Any) -> bytes:
        """The body as the API server sent it: the client's own objects leave out whatever is newer than the client."""
        given = {name: value for name, value in options.items() if value is not None}
        return self._call(what, lambda: bytes(method(*words, **given, _preload_content=False, _request_timeout=self._timeout).data))

    def _within(self, call: Callable[[], Any]) -> Any:
        """The connection that a call opens; TimeoutError if it takes too long, for the client opens websockets without a limit.

        The thread is left; should it still get its connection, it closes it.
        """
        done: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()
        given_up = threading.Event()

        def work() -> None:
            try:
                done.put((call(), None))
            except Exception as error:
                done.put((None, error))
            if given_up.is_set():
                close()

        def close() -> None:
            with contextlib.suppress(queue.Empty):
                connection, _ = done.get_nowait()
                if connection is not None:
                    connection.close()

        threading.Thread(target=work, name=_THREADS, daemon=True).start()
        try:
            connection, error = done.get(timeout=self._timeout)
        except queue.Empty:
            given_up.set()
            close()
            raise TimeoutError("timed out") from None
        if error is not None:
            raise error
        return connection

    def _call(self, what: str, call: Callable[[], _RETURN]) -> _RETURN:
        try:
            return call()
        except client.ApiException as error:
            raise self._refusal(what, error) from None
        except (HTTPError, OSError, config.ConfigException) as error:
            raise _Unreachable(
                f"{self._server()} does not answer ({what}): {_plain(error)}", "is the cluster up, and is this the right --context?"
            ) from None

    def _refusal(self, what: str, error: client.ApiException) -> ClusterError:
        status, reason = error.status or 0, _reason(error)
        if status == 0:
            handshake = _HANDSHAKE.search(reason)
            if handshake is None:
                return _Unreachable(
                    f"{self._server()} does not answer ({what}): {reason}", "is the cluster up, and is this the right --context?"
                )
            status = int(handshake[1])
        if status == 401:
            return _Refused(
                status, reason, f"{self._server()} does not accept these credentials ({what})", "log in again, or pass --context"
            )
        if status == 403 and "is forbidden: " in reason and " cannot " not in reason:  # admission (a quota, a policy), not a missing right
            return _Refused(status, reason, f"the API server refused to {what}: {reason}", "")
        if status == 403:
            return _Refused(status, reason, f"not allowed: {what}", f"a Role in that namespace must grant it: {_role_rule(what)}")
        if status == 404:
            service = "remedy finds the replicas through that Service; without it there is nobody to ask whether a change has arrived"
            hint = service if "services/" in what else "name it: --namespace NAMESPACE --configmap NAME"
            return _Refused(status, reason, f"not found: {what}", hint)
        return _Refused(status, reason, f"the API server refused to {what}: {status} {reason}", "")

    def _server(self) -> str:
        return f"the API server of context {self.context}"


class _Refused(ClusterError):
    """The API server answered with an error status."""

    def __init__(self, status: int, reason: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason


class _Unreachable(ClusterError):
    """No answer came; whether the request was carried out is not known."""


def connect(*, kubeconfig: str | None = None, context: str | None = None, request_timeout: float = 10.0) -> Door:
    """The cluster of a kubeconfig's context, or, without a kubeconfig and inside a pod, the pod's own."""
    configuration = client.Configuration()
    name = context or ""
    try:
        if not (kubeconfig or context) and _in_cluster():
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            name = "in-cluster"
        else:
            contexts, current = config.list_kube_config_contexts(config_file=kubeconfig)  # type: ignore[no-untyped-call]
            name = context or current["name"]
            if name not in [each["name"] for each in contexts]:
                known = ", ".join(each["name"] for each in contexts)
                raise ClusterError(f"no context {name} in the kubeconfig (there are: {known})", "pass one of them: --context NAME")
            config.load_kube_config(  # type: ignore[no-untyped-call]
                config_file=kubeconfig, context=name, client_configuration=configuration, persist_config=False
            )
    except ClusterError:
        raise
    except Exception as error:  # a damaged kubeconfig comes out of the client as whatever broke: YAML, a missing key, base64
        said = " ".join(str(error).split()) or type(error).__name__
        raise ClusterError(
            f"no usable kubeconfig: {said}",
            "pass one: --kubeconfig FILE, or set KUBECONFIG; a file needs none: remedy diff FILE",
        ) from None
    configuration.retries = False
    return ApiDoor(name, client.CoreV1Api(client.ApiClient(configuration)), request_timeout)


def _in_cluster() -> bool:
    return (
        "KUBERNETES_SERVICE_HOST" in os.environ
        and not os.environ.get("KUBECONFIG")
        and not os.path.exists(os.path.expanduser("~/.kube/config"))
    )


def _configmap(found: Any) -> ConfigMap:
    metadata = found.metadata
    return ConfigMap(metadata.namespace, metadata.name, metadata.uid, metadata.resource_version, found.data or {})


def _port(pod: Any, target: Any) -> int:
    """A Service's target port, which may be the name of a container port."""
    if isinstance(target, int) or str(target).isdigit():
        return int(target)
    ports = [port for container in pod.spec.containers for port in container.ports or ()]
    return next((int(port.container_port) for port in ports if port.name == target), 53)


def _ready(pod: Any) -> bool:
    return any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions or ())


def _reason(error: client.ApiException) -> str:
    """The server's own sentence, which stands in the Status object it sends."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason)


def _role_rule(what: str) -> str:
    """`get configmaps/coredns in kube-system` as a rule of a Role."""
    verb, resource = what.split(" ")[:2]
    kind, _, name = resource.partition("/")
    if kind == "pods" and name == "portforward":
        return 'apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"]'
    if kind == "pods" and name in ("log", "proxy"):
        return f'apiGroups: [""], resources: ["{resource}"], verbs: ["{verb}"]'
    plural, _, group = kind.partition(".")
    names = f', resourceNames: ["{name}"]' if name else ""
    return f'apiGroups: ["{group}"], resources: ["{plural}"]{names}, verbs: ["{verb}"]'


def _plain(error: BaseException) -> str:
    """The innermost cause, without Python's wrapping."""
    while inner := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = inner
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


def _hush_port_forward_threads() -> None:
    """The client's port-forward threads print a traceback when a connection breaks; the caller sees the broken stream anyway."""
    report = threading.excepthook

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if not (arguments.thread and arguments.thread.name.startswith(_THREADS)):
            report(arguments)

    threading.excepthook = hook
