"""`tsig`: without `require` it passes unsigned questions on; with it the answer depends on how the client asks."""

from __future__ import annotations

from collections.abc import Sequence

from remedy.answers.message import Outcome, Query
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next
from remedy.corefile.tree import Directive


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    options = [option for plugin in plugins for option in plugin.options]
    if any(option.name.text.startswith("require") and [word.text for word in option.arguments] != ["none"] for option in options):
        raise Unknown("tsig")
    return onward(query)
