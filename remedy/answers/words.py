"""Names of types and rcodes as miekg/dns knows them, and what it takes for a domain name."""

from __future__ import annotations

import re

# Its own number for each; only those below 16 fit into a reply without EDNS.
RCODE_NUMBERS = (
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
)  # fmt: skip
RCODES = {name: name for name in RCODE_NUMBERS} | {"NOTIMPL": "NOTIMP"}

# Types that questions may be rewritten to.
TYPES = frozenset(("A", "AAAA", "TXT", "MX", "SRV", "HTTPS", "SVCB", "CAA", "NAPTR", "HINFO"))

_LABELS = re.compile(r"(?:[-_*/0-9A-Za-z]{1,63}\.)*(?:[-_*/0-9A-Za-z]{1,63})?|\.")


def is_name(text: str) -> bool:
    """Is it a domain name whose letters need no escape?"""
    return bool(text) and len(text) <= 254 and _LABELS.fullmatch(text) is not None


def plain(text: str) -> bool:
    """Are all its letters such that need no escape?"""
    return re.fullmatch(r"[-_*/.0-9A-Za-z]+", text) is not None
