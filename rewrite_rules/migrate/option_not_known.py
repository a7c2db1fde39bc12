"""MIG002 option-not-known: the release that is to read this Corefile does not know an option of a plugin, so it does not start.

What it does
    Finds options that the plugin has in other releases of CoreDNS and not in this one: removed by now, or not there yet.

Why is this bad?
    A plugin refuses an option that it does not know, and CoreDNS the whole Corefile with it.

Example
    kubernetes cluster.local {
        upstream
        pods insecure
    }
    forward . 192.0.2.53

Use instead
    kubernetes cluster.local {
        pods insecure
    }
    forward . 192.0.2.53

Releases
    1.6.9 to 1.15.0

Fix safety
    Safe where the release has another word for it, or no way to do it at all: without the fix it answers nothing. The message says what
    is lost. Unsafe in a plugin that keeps clients out; `drop` of acl becomes `block`.

Sources
    CoreDNS plugin/*/setup.go of each release.
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy import releases
from remedy.corefile.edit import Edit
from remedy.corefile.lines import without, without_block, without_options
from remedy.corefile.tree import Corefile, Directive
from remedy.rules import Choices, Fix, Problem, Safety
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import GUARDS, Move, Option, instead_of, move_of, options_of, said, status, unknown, when

_ELSEWHERE = {"transfer": ("kubernetes", "file", "auto", "secondary")}  # it became a plugin
# Plugins that did not look at what they do not know, and since when they refuse it.
_DEAF = {"any": "1.14.4", "chaos": "1.14.4", "dnstap": "1.14.4", "local": "1.14.4", "trace": "1.14.4", "loadbalance": "1.12.4"}
_REFUSED = "whom it filtered gets REFUSED in place of an empty answer, by which musl (alpine) loses the other family's addresses too"
# Words behind an argument that belong to it.
_VALUES = {"health_check domain": 1, "serve_stale verify": 1, "answer auto": 1, "answer value": 3}
_EMPTY = ("timeouts", "header")  # plugins that are refused without any option
_OWNERS = "answers carry the name as it was rewritten, which some clients refuse"


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    known = releases.plugins(move.reader)
    every = [(plugin, block) for block, plugin in corefile.walk() if plugin.name.text in known]
    for plugin, blocks in by_place(every):
        refused: set[Directive] = set()  # what stands behind an option that is not known says no more
        for option in options_of(plugin):
            name = plugin.name.text
            if (
                option.directive in refused
                or name in _ELSEWHERE.get(option.word.partition(" ")[0], ())
                or not unknown(move, name, option.word)
            ):
                continue
            refused.add(option.directive)
            if name in _DEAF and (option.directive is not plugin or plugin.opening) and not move.at_least(_DEAF[name]):
                message = (
                    f"CoreDNS {move.reader} passes over {option.word} of {name}, which it does not know{when(move, name, option.word)}"
                )
                yield Problem(option.directive.span, message + imported(plugin, blocks), (), "info")
                continue
            message = _message(move, name, option.word) + imported(plugin, blocks)
            yield Problem(option.directive.span, message, _fix(corefile, move, plugin, option))


def _message(move: Move, name: str, option: str) -> str:
    line = status(move, name, option)
    lost = f": {said(line.text)}" if line and line.text else ""
    return f"CoreDNS {move.reader} does not start with this Corefile: {name} has no {option}{when(move, name, option)}{lost}"


def _fix(corefile: Corefile, move: Move, plugin: Directive, option: Option) -> tuple[Fix, ...]:
    if not whole(corefile, option.directive):
        return ()
    line = status(move, plugin.name.text, option.word)
    why = GUARDS.get(plugin.name.text, "")
    if option.word == "answer auto" and "exact" not in [each.text for each in plugin.words()][:5]:
        why = _OWNERS
    safety: Safety = "unsafe" if why else "safe"
    name, word = plugin.name.text, option.directive.name
    instead = instead_of(move, name, option.word)
    if line and instead:
        return (Fix(f"write {instead}", "replace", (Edit(word.start, word.end, instead, word.file),), safety, why),)
    if (name, option.word) == ("header", "response") and option.directive.arguments:
        edit = Edit(word.start, option.directive.arguments[0].start, "", word.file)
        return (Fix("write it without response", "shorten", (edit,), safety, why),)
    bare = without_block(corefile, plugin, plugin.name.end) if (name, option.directive) == ("loadbalance", plugin) else None
    if bare:
        return (Fix("write loadbalance alone", "alone", (bare,), safety, why),)
    if plugin.name.text == "acl" and option.argument is None:
        return (_blocked(option.directive),)
    if option.argument:
        words = option.directive.arguments[option.argument : option.argument + 1 + _VALUES.get(option.word, 0)]
        edit = Edit(option.directive.arguments[option.argument - 1].end, words[-1].end, "", words[0].file)
        return (Fix(f"write {option.directive.name.text} without {words[0].text}", "shorten", (edit,), safety, why),)
    title = f"delete {option.word}, which this release cannot do"
    alone = name in _EMPTY and all(unknown(move, name, each.name.text) for each in plugin.options)
    edits = (without(corefile, plugin),) if alone or option.directive is plugin else without_options(corefile, plugin, [option.directive])
    return (Fix(title, "delete", edits, safety, why),)


def _blocked(policy: Directive) -> Fix:
    """An action of acl that the release does not know: it keeps the same clients out by `block`."""
    why = "" if policy.name.text == "drop" else _REFUSED
    edit = Edit(policy.name.start, policy.name.end, "block", policy.name.file)
    return Fix("write block", "block", (edit,), "unsafe" if why else "safe", why)
