"""CoreDNS with room for its users' files: `coredns-custom` mounted beside the Corefile, which imports from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.testbed import rollout
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.manifests import DEPLOYMENT, HEALTHY, SYSTEM, Json
from tests.testbed.places import NODE_IP
from tests.testbed.processes import wait

CUSTOM = f"{SYSTEM}/configmaps/coredns-custom"
OVERRIDE = "# no IPv6 here\ntemplate ANY AAAA {\n    rcode NXDOMAIN\n}\n"
SERVER = f"example.cn:53 {{\n    errors\n    template ANY AAAA {{\n        rcode NXDOMAIN\n    }}\n    forward . {NODE_IP}\n}}\n"
_MERGE = "application/strategic-merge-patch+json"
_POD = {
    "containers": [{"name": "coredns", "volumeMounts": [{"name": "custom", "mountPath": "/etc/coredns/custom", "readOnly": True}]}],
    "volumes": [{"name": "custom", "configMap": {"name": "coredns-custom", "optional": True}}],
}


def importing(corefile: str) -> str:
    """The Corefile with the imports that distributions put into theirs."""
    return corefile.replace("    ready\n", "    ready\n    import custom/*.override\n") + "import custom/*.server\n"


HEALTHY_MAIN, INCIDENT_MAIN = importing(HEALTHY), importing(INCIDENT)


@contextmanager
def spanning(testbed: Testbed, corefile: str, custom: Mapping[str, str]) -> Iterator[Testbed]:
    """Two replicas that serve this Corefile with these keys of `coredns-custom`."""
    body: Json = {"metadata": {"name": "coredns-custom", "labels": {"team": "shop"}}, "data": dict(custom)}
    with suppress(OSError):
        testbed.api("DELETE", CUSTOM)
    testbed.api("POST", CUSTOM.rpartition("/")[0], body)
    try:
        testbed.reset(corefile)
        testbed.api("PATCH", DEPLOYMENT, {"spec": {"template": {"spec": _POD}}}, content_type=_MERGE)
        with testbed.namespace():
            wait("two CoreDNS replicas", rollout.complete, timeout=120)
            wait("the DNS Service", rollout.routed, timeout=120)
            yield testbed
    finally:
        testbed.api("DELETE", CUSTOM)


def held(testbed: Testbed) -> dict[str, str]:
    """The live texts, by key."""
    return {"Corefile": testbed.corefile(), **testbed.api("GET", CUSTOM)["data"]}
