"""What goes into a lookup and what comes out of it: the replies of the name servers, resolv.conf, the result.

`ask` stands for the name servers: given a candidate name (absolute, with its dot) and a type it says what each of them replies, in the
order of resolv.conf. It is a value, not a host: nothing here sends anything.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, NamedTuple

Family = Literal["UNSPEC", "INET", "INET6"]
TYPES: dict[str, tuple[str, ...]] = {"UNSPEC": ("A", "AAAA"), "INET": ("A",), "INET6": ("AAAA",)}


class Reply(NamedTuple):
    """One name server's reply to one question.

    `verdict`: ok (at least one record of the asked type), nodata, another rcode in lower case, drop (no reply), or unknown. `soa`: it
    carries one, so a cache may keep it. `truncated`: over UDP it had TC and no record, and `verdict` is what TCP gives. `referral`: NOERROR
    without answer, aa, ra and additional records. `relayed`: without aa (what the template plugin says has it).
    """

    verdict: str
    soa: bool = False
    truncated: bool = False
    referral: bool = False
    relayed: bool = False


class Resolv(NamedTuple):
    """resolv.conf as far as it decides, times in seconds. nginx reads none: it has `resolver_timeout`, and no search list."""

    search: tuple[str, ...] = ()
    ndots: int = 1
    timeout: int = 5
    attempts: int = 2
    resolver_timeout: int = 30


class Result(NamedTuple):
    """`outcome` is a word of the contract, `text` what the client prints, `types` which addresses it got, from the candidate `name`.

    `queries` counts those for A and those for AAAA, `seconds` is the time lost to timeouts, `temporary` whether the client calls it so.
    """

    outcome: str
    types: tuple[str, ...] = ()
    name: str = ""
    text: str = ""
    queries: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    temporary: bool = False


_NO_SIGNS = str.maketrans("", "", ".-_")
Ask = Callable[[str, str], Sequence[Reply]]


def absolute(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


@cache
def sendable(name: str) -> bool:
    """Does an absolute name fit into a query (RFC 1035 section 2.3.4: labels of 1 to 63 bytes, 255 in all)?"""
    labels = name.rstrip(".").encode("utf-8", "surrogateescape").split(b".")
    return all(0 < len(label) < 64 for label in labels) and sum(len(label) + 1 for label in labels) < 255


def host_name(name: str) -> bool:
    """Letters, digits, hyphens, underscores and dots, and no hyphen in front: what glibc (res_hnok) and Go are willing to look up."""
    return name.isascii() and not name.startswith("-") and name.translate(_NO_SIGNS).isalnum()


def add(queries: tuple[int, int], type_: str, more: int) -> tuple[int, int]:
    """`queries` with that many more of this type."""
    a, aaaa = queries
    return (a + more, aaaa) if type_ == "A" else (a, aaaa + more)
