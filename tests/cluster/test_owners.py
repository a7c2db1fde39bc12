"""Whoever else writes the Corefile is named by the mark that he leaves, with the change to make there instead as text to copy.

A golden file holds what is said for each signal: sentences first, then the text to copy.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from remedy import service
from remedy.cluster.advice import Wanted, advice, sentence
from remedy.cluster.helm_values import values
from remedy.cluster.owners import Owner, last_writer, owners
from remedy.cluster.source import LiveSource
from remedy.corefile.parse import parse
from remedy.errors import ParseError
from remedy.rules import Choices
from tests.cluster.objects import Objects, load
from tests.command import REPOSITORY

GOLDEN = REPOSITORY / "tests" / "golden" / "owners"
# The owners by their kinds, and whether one of them stands in the way of an apply.
SIGNALS = {
    "openshift": (["openshift"], True),
    "owners/operator": (["operator"], True),
    "gardener": (["gardener"], True),
    "owners/argocd": (["argocd"], True),
    "owners/flux-kustomization": (["flux-kustomization"], True),
    "owners/flux-exempt": (["flux-kustomization"], False),
    "owners/flux-helmrelease": (["flux-helmrelease"], True),
    "eks": (["eks"], True),
    "owners/eks-self-managed": (["eks-self-managed"], False),
    "helm": (["helm"], False),
    "owners/helm-label": (["helm"], False),
    "rke2": (["rke2"], False),
    "k3s": (["k3s"], True),
    "k0s": (["k0s"], False),
    "aks": (["aks"], True),
    "owners/addon-manager": (["addon-manager"], True),
    "owners/ensure-exists": (["ensure-exists"], False),
    "owners/extension-point": (["extension-point"], False),
    "owners/kubectl-apply": (["kubectl-apply"], False),
    "kubeadm": ([], False),
    "owners/nobody": ([], False),
}


def configmap(name: str) -> dict[str, Any]:
    return next(each for each in load(name) if each["kind"] == "ConfigMap")


def found(name: str) -> tuple[Owner, ...]:
    return owners(configmap(name), "Corefile")


def told(name: str) -> str:
    """All that is said of a fixture's owners."""
    held = configmap(name)
    source = LiveSource(Objects([held]), held["metadata"]["namespace"], held["metadata"]["name"])
    (change,) = service.plan([source.read()], Choices(), unsafe=True).changes
    target = change.target
    wanted = Wanted(target.namespace or "", target.name or "", target.key or "", change.before, change.after, change.diff)
    return "".join(f"owner: {sentence(each)}\n{advice(each, wanted)}" for each in owners(held, "Corefile"))


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_is_read_and_only_owners_that_act_alone_stand_in_the_way(name: str) -> None:
    assert ([each.kind for each in found(name)], any(each.in_the_way for each in found(name))) == SIGNALS[name]


@pytest.mark.parametrize("name", [name for name, (kinds, _) in SIGNALS.items() if kinds])
def test_the_owner_and_the_change_to_make_there_are_told(name: str) -> None:
    assert told(name) == (GOLDEN / f"{name.rpartition('/')[2]}.txt").read_text("utf-8")


def test_every_distribution_and_owner_among_the_fixtures_is_covered() -> None:
    folder = REPOSITORY / "fixtures" / "clusters"
    names = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml")}
    assert names - set(SIGNALS) == {"gke", "no-selector", "node-local-dns", "other-names", "sub-path"}


def test_who_wrote_last_is_what_the_api_server_tells() -> None:
    assert last_writer(configmap("owners/nobody")) == "kubectl-edit at 2026-11-20T21:14:00Z"
    assert last_writer(configmap("kubeadm")) == ""


def rendered(text: str) -> str:
    """What the coredns chart makes of values (charts/coredns/templates/_helpers.tpl): the port stands behind the last zone only."""
    out = ""
    for server in YAML(typ="safe", pure=True).load(text)["servers"]:
        zones = [each.get("scheme", "") + str(each["zone"]) for each in server["zones"]]
        out += " ".join(zones) + f":{server['port']} {{\n"
        for plugin in server["plugins"]:
            out += f"    {' '.join(str(plugin[each]) for each in ('name', 'parameters') if each in plugin)}"
            block = "".join(f"            {line}\n" for line in plugin.get("configBlock", "").splitlines())
            out += f" {{\n{block}        }}\n" if block else "\n"
        out += "}\n"
    return out


def words(text: str) -> list[object]:
    """What CoreDNS makes of a text: keys with their ports, and the words of every plugin; an empty block is as good as none."""
    found: list[object] = []
    for block in parse(text).blocks:
        keys = [key.text.rstrip(",") for key in block.keys]
        plugins = [[token.text for token in plugin.tokens()] for plugin in block.plugins]
        found.append(
            (
                [key if re.search(r":\d+$", key) else f"{key}:53" for key in keys],
                [each[:-2] if each[-2:] == ["{", "}"] else each for each in plugins],
            )
        )
    return found


@pytest.mark.parametrize(
    "corefile",
    [
        ".:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    template IN AAAA .\n    forward . /etc/resolv.conf\n}\n",
        "a.example:53 tls://b.example:53 {\n    log . {\n        class error\n    }\n    whoami\n}\n.:5353 {\n    chaos\n}\n",
        '.:53 {\n    template IN ANY a.example {\n        match "^x[0-9]: #$"\n        answer "{{ .Name }} 60 IN A 192.0.2.1"\n        '
        "# a note\n        fallthrough\n    }\n    on yes\n    cache 30 { denial 9984 30\n    }\n}\n",
    ],
)
def test_the_values_for_helm_render_to_the_same_corefile(corefile: str) -> None:
    made = values(corefile)
    assert made is not None
    assert words(rendered(made)) == words(corefile)


def test_what_the_values_can_say_of_any_corefile_among_the_fixtures_renders_to_the_same() -> None:
    said = 0
    for folder in ("corefiles", "rules"):
        for path in sorted((REPOSITORY / "fixtures" / folder).rglob("*orefile")):
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            try:
                made = values(text)
            except ParseError:
                continue
            if made is not None:
                assert words(rendered(made)) == words(text), path
                said += 1
    assert said > 80


UNSAID = {
    "snippet": "(a) {\n    log\n}\n.:53 {\n    import a\n}\n",
    "import": ".:53 {\n    import custom/*.override\n}\n",
    "words behind a block": ". {\n    log {\n    } a\n}\n",
    "not UTF-8": ". {\n    log \udcff\n}\n",
    "nothing": "",
    "no plugin": ". {\n}\n",
}


@pytest.mark.parametrize("corefile", UNSAID.values(), ids=UNSAID)
def test_what_values_cannot_say_is_not_said(corefile: str) -> None:
    assert values(corefile) is None
