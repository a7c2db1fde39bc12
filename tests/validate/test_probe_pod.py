"""What programs that call getaddrinfo write, as they wrote it: what they found, that they found nothing, or that they do not say."""

from __future__ import annotations

import pytest

from remedy.errors import UnavailableError
from remedy.validate.lookups import parse

# busybox 1.35 built with musl 1.2.3, an unprivileged user; GNU wget of Debian 12; Python 3.11.
# iputils' ping was not run: its words are from memory.
WRITTEN = """\
resolv.conf: search kube-system.svc.cluster.local svc.cluster.local cluster.local
resolv.conf: nameserver 198.19.0.10
resolv.conf: # a comment
resolv.conf: options ndots:5
libc: musl libc (x86_64) Version 1.2.5 Dynamic Program Loader
"""
SAID = [
    ("getaddrinfo", 'code=0 text="" ms=3 addresses=203.0.113.8,2001:db8::8', "ok", ("203.0.113.8", "2001:db8::8")),
    ("getaddrinfo", 'code=-2 text="Name does not resolve" ms=1 addresses=', "failed", ()),
    ("python3", 'code=-5 text="No address associated with hostname" addresses=', "failed", ()),
    ("ping", "PING n (203.0.113.7): 56 data bytes ping: permission denied (are you root?)", "ok", ("203.0.113.7",)),
    ("ping", "ping: bad address 'n'", "failed", ()),
    ("ping", "PING n (203.0.113.7) 56(84) bytes of data.", "ok", ("203.0.113.7",)),
    ("ping", "ping: n: Name or service not known", "failed", ()),
    ("ping", "ping: socktype: SOCK_RAW ping: socket: Operation not permitted", "unknown", ()),
    (
        "wget",
        "Connecting to n:1 (203.0.113.7:1) wget: can't connect to remote host (203.0.113.7): Network is unreachable",
        "ok",
        ("203.0.113.7",),
    ),
    ("wget", "Connecting to n:1 ([2001:db8::1]:1) wget: can't connect", "ok", ("2001:db8::1",)),
    ("ping", "PING n (2001:db8::1): 56 data bytes", "ok", ("2001:db8::1",)),
    ("wget", "wget: bad address 'n:1'", "failed", ()),
    (
        "wget",
        "Resolving n (n)... 203.0.113.7 Connecting to n (n)|203.0.113.7|:1... failed.",
        "ok",
        ("203.0.113.7",),
    ),
    ("wget", "wget: unable to resolve host address 'n'", "failed", ()),
    ("wget", "Segmentation fault", "unknown", ()),
    ("wget", "", "unknown", ()),
]


@pytest.mark.parametrize(("way", "said", "outcome", "addresses"), SAID)
def test_a_lookup_is_what_the_program_said(way: str, said: str, outcome: str, addresses: tuple[str, ...]) -> None:
    (found,) = parse("image:1", f"{WRITTEN}lookup: n {way} {said}\nend:\n").lookups
    assert (found.outcome, found.addresses) == (outcome, addresses)


def test_the_pods_resolver_is_told() -> None:
    found = parse("image:1", f"{WRITTEN}lookup: n ping ping: bad address 'n'\nend:\n")
    assert found.libc == "musl libc (x86_64) Version 1.2.5"
    assert found.sentences() == [
        "a pod of image:1 looked up by ping, musl libc (x86_64) Version 1.2.5; search kube-system.svc.cluster.local svc.cluster.local "
        "cluster.local; nameserver 198.19.0.10; options ndots:5",
        "in that pod n fails: ping: bad address 'n'",
    ]


def test_an_image_without_such_a_program_is_said_to_be_one() -> None:
    with pytest.raises(UnavailableError, match="image:1 holds nothing that calls getaddrinfo"):
        parse("image:1", "lookup: n none\nend:\n")
