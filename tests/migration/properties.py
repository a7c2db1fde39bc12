"""What has to hold for every migration, as functions of a text and two releases; each says what does not, "" if all is well."""

from __future__ import annotations

from collections import Counter

from remedy import releases
from remedy.answers.model import replies
from remedy.answers.questions import names
from remedy.corefile.edit import apply
from remedy.corefile.parse import parse
from remedy.engine import Repair
from remedy.testing import comments
from tests.migration.moved import moved

_DELETED = ("MIG001", "MIG002")
_ANOTHER_ORDER = "MIG013"
_ADDED = "MIG011"


def kept(text: str, repair: Repair) -> str:
    """Nothing is lost: every comment, and every byte outside of the edits; what came out can be read."""
    parse(repair.text)
    if apply(text, repair.edits) != repair.text:
        return "the edits do not lead to the text"
    lost = Counter(comments(text)) - Counter(comments(repair.text))
    return f"comments are lost: {list(lost)}" if lost else ""


def settled(text: str, source: str, target: str, *, defaults: bool) -> str:
    """The same again for the same text, and nothing more to do for what came out of it."""
    once = moved(text, source, target, defaults=defaults)
    if moved(text, source, target, defaults=defaults) != once:
        return "another result the second time"
    again = moved(once.text, source, target, defaults=defaults)
    return "" if again.text == once.text else f"a second run changes it again:\n{again.text}"


def returned(text: str, source: str, target: str, *, eager: bool = False, defaults: bool = False) -> str:
    """There and back: what is fine for the source, and on the way there was at most added to, is the same bytes again.

    What was added and the source knows too stays: it is valid there. Then the text says nothing else but that besides.
    """
    text = moved(text, source, source).text
    there = moved(text, source, target, eager=eager, defaults=defaults)
    if any(finding.code != _ADDED for finding in there.fixed):
        return ""
    back = moved(there.text, target, source).text
    stays = Counter({word: count for word, count in (_words(there.text) - _words(text)).items() if _knows(source, *word)})
    if back != text if not stays else (_words(back) - _words(text), _words(text) - _words(back)) != (stays, Counter()):
        return f"there and back makes of it (and {list(stays)} may stay):\n{back}"
    return ""


def named(text: str, repair: Repair) -> str:
    """No plugin and no option goes in silence: a finding that was fixed tells its name."""
    said = " ".join(f"{finding.message} {finding.fix.title if finding.fix else ''}" for finding in repair.fixed)
    silent = [word for word in _words(text) - _words(repair.text) if word[0] not in said and word[1].partition(" ")[0] not in said]
    return f"gone without a word: {silent}" if silent else ""


def _words(text: str) -> Counter[tuple[str, str]]:
    """Every plugin, and every option with its words, wherever it stands."""
    found: Counter[tuple[str, str]] = Counter()
    for _, plugin in parse(text).walk():
        name = plugin.name.text
        found[(name, "")] += 1
        found.update((name, " ".join(token.text for token in option.tokens())) for option in plugin.options)
    return found


def _knows(version: str, plugin: str, option: str) -> bool:
    return option.partition(" ")[0] in (releases.options(version, plugin) or ()) if option else plugin in releases.plugins(version)


def answered(text: str, repair: Repair, source: str, target: str) -> str:
    """Every question that the model can tell of both releases has the same answer, unless a finding says that it changes.

    It says so by deleting what the target cannot do, or by naming the plugin that decides the answer, or the order of the plugins.
    """
    before, after = parse(text), parse(repair.text)
    world = names(before, after)
    asked = [(name, type_) for name in world for type_ in ("A", "AAAA")]
    old, new = replies(before, asked, world, version=source), replies(after, asked, world, version=target)
    if any(finding.code in _DELETED for finding in repair.fixed):
        return ""
    said = [finding for finding in (*repair.fixed, *repair.left) if finding.code not in _DELETED]
    for question in asked:
        one, other = old[question], new[question]
        if one.unknown or other.unknown or one.verdict == other.verdict:
            continue
        if not any(each.code == _ANOTHER_ORDER or each.message.startswith((f"{one.by}:", f"{other.by}:")) for each in said):
            return f"{' '.join(question)}: {one.verdict} by {one.by} and then {other.verdict} by {other.by}"
    return ""
