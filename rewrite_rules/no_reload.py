"""CFG005 no-reload: a cluster's Corefile without the plugin reload, so no change of it arrives before the pods restart.

What it does
    Remarks on Corefiles with *kubernetes* and without *reload*.

Why is this bad?
    CoreDNS reads its Corefile once. After a change, what runs and what is written differ until somebody restarts the pods, perhaps weeks
    later and for another reason.

Example
    .:53 {
        kubernetes cluster.local
        forward . /etc/resolv.conf
    }

Fix safety
    No fix: some keep it out on purpose and restart the pods themselves; the line itself would not arrive before a restart, either.

Sources
    CoreDNS plugin/reload.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Problem


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    plugins = {plugin.name.text: plugin for _, plugin in reversed(list(corefile.walk()))}
    if "kubernetes" in plugins and "reload" not in plugins and not corefile.unread:
        message = "without the plugin reload a change of this Corefile arrives only when the pods restart"
        yield Problem(plugins["kubernetes"].span, message)
