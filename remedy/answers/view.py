"""`view`: which questions get to a server block, as far as its expressions ask for nothing but the type (plugin/view/view.go).

Of several expressions all have to be true. Anything but comparisons of `type()` joined by `&&` is unknown.
"""

from __future__ import annotations

import re

from remedy.answers.message import Query
from remedy.answers.reasons import Unknown
from remedy.corefile.tree import Directive

_COMPARED = re.compile(r"type\(\)\s*(==|!=)\s*'([A-Z]+)'|'([A-Z]+)'\s*(==|!=)\s*type\(\)")


def passes(plugin: Directive, query: Query) -> bool:
    """Do the expressions let this question in?"""
    for option in plugin.options:
        text = " ".join(word.text for word in option.arguments)
        if option.name.text != "expr" or plugin.rest:
            raise Unknown("view", plugin="view")
        for part in text.split("&&"):
            found = _COMPARED.fullmatch(part.strip())
            if found is None:
                raise Unknown("view", plugin="view")
            equal = (found[1] or found[4]) == "=="
            if ((found[2] or found[3]) == query.type_) != equal:
                return False
    return True
