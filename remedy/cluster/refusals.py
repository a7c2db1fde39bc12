"""What it means that an API server refused a call or did not answer it: errors that say what to do next.

A call is told in words, `get configmaps/coredns in kube-system`, of which the rule is made that a Role would need.
"""

from __future__ import annotations

import json
import re

from remedy.errors import ClusterError

AGAIN = (429, 500, 502, 503, 504)
"""The statuses of a server that may do on another try what it refuses now."""
_HANDSHAKE = re.compile(r"Handshake status (\d{3})")


class Refused(ClusterError):
    """The API server answered with an error status."""

    def __init__(self, status: int, reason: str, message: str, hint: str, pause: float = 0.0) -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason
        self.pause = pause


class Unreachable(ClusterError):
    """No answer came; whether the request was carried out is not known."""


def refusal(server: str, what: str, status: int, reason: str, *, user: str = "", pause: float = 0.0) -> ClusterError:
    """The error for a status, 0 where none came, and the server's own words.

    `server` is the server in words, `user` who is impersonated, `pause` for how many seconds it wants to be left alone.
    """
    if status == 0:
        handshake = _HANDSHAKE.search(reason)
        if handshake is None:
            return unanswered(server, what, reason)
        status = int(handshake[1])
    if status == 401:
        return Refused(status, reason, f"{server} does not accept these credentials ({what})", "log in again, or pass --context")
    if status == 403 and "cannot impersonate resource" in reason:
        rule = f'apiGroups: [""], resources: ["users"], resourceNames: [{json.dumps(user)}], verbs: ["impersonate"]'
        return Refused(status, reason, f"not allowed: impersonate users/{user}", f"a ClusterRole must grant it: {rule}")
    if status == 403 and "is forbidden: " in reason and " cannot " not in reason:  # admission (a quota, a policy), not a missing right
        return Refused(status, reason, f"the API server refused to {what}: {reason}", "")
    if status == 403:
        grant = f"a Role in that namespace must grant it{f' to {user}' if user else ''}: {_role_rule(what)}"
        return Refused(status, reason, f"not allowed: {what}", grant)
    if status == 404:
        service = "remedy finds the replicas through that Service; without it there is nobody to ask whether a change has arrived"
        hint = service if "services/" in what else "name it: --namespace NAMESPACE --configmap NAME"
        return Refused(status, reason, f"not found: {what}", hint)
    if status in AGAIN:
        message = f"{server} is too busy or not well ({what}): {status} {reason}"
        return Refused(status, reason, message, "try again in a while; nobody but the API server can tell why", pause)
    return Refused(status, reason, f"the API server refused to {what}: {status} {reason}", "")


def unanswered(server: str, what: str, reason: str) -> Unreachable:
    return Unreachable(f"{server} does not answer ({what}): {reason}", "is the cluster up, and is this the right --context?")


def not_stored(reason: str) -> str:
    """What to do about an object that the server will not store."""
    if "immutable" in reason:
        return "an immutable ConfigMap can only be replaced by another of a new name, which the workload then has to mount"
    if "must have at most" in reason or "too long" in reason or "too large" in reason:
        return "a ConfigMap holds at most 1 MiB: move parts of the Corefile to others, and import them"
    return "an admission webhook, a policy or a quota of this cluster decides that; its own words are above"


def _role_rule(what: str) -> str:
    """`get configmaps/coredns in kube-system` as a rule of a Role."""
    verb, resource = what.split(" ")[:2]
    kind, _, name = resource.partition("/")
    if kind == "pods" and name == "portforward":
        return 'apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"]'
    if kind == "pods" and name in ("log", "proxy"):
        return f'apiGroups: [""], resources: ["{resource}"], verbs: ["{verb}"]'
    plural, _, group = kind.partition(".")
    names = f', resourceNames: ["{name}"]' if name and plural not in ("pods", "replicasets") else ""  # their names are made up
    return f'apiGroups: ["{group}"], resources: ["{plural}"]{names}, verbs: ["{verb}"]'
