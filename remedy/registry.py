"""Every rule there is: the project's own, and those that other installed packages bring through the entry point group `remedy.rules`.

importlib.metadata costs more than a whole scan; it is imported only where a look at the entry_points.txt of what is installed shows that
there is something for it to load.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, get_args

from remedy.errors import InputError, RemedyError, RuleError
from remedy.rules import Choices, Problem, Rule, Severity
from rewrite_rules import RULES

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from remedy.corefile.tree import Corefile

GROUP = "remedy.rules"
_CODE = "[A-Z]{2,8}[0-9]{3}"  # compiled where they are asked for, which few runs do
_NAME = "[a-z0-9]+(-[a-z0-9]+)*"
_ID = f"({_CODE})-[0-9a-f]{{8}}"


class Selection(NamedTuple):
    """The rules to run, and the ids of single findings: of a rule whose code is in one of them, no other finding counts."""

    rules: tuple[Rule, ...]
    ids: frozenset[str] = frozenset()


def select(chosen: Sequence[str] = (), ignored: Sequence[str] = ()) -> Selection:
    """The rules that these words leave: codes, names, or beginnings of codes; of `chosen` also ids of findings. InputError for others."""
    every = rules(ignored)
    if not chosen and not ignored:
        return Selection(every)
    ids = {word: found[1] for word in chosen if (found := re.fullmatch(_ID, word))}
    whole = _named([word for word in chosen if word not in ids], every) if chosen else {rule.code for rule in every}
    parts = {code: word for word, code in ids.items() if code not in whole}
    _named(list(parts), every)
    brought = {entry.name for entry in _brought()} if ignored else set()
    kept = (whole | parts.keys()) - _named([word for word in ignored if word not in brought], every)
    return Selection(tuple(rule for rule in every if rule.code in kept), frozenset(word for word, code in ids.items() if code in parts))


def named(word: str) -> Rule:
    """The rule with this code or name. InputError with those that are near it."""
    every = rules()
    found = next((rule for rule in every if word.upper() == rule.code or word.lower() == rule.name), None)
    if found is None:
        raise _unknown(word, every)
    return found


def code_of(word: str) -> str:
    """The rule's code in a code or in a finding's id. InputError, with what is near it, for any other word."""
    found, every = re.fullmatch(_ID, word), rules()
    code = found[1] if found else word
    if all(rule.code != code for rule in every):
        raise _unknown(word, every)
    return code


def rules(ignored: Sequence[str] = ()) -> tuple[Rule, ...]:
    """All of them, by code. RuleError where an installed one cannot be used; one whose name is ignored is not loaded."""
    found = list(RULES)
    for entry in _brought():
        if entry.name not in ignored:
            found.append(_loaded(entry, found))
    return tuple(sorted(found, key=lambda rule: rule.code))


def _named(words: Iterable[str], every: Sequence[Rule]) -> set[str]:
    """The codes of the rules that are meant."""
    codes: set[str] = set()
    for word in words:
        found = {rule.code for rule in every if word == rule.name or (word and rule.code.startswith(word.upper()))}
        if not found:
            raise _unknown(word, every)
        codes |= found
    return codes


def _unknown(word: str, every: Sequence[Rule]) -> InputError:
    from difflib import get_close_matches

    words = {each.lower(): each for rule in every for each in (rule.code, rule.name)}
    near = [words[each] for each in get_close_matches(word.lower(), words, n=3, cutoff=0.6)]
    hint = f"near it: {', '.join(near)}; all of them: remedy explain" if near else "all of them: remedy explain"
    return InputError(f"no rule has the code or the name {word!r}", hint)


def _brought() -> list[EntryPoint]:
    """What installed packages bring. Whether there is anything is read by hand: the same question costs importlib.metadata 10 ms."""
    section = f"[{GROUP}]".encode()
    if not any(section in text for folder in sys.path for text in _declared(folder or os.curdir)):
        return []
    from importlib.metadata import entry_points

    return sorted(set(entry_points(group=GROUP)), key=lambda entry: (entry.name, entry.value))


def _declared(folder: str) -> Iterator[bytes]:
    """What the packages in a folder of sys.path declare."""
    try:
        entries = os.listdir(folder)
    except OSError:  # a zip file, or nothing at all
        return
    for entry in entries:
        if entry.endswith((".dist-info", ".egg-info")):
            try:
                with open(f"{folder}/{entry}/entry_points.txt", "rb") as file:
                    yield file.read()
            except OSError:
                continue


def _loaded(entry: EntryPoint, others: Sequence[Rule]) -> Rule:
    """The rule of another package, whose check says who it is when it fails."""
    package = entry.dist.name if entry.dist else "an unknown package"
    what = f"the rule {entry.name} of {package} ({entry.value})"
    hint = f"leave it out: --ignore {entry.name}; or take the package away: pip uninstall {package}"
    try:
        rule = entry.load()
    except Exception as error:
        raise RuleError(f"{what} cannot be loaded: {type(error).__name__}: {error}", hint) from error
    wrong = _wrong(rule, entry.name, others)
    if wrong:
        raise RuleError(f"{what} cannot be used: {wrong}", hint)

    def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:
        try:
            yield from rule.check(corefile, choices)
        except RemedyError:
            raise
        except Exception as error:
            raise RuleError(f"{what} failed: {type(error).__name__}: {error}", hint) from error

    check.__module__ = rule.check.__module__
    return Rule(rule.code, rule.name, rule.severity, check)


def _wrong(rule: object, name: str, others: Sequence[Rule]) -> str:
    """Why it is no rule, or "" if it is one."""
    if not isinstance(rule, Rule):
        return f"it is no remedy.rules.Rule, but {type(rule).__name__}"
    if rule.name != name or not re.fullmatch(_NAME, name):
        return f"the rule calls itself {rule.name}; the entry point has to have that name, in lower-case words with dashes"
    if not re.fullmatch(_CODE, rule.code):
        return f"{rule.code} is no code: two to eight capitals and three digits"
    if rule.severity not in get_args(Severity):
        return f"{rule.severity} is no severity: {', '.join(get_args(Severity))}"
    if not rule.doc:
        return "its module has no docstring, which is the rule's page"
    taken = next((each for each in others if rule.code == each.code or rule.name == each.name), None)
    return f"{taken.code} {taken.name} is there already" if taken else ""
