"""The plugins of CoreDNS 1.15.0 in the order in which they see a query (plugin.cfg); the order in a Corefile means nothing.

The order changed between releases: what is computed from it holds for the newest.
"""

# fmt: off
ORDER = (
    "root", "metadata", "geoip", "cancel", "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket",
    "reload", "nsid", "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "shed", "prometheus", "errors", "log",
    "dnstap", "local", "dns64", "siit", "any", "chaos", "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache", "header",
    "dnssec", "tls", "minimal", "template", "transfer", "dynupdate", "hosts", "route53", "azure", "clouddns", "k8s_external",
    "kubernetes", "file", "auto", "secondary", "etcd", "loop", "forward", "grpc", "erratic", "whoami", "on", "sign", "view",
    "nomad",
)

# Those that change neither the rcode of an A or AAAA answer nor whether it has records.
PASSIVE = frozenset({
    "any", "bind", "bufsize", "cache", "cancel", "chaos", "debug", "dnstap", "errors", "geoip", "grpc_server", "header", "health",
    "https", "https3", "loadbalance", "log", "loop", "metadata", "minimal", "multisocket", "nsid", "on", "pprof", "prometheus",
    "proxyproto", "quic", "ready", "reload", "root", "shed", "timeouts", "tls", "trace", "transfer", "tsig",
})
# fmt: on
