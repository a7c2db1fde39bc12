"""CFG010 rewrite-rcode: the rcode of replies is rewritten for names that pods search, or from success to an error.

What it does
    Finds `rewrite rcode` rules that turn NXDOMAIN into NOERROR for names that a search list makes up, and those that turn NOERROR into an
    error.

Why is this bad?
    A search goes on at NXDOMAIN. Turned into NOERROR, a name that does not exist is answered NODATA for both types, and musl stops at the
    first domain of its search list: every name outside the cluster is lost, and short names of other Namespaces. Turned from NOERROR into
    an error, an answer with addresses is thrown away. The rule acts on every type. Before CoreDNS 1.14.7 it acts only on replies that
    carry a record, so a bare denial stays.

Example
    rewrite stop rcode suffix cluster.local. NXDOMAIN NOERROR
    kubernetes cluster.local

Use instead
    kubernetes cluster.local

Fix safety
    `delete` the rule is unsafe: where it covered up an upstream that answers AAAA with NXDOMAIN, those names break again. Better repair
    what gives the wrong rcode, and delete the rule then.

Sources
    CoreDNS plugin/rewrite/rcode.go, since 1.11.3; coredns/coredns#8421.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy.answers.plugins import NEWEST, version_of
from remedy.answers.reasons import Unknown
from remedy.answers.rewrite import matches, rule_of
from remedy.corefile.lines import without
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, searched, whole

_MADE_UP = ("absent", "absent.default.svc", "example.org", "example.org.default.svc", "absent.svc")


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    lists = searched(corefile, choices) or ("cluster.local.",)
    plugins = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text == "rewrite" and _message(plugin, lists)]
    for plugin, blocks in by_place(plugins):
        message = _message(plugin, lists)
        if "NODATA" in message and version_of(choices.reader or NEWEST) < (1, 14, 7):
            message += "; this CoreDNS does so only for replies with a record in them"
        why = "where it covers up a server that answers AAAA with NXDOMAIN, names break that do not now"
        fix = Fix("delete the rule", "delete", (without(corefile, plugin),), "unsafe", why) if whole(corefile, plugin) else None
        yield Problem(plugin.span, message + imported(plugin, blocks), (fix,) if fix else (), "error" if "NODATA" in message else None)


def _message(plugin: Directive, lists: tuple[str, ...]) -> str:
    """What is wrong with it; empty for a rule that does no harm by itself."""
    try:
        rule = rule_of(plugin)
        if rule.kind != "rcode" or len(rule.words) not in (3, 4):
            return ""
        old, new = (_name(word) for word in rule.words[-2:])
        if old == "NXDOMAIN" and new == "NOERROR":
            hit = next((zone for zone in lists for name in _MADE_UP if matches(rule.words[:-2], f"{name}.{zone}")), "")
            return hit and f"names that do not exist in {hit} are answered NODATA: musl (alpine) then stops its search there"
    except Unknown:
        return ""
    if old == "NOERROR" and new != "NOERROR":
        return f"answers with addresses are turned into {new}, for every type"
    return ""


def _name(word: str) -> str:
    return {"0": "NOERROR", "2": "SERVFAIL", "3": "NXDOMAIN", "5": "REFUSED"}.get(word, word.upper())
