"""How often a template gave its answer, as the replicas themselves count: what a finding has cost, beside what it may cost.

CoreDNS counts by the question's class and type and by the template's zone, not by the template (plugin/template,
coredns_template_matches_total; 1.8.0, 1.10.1 and 1.15.0 have it): of two with one zone nobody can tell which of them it was.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from remedy.answers.template import Template, templates
from remedy.answers.zones import port_of_key
from remedy.cluster.discover import Installation
from remedy.cluster.door import Door
from remedy.cluster.metrics import build, fetch, port_of, started
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.errors import ClusterError

_MATCHES = re.compile(r"^coredns_template_matches_total\{([^}]*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
UNKNOWN = "how often it was answered so is not known: no replica shows its metrics"


class Shown(NamedTuple):
    """The metrics of those replicas that show them, of so many."""

    bodies: tuple[str, ...]
    of: int


def shown(door: Door, installation: Installation, corefile: Corefile) -> Shown:
    """Asks every replica. What cannot be had is left out, for this is good to know and not needed."""
    port = port_of(corefile)
    if port is None or installation.node_local:
        return Shown((), 0)
    try:
        replicas = door.replicas(installation.namespace, installation.configmap)
    except ClusterError:
        return Shown((), 0)
    bodies: list[str] = []
    for replica in replicas:
        body = fetch(door, installation.namespace, replica, port)
        if not body and not bodies:  # no right, or nobody listens: the others are no different
            break
        bodies.append(body)
    return Shown(tuple(body for body in bodies if build(body)), len(replicas))


def sentence(corefile: Corefile, line: int, column: int, metrics: Shown) -> str:
    """How often the template at this place answered AAAA; "" where there is none, UNKNOWN where nobody tells."""
    found = next((each for each in _templates(corefile) if _place(corefile, each[1]) == (line, column)), None)
    if found is None:
        return ""
    if not metrics.bodies:
        return UNKNOWN
    block, template = found
    ports = {port_of_key(key.text) for key in block.keys}
    count = sum(_count(body, template.zones, ports) for body in metrics.bodies)
    since = datetime.fromtimestamp(min(map(started, metrics.bodies)), UTC)
    others = [each for each in templates(block) if each.directive is not template.directive and each.type_.text in ("AAAA", "ANY")]
    most = "at most " if any(set(each.zones) & set(template.zones) for each in others) else ""
    times = "not once" if not count else f"{most}{count:,} time{'s' if count > 1 else ''}"
    who = f"{len(metrics.bodies)} of {metrics.of} replicas count, since {since:%Y-%m-%d %H:%M} UTC"
    return f"AAAA was answered so {times} ({who})"


def _templates(corefile: Corefile) -> Iterator[tuple[ServerBlock, Template]]:
    for block in corefile.blocks:
        for template in templates(block):
            yield block, template


def _place(corefile: Corefile, template: Template) -> tuple[int, int]:
    """Line and column of its first word in the Corefile; nowhere in it for one that stands in an imported file."""
    start = template.directive.span.start
    if template.directive.span.file:
        return (0, 0)
    return corefile.text.count("\n", 0, start) + 1, start - corefile.text.rfind("\n", 0, start)


def _count(body: str, zones: Container[str], ports: Container[str]) -> int:
    total = 0.0
    for labels, value in _MATCHES.findall(body):
        named: dict[str, str] = dict(_LABEL.findall(labels))
        if named.get("type") == "AAAA" and named.get("zone", "") in zones and named.get("server", "").rpartition(":")[2] in ports:
            total += float(value)
    return int(total)
