"""Names of types and rcodes as miekg/dns knows them, and what it takes for a domain name."""

from __future__ import annotations

import re

# Its own number for each; only those below 16 fit into a reply without EDNS.
RCODE_NUMBERS = (
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
)  # fmt: skip
# What a template's `rcode` may name beside them: above 15, so only a reply with EDNS can carry it.
EXTENDED_RCODES = frozenset((
    "DSOTYPENI", "BADSIG", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE",
))  # fmt: skip
RCODES = {name: name for name in RCODE_NUMBERS} | {"NOTIMPL": "NOTIMP"}
KNOWN_RCODES = EXTENDED_RCODES | frozenset(RCODES)

# Types that questions may be rewritten to.
TYPES = frozenset(("A", "AAAA", "TXT", "MX", "SRV", "HTTPS", "SVCB", "CAA", "NAPTR", "HINFO"))

# What `template` takes for a class and a type: these words, in upper case (miekg/dns StringToClass, StringToType).
CLASSES = frozenset(("IN", "CS", "CH", "HS", "NONE", "ANY"))
QTYPES = frozenset((
    "A", "AAAA", "AFSDB", "AMTRELAY", "ANY", "APL", "ATMA", "AVC", "AXFR", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "CSYNC",
    "DHCID", "DLV", "DNAME", "DNSKEY", "DS", "EID", "EUI48", "EUI64", "GID", "GPOS", "HINFO", "HIP", "HTTPS", "IPSECKEY", "ISDN",
    "IXFR", "KEY", "KX", "L32", "L64", "LOC", "LP", "MAILA", "MAILB", "MB", "MD", "MF", "MG", "MINFO", "MR", "MX", "NAPTR", "NID",
    "NIMLOC", "NINFO", "NS", "NSAP-PTR", "NSEC", "NSEC3", "NSEC3PARAM", "NULL", "NXNAME", "NXT", "None", "OPENPGPKEY", "OPT",
    "PTR", "PX", "RESINFO", "RKEY", "RP", "RRSIG", "RT", "Reserved", "SIG", "SMIMEA", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TA",
    "TALINK", "TKEY", "TLSA", "TSIG", "TXT", "UID", "UINFO", "UNSPEC", "URI", "X25", "ZONEMD",
))  # fmt: skip

_LABELS = re.compile(r"(?:[-_*/0-9A-Za-z]{1,63}\.)*(?:[-_*/0-9A-Za-z]{1,63})?|\.")


def is_name(text: str) -> bool:
    """Is it a domain name whose letters need no escape?"""
    return bool(text) and len(text) <= 254 and _LABELS.fullmatch(text) is not None


def plain(text: str) -> bool:
    """Are all its letters such that need no escape?"""
    return re.fullmatch(r"[-_*/.0-9A-Za-z]+", text) is not None
