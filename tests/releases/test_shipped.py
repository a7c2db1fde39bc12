"""A Corefile that a distribution ships is recognised, whatever an installation filled in; one that was changed is shown beside it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remedy.corefile.parse import parse
from remedy.releases import plugins
from remedy.shipped import Shipped, nearest_shipped, recognised, shipped
from tests.migration.moved import moved

ONE_BLOCK = [each for each in shipped() if each.text.endswith("}\n") and each.text.count("\n}\n") == 1]
KUBEADM = next(each for each in shipped() if each.by == "kubeadm")


def names(text: str) -> list[str]:
    return [str(each) for each in recognised(parse(text))]


@pytest.mark.parametrize("each", shipped(), ids=str)
def test_each_default_is_recognised_and_differs_from_itself_in_nothing(each: Shipped) -> None:
    assert each in recognised(parse(each.text))
    assert nearest_shipped(parse(each.text))[1] == ""
    assert each.source


def test_one_text_may_be_the_default_of_several_distributions() -> None:
    text = next(each.text for each in shipped() if each.release == "Kubernetes 1.19 to 1.31")
    assert names(text) == [
        "kubeadm (Kubernetes 1.19 to 1.31)",
        "the addon manager (Kubernetes 1.32 to 1.37)",
        "kops (with CoreDNS 1.9.3)",
    ]


def test_the_domain_the_reverse_zones_and_the_upstream_servers_are_the_installation_s_own() -> None:
    text = KUBEADM.text.replace("cluster.local", "corp.example").replace("in-addr.arpa ip6.arpa", "10.96.0.0/12 fd00::/108")
    assert names(text.replace("/etc/resolv.conf", "192.0.2.53 192.0.2.54:5353")) == [str(KUBEADM)]


def test_another_domain_in_one_place_only_is_a_change() -> None:
    assert names(KUBEADM.text.replace("disable denial cluster.local", "disable denial corp.example")) == []


def test_a_nodelocal_cache_is_recognised_with_the_addresses_of_its_node() -> None:
    (text,) = (each.text for each in shipped() if str(each) == "NodeLocal DNSCache (Kubernetes 1.20 to 1.37)")
    filled = text.replace("__PILLAR__LOCAL__DNS__", "169.254.20.10").replace("__PILLAR__DNS__SERVER__", "10.96.0.10")
    assert names(filled.replace("__PILLAR__CLUSTER__DNS__", "10.96.0.11")) == ["NodeLocal DNSCache (Kubernetes 1.20 to 1.37)"]


@given(st.randoms(use_true_random=False), st.sampled_from(ONE_BLOCK))
def test_comments_white_space_and_the_order_of_plugins_mean_nothing(order: random.Random, each: Shipped) -> None:
    head, *rest = each.text.rstrip("\n").split("\n    ")
    found: list[str] = []
    for line in (*rest[:-1], rest[-1].removesuffix("\n}")):
        if line.startswith((" ", "}")):
            found[-1] += f"\n\t{line} # said"
        else:
            found.append(line)
    order.shuffle(found)
    assert each in recognised(parse(f"# mine\n{head}\n" + "\n\n\t".join(found) + "\n}\n"))


def test_what_differs_from_the_nearest_default_is_a_diff_of_what_is_said() -> None:
    text = """
# ours
.:53 {
    log
    errors
    health {
      lameduck 15s
    }
    ready
    kubernetes corp.example in-addr.arpa ip6.arpa {
      ttl 30
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . 192.0.2.53 {
      max_concurrent 1000
    }
    cache 30 {
      disable success corp.example
      disable denial corp.example
    }
    reload
    loadbalance
}
"""
    nearest, difference = nearest_shipped(parse(text))
    assert nearest == KUBEADM
    assert [line for line in difference.splitlines() if line[:1] in "+-"] == [
        "--- kubeadm (Kubernetes 1.32 to 1.37)",
        "+++ Corefile",
        "+    log",
        "-        lameduck 5s",
        "+        lameduck 15s",
        "-    loop",
    ]


def test_a_text_that_is_nothing_like_a_default_is_not_taken_for_one() -> None:
    for text in ("example.org {\n    whoami\n}\n", "# nothing\n", "a.org:99999 {\n    log\n}\n", "import other\n"):
        assert recognised(parse(text)) == ()
        nearest_shipped(parse(text))


def test_an_import_of_k3s_is_part_of_its_default_and_what_it_brings_is_not() -> None:
    (k3s,) = (each for each in shipped() if each.by == "k3s" and "import" in each.text)
    own = {"/etc/coredns/custom/a.override": "log\n"}
    assert recognised(parse(k3s.text, path="/etc/coredns/Corefile", files=own)) == (k3s,)
    assert k3s not in recognised(parse(k3s.text.replace("import /etc/coredns/custom/*.server\n", "")))


@pytest.mark.parametrize("kubernetes", ["1.12 and 1.13", "1.15", "1.16", "1.17 and 1.18"])
def test_an_old_default_becomes_a_newer_one_when_it_is_moved_with_what_became_usual(kubernetes: str) -> None:
    (old,) = (each for each in shipped() if str(each) == f"kubeadm (Kubernetes {kubernetes})")
    assert "kubeadm (Kubernetes 1.19 to 1.31)" in names(moved(old.text, "1.2.6", "1.15.0", defaults=True).text)


@pytest.mark.parametrize(("kubernetes", "coredns"), [("1.11", "1.1.3"), ("1.14", "1.3.1"), ("1.16", "1.6.2"), ("1.32 to 1.37", "1.11.3")])
def test_a_default_uses_only_plugins_of_the_coredns_that_came_with_it(kubernetes: str, coredns: str) -> None:
    (text,) = (each.text for each in shipped() if (each.by, each.release) == ("kubeadm", f"Kubernetes {kubernetes}"))
    assert {plugin.name.text for _, plugin in parse(text).walk()} <= plugins(coredns)
