"""What port-forward reaches: a Corefile that binds the pod's address is copied so that localhost answers too, with no line moved."""

from __future__ import annotations

import pytest

from remedy.corefile.parse import parse
from remedy.errors import UnavailableError
from remedy.validate.loopback import reachable, with_localhost

BOUND = """\
.:53 {
    bind {$POD_IP} # ours
    errors
}
example.org:5353 {
    bind eth0 {
        except 10.0.0.9
    }
    whoami
}
"""


@pytest.mark.parametrize(
    "bind", ["", "bind 0.0.0.0", "bind 127.0.0.1 {$POD_IP}", "bind ::", "bind lo eth0", "bind {$POD_IP}\n bind 127.0.0.1"]
)
def test_a_server_that_listens_on_localhost_is_reached_and_its_text_left_as_it_is(bind: str) -> None:
    corefile = parse(f".:53 {{\n {bind}\n whoami\n}}\n")
    assert reachable(corefile)
    assert with_localhost(corefile) == corefile.text


def test_a_server_on_the_pods_address_is_given_localhost_too_on_the_same_line() -> None:
    corefile = parse(BOUND)
    assert not reachable(corefile)
    text = with_localhost(corefile)
    assert text == BOUND.replace("{$POD_IP}", "{$POD_IP} 127.0.0.1").replace("eth0", "eth0 127.0.0.1")
    assert reachable(parse(text))


def test_a_bind_in_a_snippet_is_changed_once() -> None:
    corefile = parse("(here) {\n bind {$POD_IP}\n}\na.org:53 {\n import here\n}\nb.org:53 {\n import here\n}\n")
    assert with_localhost(corefile).count("127.0.0.1") == 1


def test_two_servers_that_differ_only_in_their_address_cannot_both_be_asked() -> None:
    corefile = parse(".:53 {\n bind {$POD_IP}\n}\n.:53 {\n bind 169.254.20.10\n}\n")
    with pytest.raises(UnavailableError, match=r"several server blocks serve \.:53 on different addresses"):
        with_localhost(corefile)
