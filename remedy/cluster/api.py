"""A real cluster behind the Door: the only user of the kubernetes client.

The client retries by itself what it thinks is safe; here that is switched off, because a write whose answer was lost must be looked
at, never sent again.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from kubernetes import client, config
from kubernetes.stream import portforward
from kubernetes.stream.ws_client import PortForward
from urllib3.exceptions import HTTPError

from remedy.cluster.discover import replicas
from remedy.cluster.door import ConfigMap, Door, Json, Replica
from remedy.cluster.refusals import AGAIN, Refused, Unreachable, not_stored, refusal, unanswered
from remedy.errors import ClusterError, ConflictError, InputError, UnknownOutcomeError
from remedy.wire import Stream

FIELD_MANAGER = "remedy"
_IMPERSONATE = "Impersonate-User"
_CHANNELS = "v4.channel.k8s.io"
_THREADS = "Kubernetes port forward"
_ANSWER_SECONDS = 3.0  # for a replica's word; one that is frozen must not keep remedy from looking at the others
_GONE = 410
_TRIES = 4
_GRACE_SECONDS = 0.5  # the client's own limits come first: they know better what is wrong
_WRITE_TIMES = 3
_LONGEST_PAUSE = 10.0  # seconds; a server that asks for more is not waited for so long
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
    "endpointslices.discovery.k8s.io": (client.DiscoveryV1Api, "endpoint_slice"),
    "jobs.batch": (client.BatchV1Api, "job"),
    "leases.coordination.k8s.io": (client.CoordinationV1Api, "lease"),
}
_RETURN = TypeVar("_RETURN")


class ApiDoor:
    """A connection to one API server; `request_timeout` in seconds bounds every single call; with `user`, all is asked as that user."""

    def __init__(self, context: str, configuration: client.Configuration, request_timeout: float, user: str = "") -> None:
        self.context = context
        self._api = client.CoreV1Api(client.ApiClient(configuration))
        self._timeout = request_timeout
        # A port-forward changes its client for as long as it connects; one that hangs must not change that of the other calls.
        self._dialer = client.CoreV1Api(client.ApiClient(configuration))
        self._user = _in_a_header(user)
        if user:
            self._api.api_client.set_default_header(_IMPERSONATE, user)
            # The client builds a websocket's handshake of two headers alone, authorization and this one (kubernetes/stream/ws_client.py,
            # create_websocket), and has no place for a third. This one's second line is a third.
            self._dialer.api_client.set_default_header("sec-websocket-protocol", f"{_CHANNELS}\r\n{_IMPERSONATE}: {user}")
        _hush_port_forward_threads()

    def configmap(self, namespace: str, name: str) -> ConfigMap:
        found = self._call(
            f"get configmaps/{name} in {namespace}",
            lambda: self._api.read_namespaced_config_map(name, namespace, _request_timeout=self._timeout),
        )
        return _configmap(found)

    def watch(self, namespace: str, name: str, version: str, seconds: float) -> bool:
        options: dict[str, Any] = {"watch": True, "resource_version": version, "field_selector": f"metadata.name={name}"}
        options |= {"timeout_seconds": max(1, int(seconds)), "_preload_content": False}

        def listen() -> bool:
            limits = (self._timeout, seconds + self._timeout)
            response: Any = self._api.list_namespaced_config_map(namespace, **options, _request_timeout=limits)
            try:  # any event will do: bookmarks were not asked for, and an error is a reason to look, too
                return any(chunk.strip() for chunk in response.stream(1 << 16))
            finally:
                response.close()

        try:
            whole = seconds + self._timeout + _GRACE_SECONDS
            return self._once(f"watch configmaps/{name} in {namespace}", lambda: self._within(whole, listen))
        except Refused as refused:
            if refused.status == _GONE:
                return True
            raise

    def patch_configmap(self, namespace: str, name: str, operations: list[dict[str, Any]], *, dry_run: bool = False) -> ConfigMap:
        what = f"patch configmaps/{name} in {namespace}"
        admitted: dict[str, Any] = {"dry_run": "All"} if dry_run else {}
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
                    **admitted,
                ),
                again=AGAIN if dry_run else (429,),
            )
        except Refused as refused:
            if refused.status in (409, 422):
                if refused.status == 409 or self._failed_test(namespace, name, operations):
                    raise ConflictError(f"{namespace}/{name} changed meanwhile") from None
                what = f"the API server will not take the change of {namespace}/{name}: {refused.reason}"
                raise Refused(refused.status, refused.reason, what, not_stored(refused.reason)) from None
            if refused.status >= 500 and not dry_run:
                raise UnknownOutcomeError(str(refused)) from None
            raise
        except Unreachable as unreachable:
            if dry_run:
                raise
            raise UnknownOutcomeError(str(unreachable), unreachable.hint) from None
        return _configmap(found)

    def _failed_test(self, namespace: str, name: str, operations: list[dict[str, Any]]) -> bool:
        """Both a failed `test` and an object that the server refuses come back as 422; what is live now tells which it was."""
        live = self.configmap(namespace, name)
        tests = {operation["path"]: operation["value"] for operation in operations if operation["op"] == "test"}
        now = {"/metadata/uid": live.uid, **{f"/data/{key}": text for key, text in live.data.items()}}
        return any(now.get(path) != value for path, value in tests.items())

    def replicas(self, namespace: str, configmap: str = "") -> tuple[Replica, ...]:
        return replicas(self, namespace, configmap)

    @contextmanager
    def dial(self, namespace: str, replica: Replica) -> Iterator[Stream]:
        what = f"create pods/portforward in {namespace}"
        open_pod = self._dialer.connect_get_namespaced_pod_portforward
        forward = self._call(what, lambda: portforward(open_pod, replica.name, namespace, ports=str(replica.port)))
        try:
            stream = forward.socket(replica.port)
            stream.settimeout(min(self._timeout, _ANSWER_SECONDS))
            yield stream
        finally:
            forward.close()
            # The client leaves its socket open where the other side ended first; its thread must be done before another closes it.
            weakref.finalize(forward, forward.websocket.shutdown).atexit = False

    def read(self, resource: str, namespace: str, name: str) -> Json:
        found: Json = self._json(f"get {resource}/{name} in {namespace}", self._method("read", resource), name, namespace)
        return found

    def select(self, resource: str, namespace: str, labels: str = "", *, limit: int = 0) -> tuple[Json, ...]:
        select, what = self._method("list", resource), f"list {resource} in {namespace}"
        return tuple(self._json(what, select, namespace, label_selector=labels or None, limit=limit or None)["items"])

    def may(self, verb: str, resource: str, namespace: str, name: str = "") -> bool:
        whole, _, subresource = resource.partition("/")
        plural, _, group = whole.partition(".")
        attributes = client.V1ResourceAttributes(
            verb=verb, group=group, resource=plural, subresource=subresource, namespace=namespace, name=name
        )
        review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
        api = client.AuthorizationV1Api(self._api.api_client)
        what = "create selfsubjectaccessreviews.authorization.k8s.io"
        return bool(self._json(what, api.create_self_subject_access_review, review)["status"]["allowed"])

    def create(self, resource: str, namespace: str, body: Json) -> Json:
        what = f"create {resource} in {namespace}"
        made: Json = self._json(what, self._method("create", resource), namespace, body, again=(429,), field_manager=FIELD_MANAGER)
        return made

    def patch(self, resource: str, namespace: str, name: str, body: Json) -> Json:
        what = f"patch {resource}/{name} in {namespace}"
        merge = {"field_manager": FIELD_MANAGER, "_content_type": "application/merge-patch+json"}
        changed: Json = self._json(what, self._method("patch", resource), name, namespace, body, again=(429,), **merge)
        return changed

    def delete(self, resource: str, namespace: str, name: str) -> None:
        what = f"delete {resource}/{name} in {namespace}"
        try:
            self._raw(what, self._method("delete", resource), name, namespace, again=(429,), propagation_policy="Background")
        except Refused as refused:
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

    def user(self) -> str:
        seen = self._seen(self._api.api_client)
        if not self._user:
            return seen
        behind = self._seen(client.ApiClient(self._api.api_client.configuration))
        return f"{seen or self._user}, impersonated by {behind or 'somebody whom the API server does not name'}"

    def _seen(self, asking: client.ApiClient) -> str:
        """Who asks, as the API server sees it."""
        api = client.AuthenticationV1Api(asking)
        what = "create selfsubjectreviews.authentication.k8s.io"
        try:
            return str(self._json(what, api.create_self_subject_review, client.V1SelfSubjectReview())["status"]["userInfo"]["username"])
        except ClusterError:  # Kubernetes before 1.28, or a Role that took it away from everybody
            return ""

    def _method(self, verb: str, resource: str) -> Callable[..., Any]:
        kind, noun = _KNOWN[resource]
        method: Callable[..., Any] = getattr(kind(self._api.api_client), f"{verb}_namespaced_{noun}")
        return method

    def _json(self, what: str, method: Callable[..., Any], *words: Any, again: tuple[int, ...] = AGAIN, **options: Any) -> Any:
        return json.loads(self._raw(what, method, *words, again=again, **options))

    def _raw(self, what: str, method: Callable[..., Any], *words: Any, again: tuple[int, ...] = AGAIN, **options: Any) -> bytes:
        """The body as the API server sent it: the client's own objects leave out whatever is newer than the client."""
        given = {name: value for name, value in options.items() if value is not None}
        given |= {"_preload_content": False, "_request_timeout": self._timeout}
        return self._call(what, lambda: bytes(method(*words, **given).data), again=again)

    def _within(self, seconds: float, call: Callable[[], _RETURN]) -> _RETURN:
        """What a call returns; TimeoutError if it takes too long.

        The client's own limit is for the next byte: a body may come drop by drop for ever, and a websocket has no limit at all. The thread
        is left; should it still get a connection, it closes it.
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
                left, _ = done.get_nowait()
                if isinstance(left, PortForward):
                    left.close()  # type: ignore[no-untyped-call]

        threading.Thread(target=work, name=_THREADS, daemon=True).start()
        try:
            found, error = done.get(timeout=seconds)
        except queue.Empty:
            given_up.set()
            close()
            raise TimeoutError("timed out") from None
        if error is not None:
            raise error
        return cast(_RETURN, found)

    def _call(self, what: str, call: Callable[[], _RETURN], *, again: tuple[int, ...] = AGAIN) -> _RETURN:
        """The call; sent again, a few times and not before the server wants it, where it is refused with one of these statuses.

        A write passes 429 alone: that is refused before anything is done, while behind a 5xx it may have been.
        """
        # A write that is given up must be on its way by then, or it could come after the look at what is live.
        seconds = self._timeout * (1 if again == AGAIN else _WRITE_TIMES) + _GRACE_SECONDS
        for left in reversed(range(_TRIES)):
            try:
                return self._once(what, lambda: self._within(seconds, call))
            except Refused as refused:
                if refused.status not in again or not left or refused.pause > _LONGEST_PAUSE:
                    raise
                time.sleep(refused.pause * random.uniform(1, 1.25))
        raise AssertionError("the last try returns or raises")

    def _once(self, what: str, call: Callable[[], _RETURN]) -> _RETURN:
        try:
            return call()
        except client.ApiException as error:
            status, reason = error.status or 0, _reason(error)
            raise refusal(self._server(), what, status, reason, user=self._user, pause=_pause(error)) from None
        except (HTTPError, OSError, config.ConfigException) as error:
            raise unanswered(self._server(), what, _plain(error)) from None
        except ValueError as error:  # the client insists on fields that its authors took for required
            reason = " ".join(str(error).split())[:200]
            raise Unreachable(f"{self._server()} sent what the kubernetes client cannot read ({what}): {reason}") from None

    def _server(self) -> str:
        return f"the API server of context {self.context}"


def contexts(kubeconfig: str | None = None) -> tuple[tuple[str, ...], str]:
    """The names of the contexts of a kubeconfig, and of its current one. ClusterError where it cannot be read."""
    try:
        found, current = config.list_kube_config_contexts(config_file=kubeconfig)  # type: ignore[no-untyped-call]
        return tuple(str(each["name"]) for each in found), str(current["name"]) if current else ""
    except Exception as error:  # as in `connect`
        if not kubeconfig and _in_cluster():
            return ("in-cluster",), "in-cluster"
        said = " ".join(str(error).split()) or type(error).__name__
        raise ClusterError(f"no usable kubeconfig: {said}", "pass one: --kubeconfig FILE, or set KUBECONFIG") from None


def connect(*, kubeconfig: str | None = None, context: str | None = None, request_timeout: float = 10.0, user: str = "") -> Door:
    """The cluster of a kubeconfig's context, or, without a kubeconfig and inside a pod, the pod's own; asked as `user`, if one is named."""
    _in_a_header(user)  # said before anything else is read
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
    return ApiDoor(name, configuration, request_timeout, user)


def _in_a_header(user: str) -> str:
    """The user, as the value of a header; InputError where it would end the line, or come to the server as another."""
    if user.isascii() and user.isprintable() and user == user.strip():
        return user
    why = "a user's name in a header is printable ASCII, with no space at its ends"
    raise InputError(f"{user!r} cannot be impersonated: {why}", "a name with others in it needs a context of its own: --context")


def _in_cluster() -> bool:
    return (
        "KUBERNETES_SERVICE_HOST" in os.environ
        and not os.environ.get("KUBECONFIG")
        and not os.path.exists(os.path.expanduser("~/.kube/config"))
    )


def _configmap(found: Any) -> ConfigMap:
    metadata = found.metadata
    return ConfigMap(
        metadata.namespace, metadata.name, metadata.uid, metadata.resource_version, found.data or {}, metadata.annotations or {}
    )


def _reason(error: client.ApiException) -> str:
    """The server's own sentence, which stands in the Status object it sends."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason)


def _pause(error: client.ApiException) -> float:
    """How long the server wants to be left alone, in seconds; half a second where it does not say."""
    try:
        return max(0.0, float((error.headers or {}).get("Retry-After", "")))
    except ValueError:
        return 0.5


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
