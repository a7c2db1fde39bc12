"""`rewrite`: another question goes down the chain, and what comes back is changed as well (plugin/rewrite).

Rules are tried in file order until one that says `stop`, the default, has applied. The question in the reply is put back only where the
plugin wrote or watched the reply; how far it does differs by version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from remedy.answers.message import Message, Outcome, Query
from remedy.answers.reasons import Unknown
from remedy.answers.regex import search
from remedy.answers.server import Next, check, normal
from remedy.answers.words import RCODE_NUMBERS, RCODES, TYPES, is_name
from remedy.corefile.tree import Directive

_MODES = ("continue", "stop")
_MATCHES = ("exact", "prefix", "suffix", "substring", "regex")


class Rule(NamedTuple):
    """`stops`: no rule after it is tried once it has applied."""

    kind: str
    stops: bool
    words: tuple[str, ...]


class _Walk(NamedTuple):
    """The question as the rules leave it, rcodes to change in the reply, whether the reply is watched, whether a rule said stop."""

    query: Query
    rcodes: tuple[tuple[str, str], ...] = ()
    watched: bool = False
    stopped: bool = False
    aliases: bool = False


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    walk = _Walk(query)
    rules = [rule_of(plugin) for plugin in plugins]
    for place, rule in enumerate(rules):
        walk, applied = _apply(rule, walk, last=place == len(rules) - 1)
        if applied and not is_name(walk.query.name):
            return Outcome("SERVFAIL", error=True)
        if applied and rule.stops:
            walk = walk._replace(stopped=True)
            break
    return _back(walk, query, onward)


def rule_of(plugin: Directive) -> Rule:
    """What a `rewrite` says: its kind, whether it ends the list, and the words behind the kind."""
    check(plugin)
    words = [argument.text for argument in plugin.arguments]
    if len(words) < 2:
        words += [word.text for option in plugin.options for word in option.words()]
    mode = words[0].lower() if words and words[0].lower() in _MODES else ""
    words = words[bool(mode) :]
    return Rule(words[0].lower() if words else "", mode != "continue", tuple(words[1:]))


def _apply(rule: Rule, walk: _Walk, *, last: bool) -> tuple[_Walk, bool]:
    """The walk after this rule, and whether it applied."""
    words, query = rule.words, walk.query
    if rule.kind == "type" and len(words) == 2:
        if words[0].upper() != query.type_:
            return walk, False
        if words[1].upper() not in TYPES:
            raise Unknown("type", words[1])
        return walk._replace(query=query._replace(type_=words[1].upper())), True
    if rule.kind == "class" and len(words) == 2:
        if words[0].upper() == "IN" and words[1].upper() != "IN":
            raise Unknown("rewrite-rule", "class")
        return walk, words[0].upper() == "IN"
    if rule.kind == "name" and len(words) >= 2:
        name = _renamed(words, query.name)
        if name is None:
            return walk, False
        exact = len(words) == 2 or words[0].lower() == "exact"
        return walk._replace(query=query._replace(name=name), watched=walk.watched or exact or len(words) > 3), True
    if rule.kind == "ttl" and len(words) in (2, 3):
        applied = matches(words[:-1], query.name)
        return walk._replace(watched=walk.watched or applied), applied
    if rule.kind == "rcode" and len(words) in (3, 4):
        applied = matches(words[:-2], query.name)
        pair = (_rcode(words[-2]), _rcode(words[-1]))
        return (walk._replace(rcodes=(*walk.rcodes, pair), watched=True), True) if applied else (walk, False)
    if rule.kind == "cname" and len(words) in (2, 3):
        return walk._replace(aliases=True, watched=True), True
    if rule.kind == "edns0":
        if rule.stops and not last:  # whether it applies depends on what the client sent
            raise Unknown("rewrite-rule", "edns0")
        return walk, False
    raise Unknown("rewrite-rule", rule.kind)


def _renamed(words: tuple[str, ...], name: str) -> str | None:
    """The name after a rule, None where it does not apply."""
    how, source, target = ("exact", *words[:2]) if len(words) == 2 else (words[0].lower(), *words[1:3])
    if how == "regex":
        found = search(source, name, groups=True)
        if found is None:
            return None
        result = normal(target)
        for place, group in enumerate(found.groups):
            result = result.replace(f"{{{place}}}", group)
        return result
    source, target = normal(source), normal(target)
    if how == "exact":
        return target if source == name else None
    if how == "prefix":
        return target + name[len(source) :] if name.startswith(source) else None
    if how == "suffix":
        return name[: len(name) - len(source)] + target if name.endswith(source) else None
    if how == "substring":
        return name.replace(source, target) if source in name else None
    raise Unknown("rewrite-rule", how)


def matches(words: tuple[str, ...], name: str) -> bool:
    """Does a rule about replies apply to this name?"""
    how, source = ("exact", words[0]) if len(words) == 1 else (words[0].lower(), words[1])
    if how == "regex":
        return search(source, name, groups=False) is not None
    if how not in _MATCHES:
        raise Unknown("rewrite-rule", how)
    source = normal(source)
    return {
        "exact": name == source,
        "prefix": name.startswith(source),
        "suffix": name.endswith(source),
        "substring": source in name,
    }[how]


def _rcode(word: str) -> str:
    name = RCODE_NUMBERS[int(word)] if word.isdigit() and int(word) < len(RCODE_NUMBERS) else RCODES.get(word.upper())
    if name is None:
        raise Unknown("rcode")
    return name


def _back(walk: _Walk, asked: Query, onward: Next) -> Outcome:
    """Send the question on, and change what comes back."""
    version = onward.context.version
    changed = walk.query != asked
    outcome = onward(walk.query)
    if outcome.rewritten:
        changed = True
    watched = walk.watched if version >= (1, 15) else False
    if not walk.stopped and not watched:
        if changed or walk.watched:
            raise Unknown("rewrite-question")
        return outcome
    message = outcome.message
    if not outcome.written:
        if version < (1, 15) and (changed or walk.rcodes) and not (version >= (1, 10, 1) and walk.stopped):
            raise Unknown("rewrite-question")
        if message is not None and asked.type_ == "AAAA" and onward.block.plugin("dns64"):
            raise Unknown("dns64-rewrite")
        # What was written is written again: clients take the first, lookups of the server itself the last.
        if version >= (1, 10, 1) and (message is None or onward.context.depth):
            message = Message(outcome.rcode, by=outcome.by)
    if message is None:
        return outcome._replace(rewritten=changed)
    if walk.aliases and any(record.type_ == "CNAME" for record in message.answer):
        raise Unknown("rewrite-rule", "cname")
    return Outcome("NOERROR", _changed(message, walk.rcodes, version), outcome.error, changed)


def _changed(message: Message, rcodes: tuple[tuple[str, str], ...], version: tuple[int, ...]) -> Message:
    """The rcode after the rules, the last rule first. They act on each record, and without records only from 1.14.7 on."""
    if not rcodes:
        return message
    records = len(message.answer) + message.soa + message.delegates + message.extra
    if not records and version < (1, 14, 7):
        return message
    if len(rcodes) > 1 and records > 1:
        raise Unknown("rewrite-rule", "rcode")
    rcode = message.rcode
    for old, new in reversed(rcodes):
        rcode = new if rcode == old else rcode
    return message._replace(rcode=rcode)
