"""Who else writes a live Corefile, by the marks that every tool leaves on what it writes: the owners of a ConfigMap, most specific first.

An owner that acts by itself undoes a change while nobody looks; one that acts when a person runs it does so at the next upgrade. Both are
told; only the first stands in the way of an apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from remedy.cluster.door import Json

# Where a Corefile takes in what its vendor leaves to the customer: `import custom/*.override`, `import /custom/*.include`.
CUSTOM_IMPORT = re.compile(r"^[ \t]*import[ \t]+(\S*custom/\*\.(?:override|include|server))[ \t]*\r?$", re.MULTILINE)


class Owner(NamedTuple):
    """Who owns a ConfigMap, by which `signal`, whether and `when` it puts its own text back, and `where` the change belongs instead.

    `kind` is one word for programs; `of` the namespace and the name of the owner's own object. An owner acts `alone` if nobody has to
    start it.
    """

    kind: str
    name: str
    signal: str
    reverts: Literal["yes", "no", "maybe"]
    when: str
    where: str
    alone: bool = False
    of: tuple[str, str] = ("", "")

    @property
    def in_the_way(self) -> bool:
        """Would a change of the live object be undone without anybody's doing?"""
        return self.alone and self.reverts != "no"


class _Marks(NamedTuple):
    """What is written on a ConfigMap."""

    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    references: list[Json]
    managers: list[Json]
    key: str
    text: str


def owners(configmap: Json, key: str) -> tuple[Owner, ...]:
    """Every owner that has left its mark on a ConfigMap, whose Corefile stands under `key`; empty where nobody has."""
    metadata = configmap["metadata"]
    marks = _Marks(
        metadata.get("namespace", ""),
        metadata.get("labels") or {},
        metadata.get("annotations") or {},
        metadata.get("ownerReferences") or [],
        metadata.get("managedFields") or [],
        key,
        (configmap.get("data") or {}).get(key, ""),
    )
    found = [owner for signal in _SIGNALS for owner in signal(marks)]
    if any(each.alone for each in found):  # whoever runs the chart, these have the last word
        found = [each for each in found if each.kind != "helm"]
    # What is left behind by every tool, and what every vendor offers, says nothing new beside an owner.
    return tuple(found or [*_extension_point(marks), *_last_applied(marks)])


def last_writer(configmap: Json) -> str:
    """The field manager that wrote last, and when; empty where the API server does not tell."""
    managers = configmap["metadata"].get("managedFields") or []
    newest = max(managers, key=lambda each: each.get("time", ""), default=None)
    return f"{newest['manager']} at {newest['time']}" if newest and newest.get("time") else ""


def _operator(marks: _Marks) -> Iterator[Owner]:
    for each in marks.references:
        if each["apiVersion"].startswith("operator.openshift.io/"):
            yield Owner(
                "openshift",
                "the DNS operator of OpenShift",
                f"ownerReference {each['kind']}/{each['name']}",
                "yes",
                "as soon as it sees a difference, within seconds",
                f"the object dns.operator/{each['name']}; it has no field for a template yet",
                alone=True,
            )
        else:
            yield Owner(
                "operator",
                f"the controller of {each['kind']} {each['name']}",
                f"ownerReference {each['kind']}/{each['name']}",
                "yes",
                "whenever it reconciles",
                f"the object {each['kind']}/{each['name']} ({each['apiVersion']})",
                alone=True,
            )


def _gardener(marks: _Marks) -> Iterator[Owner]:
    if origin := marks.annotations.get("resources.gardener.cloud/origin"):
        yield Owner(
            "gardener",
            f"gardener-resource-manager, for the ManagedResource {origin.rpartition('/')[2]}",
            "annotation resources.gardener.cloud/origin",
            "yes",
            "continuously, within a minute or so",
            "the ConfigMap coredns-custom, which it leaves alone",
            alone=True,
        )


def _argocd(marks: _Marks) -> Iterator[Owner]:
    if tracking := marks.annotations.get("argocd.argoproj.io/tracking-id"):
        yield Owner(
            "argocd",
            f"the Argo CD application {tracking.partition(':')[0]}",
            "annotation argocd.argoproj.io/tracking-id",
            "maybe",
            "within minutes if its sync policy has selfHeal, else at its next sync",
            "the Git repository of that application",
            alone=True,
            of=("", tracking.partition(":")[0]),
        )


def _flux(marks: _Marks) -> Iterator[Owner]:
    if name := marks.labels.get("kustomize.toolkit.fluxcd.io/name"):
        namespace = marks.labels.get("kustomize.toolkit.fluxcd.io/namespace", "flux-system")
        exempt = marks.annotations.get("kustomize.toolkit.fluxcd.io/reconcile") == "disabled"
        yield Owner(
            "flux-kustomization",
            f"the Flux Kustomization {namespace}/{name}",
            "label kustomize.toolkit.fluxcd.io/name",
            "no" if exempt else "yes",
            "as long as the annotation kustomize.toolkit.fluxcd.io/reconcile is disabled" if exempt else "at its next interval",
            "the Git repository of that Kustomization",
            alone=True,
            of=(namespace, name),
        )
    if name := marks.labels.get("helm.toolkit.fluxcd.io/name"):
        namespace = marks.labels.get("helm.toolkit.fluxcd.io/namespace", "flux-system")
        yield Owner(
            "flux-helmrelease",
            f"the Flux HelmRelease {namespace}/{name}",
            "label helm.toolkit.fluxcd.io/name",
            "maybe",
            "at its next interval if driftDetection is enabled, else at its next upgrade",
            "spec.values of that HelmRelease, in its Git repository",
            alone=True,
            of=(namespace, name),
        )


def _eks(marks: _Marks) -> Iterator[Owner]:
    owned = any(each.get("manager") == "eks" and f"f:{marks.key}" in each.get("fieldsV1", {}).get("f:data", {}) for each in marks.managers)
    if owned:
        yield Owner(
            "eks",
            "the EKS add-on coredns",
            f"field manager eks owns data.{marks.key}",
            "yes",
            "when the add-on manager applies it again, and at every update of the add-on",
            "the configuration values of the add-on",
            alone=True,
        )
    elif "eks.amazonaws.com/component" in marks.labels:
        yield Owner(
            "eks-self-managed",
            "nobody: CoreDNS of EKS, self-managed",
            "label eks.amazonaws.com/component, and no field manager eks",
            "no",
            "unless the add-on is installed over it",
            "this ConfigMap",
        )


def _helm(marks: _Marks) -> Iterator[Owner]:
    release = marks.annotations.get("meta.helm.sh/release-name", "")
    if not release and marks.labels.get("app.kubernetes.io/managed-by") != "Helm":
        return
    namespace = marks.annotations.get("meta.helm.sh/release-namespace", marks.namespace)
    signal = "annotation meta.helm.sh/release-name" if release else "label app.kubernetes.io/managed-by: Helm"
    chart = marks.labels.get("helm.sh/chart", "")
    if release == "rke2-coredns" or chart.startswith("rke2-coredns"):
        yield Owner(
            "rke2",
            "the Helm controller of RKE2",
            signal,
            "maybe",
            "when RKE2 is upgraded or the chart's configuration changes, perhaps after months",
            "the HelmChartConfig rke2-coredns in kube-system",
        )
        return
    yield Owner(
        "helm",
        f"the Helm release {release or '(name unknown)'} in {namespace}",
        signal,
        "maybe",
        "at its next helm upgrade",
        "the values of that release" + (f" (chart {chart})" if chart else ""),
        of=(namespace, release or "RELEASE"),
    )


def _k3s(marks: _Marks) -> Iterator[Owner]:
    if marks.annotations.get("objectset.rio.cattle.io/owner-gvk", "").startswith("k3s.cattle.io/v1, Kind=Addon"):
        yield Owner(
            "k3s",
            f"the k3s addon {marks.annotations.get('objectset.rio.cattle.io/owner-name', 'coredns')}",
            "annotation objectset.rio.cattle.io/owner-gvk",
            "yes",
            "at every start of a k3s server",
            "the ConfigMap coredns-custom",
            alone=True,
        )


def _k0s(marks: _Marks) -> Iterator[Owner]:
    if stack := marks.labels.get("k0s.k0sproject.io/stack"):
        yield Owner(
            "k0s",
            f"the k0s stack {stack}",
            "label k0s.k0sproject.io/stack",
            "maybe",
            "when k0s renders the stack anew (an upgrade, a change of its configuration), not before",
            "spec.network.coreDNS.patches of the k0s configuration",
        )


def _addon_manager(marks: _Marks) -> Iterator[Owner]:
    mode = marks.labels.get("addonmanager.kubernetes.io/mode", "")
    signal = f"label addonmanager.kubernetes.io/mode: {mode}"
    if mode == "Reconcile" and CUSTOM_IMPORT.search(marks.text):
        yield Owner("aks", "the addon manager of AKS", signal, "yes", "within about a minute", "the ConfigMap coredns-custom", alone=True)
    elif mode == "Reconcile":
        yield Owner(
            "addon-manager",
            "the addon manager of the control plane",
            signal,
            "yes",
            "within about a minute",
            "the addon's manifest on the control plane, or the vendor's own setting",
            alone=True,
        )
    elif mode == "EnsureExists":
        yield Owner(
            "ensure-exists",
            "nobody: the addon manager only created it",
            signal,
            "no",
            "but Kubespray and kops write it again when they run",
            "this ConfigMap",
        )


def _extension_point(marks: _Marks) -> Iterator[Owner]:
    if found := CUSTOM_IMPORT.search(marks.text):
        yield Owner(
            "extension-point",
            "the vendor of this cluster, it seems",
            f"the Corefile says import {found[1]}",
            "maybe",
            "when the vendor likes; nothing on the ConfigMap tells",
            "the ConfigMap coredns-custom",
        )


def _last_applied(marks: _Marks) -> Iterator[Owner]:
    if "kubectl.kubernetes.io/last-applied-configuration" in marks.annotations:
        yield Owner(
            "kubectl-apply",
            "whoever keeps its YAML",
            "annotation kubectl.kubernetes.io/last-applied-configuration",
            "maybe",
            "at the next kubectl apply of that YAML",
            "that YAML file, wherever it is kept",
        )


_SIGNALS: tuple[Callable[[_Marks], Iterator[Owner]], ...] = (
    *(_gardener, _operator, _argocd, _flux, _eks, _helm, _k3s, _k0s, _addon_manager),
)
