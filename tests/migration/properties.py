"""What has to hold for every migration, as functions of a text and two releases; each says what does not, "" if all is well."""

from __future__ import annotations

from collections import Counter

from remedy.answers.model import replies
from remedy.answers.questions import names
from remedy.corefile.edit import apply
from remedy.corefile.parse import parse
from remedy.engine import Repair
from remedy.testing import comments
from tests.migration.moved import moved

_DELETED = ("MIG001", "MIG002")
_ANOTHER_ORDER = "MIG013"


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


def returned(text: str, source: str, target: str) -> str:
    """There and back: what is fine for the source, and was left alone on the way there, is left alone on the way back."""
    fine = moved(text, source, source).text == text and moved(text, source, target).text == text
    if fine and (back := moved(text, target, source).text) != text:
        return f"nothing was changed on the way there, and on the way back:\n{back}"
    return ""


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
