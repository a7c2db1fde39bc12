"""What to change where an owner keeps its own copy of a Corefile, as text to copy: commands, values, manifests.

The words in capitals stand for what remedy cannot know. Nothing here is run by remedy.
"""

from __future__ import annotations

import json
import shlex
import textwrap
from typing import NamedTuple

from remedy.cluster.helm_values import values
from remedy.cluster.owners import CUSTOM_IMPORT, Owner
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.errors import ParseError

_CUSTOM = "coredns-custom"
_NO_VALUES = "the chart's values cannot say a Corefile with snippets or imports as a list; their own form has to be changed"
_OPENSHIFT = """\
# OpenShift has no setting for a template. As a last resort the operator can be told to leave DNS alone;
# it does not repair or upgrade DNS either, until managementState is Managed again:
oc patch dns.operator/default --type merge -p '{"spec":{"managementState":"Unmanaged"}}'
# and after that, this change stays: remedy apply --force-owner
"""


class Wanted(NamedTuple):
    """A change of a live Corefile that should survive; `custom` is the ConfigMap whose files it imports."""

    namespace: str
    name: str
    key: str
    before: str
    after: str
    diff: str
    custom: str = _CUSTOM


def sentence(owner: Owner) -> str:
    """One line: who, by which signal, whether and when the old text comes back, where the change belongs instead."""
    who = f"{owner.name} ({owner.signal})"
    if owner.reverts == "no":
        return f"{who}; a change stays, {owner.when}"
    return f"{who}; its own text {'comes' if owner.reverts == 'yes' else 'may come'} back {owner.when}; the change belongs in {owner.where}"


def advice(owner: Owner, wanted: Wanted) -> str:
    """The exact change to make there instead; empty where the live object is the place to change."""
    if owner.reverts == "no":
        return ""
    namespace, name = owner.of
    match owner.kind:
        case "openshift":
            return _OPENSHIFT
        case "eks":
            return _eks(wanted)
        case "helm":
            return _helm(wanted, namespace, name)
        case "rke2":
            return _rke2(wanted)
        case "k0s":
            return _k0s(wanted)
        case "k3s" | "aks" | "gardener" | "extension-point":
            return _custom(wanted, owner)
        case "argocd":
            return _in_git(wanted, f"until that is merged, it can be kept from syncing: argocd app set {name} --sync-policy none")
        case "flux-kustomization":
            return _in_git(wanted, f"until that is merged, it can be paused: flux suspend kustomization {name} -n {namespace}")
        case "flux-helmrelease":
            return _helmrelease(wanted, namespace, name)
        case "operator" | "addon-manager" | "kubectl-apply":
            return _in_git(wanted)
    return ""


def _eks(wanted: Wanted) -> str:
    configuration = json.dumps({"corefile": wanted.after}, separators=(",", ":"))
    return _lines(
        "# The values replace those there are; look first, and keep what else is in them:",
        "aws eks describe-addon --cluster-name CLUSTER --addon-name coredns --query addon.configurationValues",
        "aws eks update-addon --cluster-name CLUSTER --addon-name coredns --resolve-conflicts OVERWRITE \\",
        f"  --configuration-values {shlex.quote(configuration)}",
    )


def _helm(wanted: Wanted, namespace: str, release: str) -> str:
    found = _values(wanted.after)
    if found is None:
        return _in_git(wanted, _NO_VALUES)
    return _lines(
        "# nodata.yaml, in the form of the coredns chart, which takes the list as a whole:",
        *found.splitlines(),
        "# and then, with the chart that the release was made from:",
        f"helm upgrade {release} CHART --namespace {namespace} --reuse-values -f nodata.yaml",
    )


def _helmrelease(wanted: Wanted, namespace: str, name: str) -> str:
    pause = f"until that is merged, it can be paused: flux suspend helmrelease {name} -n {namespace}"
    found = _values(wanted.after)
    if found is None:
        return _in_git(wanted, pause)
    return _lines(
        f"# in the HelmRelease {namespace}/{name}, in the form of the coredns chart, which takes the list as a whole:",
        "spec:",
        "  values:",
        *textwrap.indent(found, "    ").splitlines(),
        f"# {pause}",
    )


def _rke2(wanted: Wanted) -> str:
    found = _values(wanted.after)
    if found is None:
        return _in_git(wanted, _NO_VALUES)
    return _lines(
        "# The list replaces the default as a whole; keep what else a HelmChartConfig of this name holds.",
        "kubectl apply -f - <<'EOF'",
        "apiVersion: helm.cattle.io/v1",
        "kind: HelmChartConfig",
        "metadata:",
        "  name: rke2-coredns",
        "  namespace: kube-system",
        "spec:",
        "  valuesContent: |-",
        *textwrap.indent(found, "    ").splitlines(),
        "EOF",
    )


def _k0s(wanted: Wanted) -> str:
    content = json.dumps({"data": {wanted.key: wanted.after}})
    return _lines(
        "# in the k0s configuration (k0s.yaml, or kubectl -n kube-system edit clusterconfig k0s):",
        "spec:",
        "  network:",
        "    coreDNS:",
        "      patches:",
        "        - target:",
        "            kind: ConfigMap",
        f"            name: {wanted.name}",
        f"            namespace: {wanted.namespace}",
        "          patch:",
        "            type: merge",
        "            content: |",
        f"              {content}",
    )


def _custom(wanted: Wanted, owner: Owner) -> str:
    added = _added(wanted)
    if added is None:
        return _in_git(wanted, f"what the ConfigMap {wanted.custom} can hold has to be moved there by hand")
    suffix, lines = added
    text = [
        f"# What comes back is the vendor's own Corefile; this keeps the change beside it, in {wanted.custom}, whose other keys stay:",
        "kubectl apply --server-side --field-manager remedy -f - <<'EOF'",
        "apiVersion: v1",
        "kind: ConfigMap",
        "metadata:",
        f"  name: {wanted.custom}",
        f"  namespace: {wanted.namespace}",
        "data:",
        f"  nodata{suffix}: |",
        *(f"    {line}" for line in lines),
        "EOF",
    ]
    if owner.kind == "aks":
        text.append(f"kubectl -n {wanted.namespace} rollout restart deployment coredns")
    return _lines(*text)


def _added(wanted: Wanted) -> tuple[str, list[str]] | None:
    """The suffix of the files that a server block imports, and the plugins that are new in that block; None where it is not as simple."""
    try:
        before, after = parse(wanted.before), parse(wanted.after)
    except ParseError:
        return None
    if len(before.blocks) != len(after.blocks):
        return None
    found: list[tuple[str, list[str]]] = []
    for old, new in zip(before.blocks, after.blocks, strict=True):
        held = _plugins(before, old)
        lines = [line for plugin in _plugins(after, new) if plugin not in held for line in plugin.splitlines()]
        if not lines:
            continue
        end = new.closing.end if new.closing else len(after.text)
        imports = [match[1] for match in CUSTOM_IMPORT.finditer(after.text, new.keys[0].start, end)]
        if not imports:
            return None
        found.append((f".{imports[0].rpartition('.')[2]}", lines))
    return found[0] if len(found) == 1 else None


def _plugins(corefile: Corefile, block: ServerBlock) -> list[str]:
    return [textwrap.dedent(corefile.source(plugin.span)) for plugin in block.plugins]


def _in_git(wanted: Wanted, more: str = "") -> str:
    return _lines("# the change to make there:", *wanted.diff.splitlines(), *([f"# {more}"] if more else []))


def _values(text: str) -> str | None:
    try:
        return values(text)
    except ParseError:
        return None


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
