"""The plugins of CoreDNS 1.15.0 in the order in which they see a query (plugin.cfg); the order in a Corefile means nothing.

The order changed between releases: `order(version)` gives the one of a release, of which there are three.
"""

from __future__ import annotations

import re
from functools import cache

NEWEST = "1.15.0"

# fmt: off
ORDER = (
    "root", "metadata", "geoip", "cancel", "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket",
    "reload", "nsid", "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "shed", "prometheus", "errors", "log",
    "dnstap", "local", "dns64", "siit", "any", "chaos", "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache", "header",
    "dnssec", "tls", "minimal", "template", "transfer", "dynupdate", "hosts", "route53", "azure", "clouddns", "k8s_external",
    "kubernetes", "file", "auto", "secondary", "etcd", "loop", "forward", "grpc", "erratic", "whoami", "on", "sign", "view",
    "nomad",
)
# Where the older orders differ: 1.14.2 to 1.14.6, and before.
_CACHE_FIRST = (
    "any", "chaos", "loadbalance", "tsig", "cache", "rewrite", "acl", "header", "dnssec", "autopath", "tls", "minimal", "template",
)
_ACL_FIRST = (
    "acl", "any", "chaos", "loadbalance", "tsig", "cache", "rewrite", "header", "dnssec", "autopath", "tls", "minimal", "template",
)

# Those that only set the server up: without any other plugin a server block answers REFUSED.
SETUP = frozenset({
    "root", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket", "reload", "bind", "debug", "ready", "health", "pprof",
    "tls", "on", "sign",
})
# Those that pass a question of class IN without DNSSEC on, and leave alone the rcode of its answer and whether it has records.
PASSIVE = SETUP | {
    "metadata", "geoip", "cancel", "nsid", "bufsize", "trace", "shed", "prometheus", "errors", "log", "dnstap", "chaos",
    "loadbalance", "cache", "header", "dnssec", "transfer", "loop", "view",
}
# Those with a module of their name in this package; it is loaded where a Corefile uses the plugin.
MODELLED = frozenset({
    "local", "dns64", "any", "tsig", "rewrite", "autopath", "acl", "minimal", "template", "hosts", "kubernetes", "file", "forward",
    "proxy", "erratic", "federation", "whoami",
})
# fmt: on


@cache
def version_of(text: str) -> tuple[int, ...]:
    """`v1.10.1` as numbers that compare; what cannot be read is taken for the newest."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in match.groups()) if match else version_of(NEWEST)


def moves(version: str | None, to: str | None) -> bool:
    """Is `to` another release than this one, as far as that is known? Without a `to` it stays."""
    return to is not None and (version is None or version_of(to) != version_of(version))


def order(version: tuple[int, ...]) -> tuple[str, ...]:
    """The order of plugins in this release, with those that it does not have yet."""
    if version >= (1, 14, 7):
        return ORDER
    changed = _CACHE_FIRST if version >= (1, 14, 2) else _ACL_FIRST
    start, end, federation, proxy = (ORDER.index(word) for word in ("any", "template", "k8s_external", "grpc"))
    gone = (("federation",) if version < (1, 7) else (), ("proxy",) if version < (1, 5) else ())
    return (*ORDER[:start], *changed, *ORDER[end + 1 : federation], *gone[0], *ORDER[federation:proxy], *gone[1], *ORDER[proxy:])
