"""MIG008 outdated-word: the release that is to read this Corefile ignores a word of it, or will refuse it one day.

What it does
    Finds options and plugins that are deprecated or ignored, and further addresses behind `endpoint` of kubernetes, of which only the first
    counts since 1.4.0.

Why is this bad?
    Who reads the Corefile takes the word for something that it does not do. A later release refuses it.

Example
    kubernetes cluster.local {
        endpoint https://192.0.2.1:6443 https://192.0.2.2:6443
    }
    forward . 192.0.2.53

Use instead
    kubernetes cluster.local {
        endpoint https://192.0.2.1:6443
    }
    forward . 192.0.2.53

Releases
    1.3.1 to 1.4.0

Fix safety
    Safe: what is ignored is deleted in a migration, what is deprecated with `--eager`, or where there is another word for it.

Sources
    CoreDNS notes and plugin/*/setup.go of each release; plugin/kubernetes/setup.go at 1.4.0 (endpoint).
"""

from __future__ import annotations

from collections.abc import Iterator

from remedy import releases
from remedy.corefile.edit import Edit
from remedy.corefile.lines import without_options
from remedy.corefile.tree import Corefile, Directive
from remedy.releases import Changed
from remedy.rules import Choices, Fix, Problem
from rewrite_rules._scope import by_place, imported, whole
from rewrite_rules.migrate._move import Move, instead_of, move_of, options_of, said, status

_STATES = ("deprecated", "ignored")


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
    move = move_of(choices)
    if move is None:
        return
    known = releases.plugins(move.reader)
    for plugin, blocks in by_place((plugin, block) for block, plugin in corefile.walk() if plugin.name.text in known):
        for problem in (
            *_plugin(move, plugin, choices),
            *_options(corefile, move, plugin, choices),
            *_endpoints(corefile, move, plugin, choices),
        ):
            yield problem._replace(message=problem.message + imported(plugin, blocks))


def _plugin(move: Move, plugin: Directive, choices: Choices) -> Iterator[Problem]:
    line = status(move, plugin.name.text)
    if line and line.kind in _STATES and not (choices.eager and plugin.name.text == "proxy"):
        yield Problem(plugin.span, f"the plugin {plugin.name.text} {_said(line)}", (), "info")


def _options(corefile: Corefile, move: Move, plugin: Directive, choices: Choices) -> Iterator[Problem]:
    name = plugin.name.text
    for option in options_of(plugin):
        line = status(move, name, option.word)
        if not line or line.kind not in _STATES or option.argument is not None or option.word == "endpoint" or option.directive is plugin:
            continue
        if line.kind == "deprecated" and option.word == "upstream" and not option.directive.arguments:
            continue  # up to 1.5.1 no external name is looked up without the word; only its addresses mean nothing
        wanted = choices.eager if line.kind == "deprecated" else choices.to is not None
        fixes = _fix(corefile, move, plugin, option.directive, line) if wanted else ()
        yield Problem(option.directive.span, f"{option.word} of {name} {_said(line)}", fixes, "info")


def _said(line: Changed) -> str:
    instead = f"; {line.replaced_by} takes its place" if line.replaced_by else ""
    return f"is {line.kind} since {line.version}{instead}" + (f": {said(line.text)}" if line.text else "")


def _fix(corefile: Corefile, move: Move, plugin: Directive, option: Directive, line: Changed) -> tuple[Fix, ...]:
    if not whole(corefile, option):
        return ()
    name = option.name
    instead = instead_of(move, plugin.name.text, name.text)
    if instead:
        return (Fix(f"write {instead}", "replace", (Edit(name.start, name.end, instead, name.file),), "safe"),)
    if line.replaced_by:
        return ()  # what takes its place has another shape
    if line.kind == "deprecated" and name.text == "upstream":
        addresses = Edit(name.end, option.head.end, "", name.file)
        return (Fix("leave out the addresses, which are passed over", "bare", (addresses,), "safe"),)
    return (Fix(f"delete {option.name.text}", "delete", without_options(corefile, plugin, [option]), "safe"),)


def _endpoints(corefile: Corefile, move: Move, plugin: Directive, choices: Choices) -> Iterator[Problem]:
    """Further addresses behind `endpoint`."""
    if plugin.name.text != "kubernetes" or not move.at_least("1.4.0"):
        return
    for option in plugin.option("endpoint"):
        if len(option.arguments) > 1:
            first = option.arguments[0]
            edit = Edit(first.end, option.head.end, "", first.file)
            fix = Fix("keep the first address", "first", (edit,), "safe")
            fixes = (fix,) if choices.to is not None and whole(corefile, option) else ()
            yield Problem(option.span, f"of several addresses behind endpoint CoreDNS takes only {first.text} since 1.4.0", fixes, "info")
