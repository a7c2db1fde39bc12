"""After an apply an operator learns who else may hold the old answer, and for how long at most."""

from __future__ import annotations

import pytest

from remedy.corefile.parse import parse
from remedy.validate.afterwards import holders

SOA = 'authority "{{{{ .Zone }}}} {ttl} IN SOA ns.dns. hostmaster.dns. (1 60 60 60 60)"'


def seconds(*options: str) -> dict[str, int | None]:
    """By the first word of who holds it."""
    lines = "\n".join(options)
    text = f". {{\ntemplate ANY AAAA {{\n{lines}\n}}\nforward . 192.0.2.1\n}}\n"
    return {holder.who.split()[0].rstrip(","): holder.seconds for holder in holders(parse(text))}


@pytest.mark.parametrize(("ttl", "local"), [("60", 30), ("20", 20), ("1", 5), ("86400", 30)])
def test_a_denial_with_an_soa_is_kept_for_its_ttl_and_by_a_node_local_cache_no_longer_than_its_own_limits(ttl: str, local: int) -> None:
    kept = seconds("rcode NXDOMAIN", SOA.format(ttl=ttl))
    assert kept == {"a": local, "BIND": int(ttl), "Unbound": int(ttl), "nginx": None, "Java": 10}


def test_an_soa_without_a_ttl_has_that_of_a_zone_file() -> None:
    assert seconds("rcode NXDOMAIN", SOA.format(ttl=""))["BIND"] == 3600


def test_a_denial_without_an_soa_is_kept_by_unbound_alone_and_for_five_seconds() -> None:
    assert seconds("rcode NXDOMAIN") == {"Unbound": 5, "nginx": None, "Java": 10}


def test_where_nothing_was_denied_no_cache_holds_anything() -> None:
    assert seconds("rcode REFUSED") == {"nginx": None, "Java": 10}


def test_the_sentence_says_how_long_or_until_what() -> None:
    sentences = [holder.sentence for holder in holders(parse(". {\ntemplate IN AAAA . {\nrcode NXDOMAIN\n}\n}\n"))]
    assert any("for at most 5 s" in each for each in sentences)
    assert any("until it is reloaded" in each and "nginx -s reload" in each for each in sentences)
