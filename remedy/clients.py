"""What a client makes of the two replies, A and AAAA, for one name: pure functions over verdicts.

A verdict is ok, nodata, nxdomain, another rcode in lower case, drop (no reply), or unknown. musl is the strict one: since 1.2.1 one bad
reply of the pair decides (src/network/lookup_name.c, commit 5cf1ac24), while glibc takes whatever records came back.
"""

from __future__ import annotations

CLIENTS = ("musl<=1.2.0", "musl-1.2.1-1.2.3", "musl>=1.2.4", "glibc", "go", "node", "nginx")


def outcome(client: str, a: str, aaaa: str) -> str:
    """ok, the EAI code, not-found, or unknown, for a lookup of any family of one name without a search list."""
    if "unknown" in (a, aaaa):
        return "unknown"
    if client.startswith("musl"):
        return _old_musl(a, aaaa) if client == "musl<=1.2.0" else _musl(a, aaaa, nodata="EAI_NODATA" if "1.2.4" in client else "EAI_NONAME")
    if client == "nginx":  # ngx_resolver.c: an error in either of the pair is the result
        bad = next((verdict for verdict in (a, aaaa) if verdict not in ("ok", "nodata")), "")
        return "ok" if not bad and "ok" in (a, aaaa) else "not-found" if bad in ("", "nxdomain") else bad
    if a == "drop" and client != "go":  # glibc, and so node's dns.lookup, does not look at AAAA while A is awaited
        return "EAI_AGAIN"
    if "ok" in (a, aaaa):
        return "ok"
    if client == "go":
        return "not-found" if {a, aaaa} & {"nodata", "nxdomain"} else "EAI_AGAIN"
    return _glibc(a, aaaa)


def _musl(a: str, aaaa: str, nodata: str) -> str:
    """musl 1.2.1 and later: A is looked at first, the first bad one decides; other rcodes are dropped and time out."""
    for verdict in (a, aaaa):
        if verdict == "nxdomain":
            return "EAI_NONAME"
        if verdict not in ("ok", "nodata"):
            return "EAI_AGAIN"
    return "ok" if "ok" in (a, aaaa) else nodata


def _old_musl(a: str, aaaa: str) -> str:
    """musl up to 1.2.0: an address wins; without one the A reply decides."""
    if "ok" in (a, aaaa):
        return "ok"
    return "EAI_NONAME" if a in ("nodata", "nxdomain") else "EAI_AGAIN"


def _glibc(a: str, aaaa: str) -> str:
    """glibc 2.36 without an address (resolv/res_query.c)."""
    if "nxdomain" in (a, aaaa):
        return "EAI_NONAME"
    return "EAI_NODATA" if "nodata" in (a, aaaa) else "EAI_AGAIN"
