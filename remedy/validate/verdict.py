"""The verdict on a table of answers: does every client keep what it had, and gain what the change promises?

What cannot be told is unknown: counted, never taken for good.
"""

# Without `from __future__ import annotations`: it makes a NamedTuple cost three times as much, and these stand on the path of `diff`.
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from remedy.answers.model import Reply
from remedy.clients import CLIENTS
from remedy.plan import Answer, Observed, answer_to_data
from remedy.validate.prover import Method

Verdict = Literal["passed", "failed", "inconclusive"]
_STOPS = "because musl stops its search at"
_BETTER = (
    "better, first: delete that template, where what answers behind it (kubernetes, file, a forward) answers NODATA by itself",
    "better, second: narrow it to names that exist, with `match` and `fallthrough`, so that the names of the search list stay NXDOMAIN",
    "else NODATA all the same, where nobody looks up IPv6 addresses alone and no host has the name of a Namespace",
)


class Validation(NamedTuple):
    """A verdict, the answers it rests on, how many lookups could not be judged, and why in sentences."""

    method: Method
    verdict: Verdict
    answers: tuple[Answer, ...]
    unknown: int
    transcript: tuple[str, ...]

    def to_data(self) -> dict[str, Any]:
        """The document `remedy.validation/1`."""
        from remedy.validate.in_front import in_front  # no verdict rests on it

        return {
            "schema": "remedy.validation/1",
            "method": self.method,
            "verdict": self.verdict,
            "answers": [answer_to_data(answer) for answer in self.answers],
            "unknown": self.unknown,
            "caches": [each.to_data() for each in in_front(self.answers)],
            "transcript": list(self.transcript),
        }


class Terms(NamedTuple):
    """By what a table is judged.

    `heals`: the change is to repair something. `promised` are the names at which an unknown leaves that open, None for all. `strict`: an
    unknown anywhere makes it inconclusive. `notes` end the transcript.
    """

    method: Method = "model"
    strict: bool = False
    heals: bool = False
    promised: Collection[str] | None = None
    notes: tuple[str, ...] = ()


_PLAIN = Terms()


class _Judged(NamedTuple):
    """What was seen in a table, before it is weighed.

    Of the names that the change is about, `broken` are those that some client does not resolve after it, `open` those of which nobody can
    tell, and `kept` counts those that all resolve and of which nobody can tell what they get now.
    """

    lost: tuple[str, ...]
    losses: int
    healed: int
    unknown: int
    broken: tuple[str, ...]
    open: tuple[str, ...]
    kept: int


def judge(found: tuple[Answer, ...], terms: Terms = _PLAIN) -> Validation:
    """Judge answers before and after: passed if no lookup is lost and every promised name that the change touches is healed."""
    seen = _judged(found, terms.promised)
    gains = seen.healed or seen.kept
    transcript = [*seen.lost, *(seen.broken if terms.heals else ())]
    transcript += _BETTER if any(each.startswith(_STOPS) for each in seen.lost) else ()
    transcript += _reasons(found)
    if terms.heals:
        transcript += [f"it cannot be told whether clients resolve {', '.join(seen.open)} after the change"] if seen.open else []
        more = f", {seen.unknown} cannot be judged" if seen.unknown else ""
        transcript.append(f"{seen.healed} lookups that fail now will succeed, {seen.losses} that succeed now will fail{more}")
        if not (gains or seen.open or seen.broken):
            transcript.append("none of these names shows what the change heals")
    verdict: Verdict = "passed"
    if seen.lost or (terms.heals and seen.broken):
        verdict = "failed"
    elif (terms.heals and (seen.open or not gains)) or (seen.unknown and (terms.strict or seen.unknown == len(CLIENTS) * len(found))):
        verdict = "inconclusive"
    return Validation(terms.method, verdict, found, seen.unknown, tuple(dict.fromkeys([*transcript, *terms.notes])))


def agree(found: tuple[Answer, ...], predicted: tuple[Answer, ...], terms: Terms) -> Validation:
    """Judge an undo: passed if everything is answered as the recorded text predicts. What it loses again is shown, and no reason.

    `predicted` are the computed answers for the same names. What is only assumed to exist upstream binds nobody but the model.
    """
    texts = {(answer.name, answer.family): answer.after for answer in predicted}
    wrong: dict[str, None] = {}
    unknown = 0
    for answer in found:
        for name, type_, seen, computed in _both(answer.name, answer.after, texts[answer.name, answer.family]):
            if seen.unknown or computed.unknown:
                unknown += 1
            elif seen.verdict != computed.verdict and _binding(name, computed, terms.method):
                where = f" at {answer.replica}" if answer.replica else ""
                wrong[f"{name}: {type_} is {seen.verdict}{where}, the recorded text predicts {computed.verdict}"] = None
    again = [f"lost again: {each}" for each in _judged(found, None).lost]
    verdict: Verdict = "failed" if wrong else "inconclusive" if unknown and terms.strict else "passed"
    return Validation(terms.method, verdict, found, unknown, tuple(dict.fromkeys([*wrong, *again, *_reasons(found), *terms.notes])))


def refused(why: str, terms: Terms) -> Validation:
    """CoreDNS does not load the candidate."""
    return Validation(terms.method, "failed", (), 0, (why, *terms.notes))


def together(validations: Sequence[Validation]) -> Validation:
    """Several validations as one, with the worst verdict."""
    order: tuple[Verdict, ...] = ("passed", "inconclusive", "failed")
    worst = max((each.verdict for each in validations), key=order.index, default=order[0])
    answers = dict.fromkeys(answer for each in validations for answer in each.answers)
    transcript = dict.fromkeys(sentence for each in validations for sentence in each.transcript)
    method: Method = validations[0].method if validations else "model"
    return Validation(method, worst, tuple(answers), sum(each.unknown for each in validations), tuple(transcript))


def _judged(found: Iterable[Answer], promised: Collection[str] | None) -> _Judged:
    lost: dict[str, None] = {}
    broken: list[str] = []
    open_: list[str] = []
    losses = healed = unknown = kept = 0
    for answer in found:
        missing: dict[str, list[str]] = {}
        for (client, old), (_, new) in zip(answer.before.clients, answer.after.clients, strict=True):
            unknown += "unknown" in (old, new)
            healed += old not in ("ok", "unknown") and new == "ok"
            if old == "ok" and new not in ("ok", "unknown"):
                missing.setdefault(new, []).append(client)
                losses += 1
        said = [f"{answer.shown}: resolved before by {', '.join(who)}, after it ends in {new}" for new, who in missing.items()]
        gone = list(_addresses(answer)) if answer.family == "UNSPEC" else []
        losses += len(gone)
        lost |= dict.fromkeys([*said, *(_why(answer) if said else ()), *gone])
        if not _touched(answer, promised):
            continue
        still = [f"{client} ({new})" for client, new in answer.after.clients if new not in ("ok", "unknown")]
        if any(new == "unknown" for _, new in answer.after.clients):
            open_.append(answer.shown)
        elif still:
            broken.append(f"{answer.shown}: still fails for {', '.join(still)}")
        else:
            kept += any(old == "unknown" for _, old in answer.before.clients)
    return _Judged(tuple(lost), losses, healed, unknown, tuple(broken), tuple(open_), kept)


def _touched(answer: Answer, promised: Collection[str] | None) -> bool:
    """Is it a name with an IPv4 address whose AAAA answer changes, or one that is promised and of which nobody can tell?"""
    there = answer.kind in ("v4", "dual") and answer.after.a.verdict in ("ok", "unknown")
    if not there or answer.family != "UNSPEC":
        return False
    verdicts = answer.before.aaaa.verdict, answer.after.aaaa.verdict
    return (promised is None or answer.name in promised) if "unknown" in verdicts else verdicts[0] != verdicts[1]


def _addresses(answer: Answer) -> Iterator[str]:
    """IPv6 addresses that are lost, and names that nobody has and that are there now."""
    for name, type_, old, new in _both(answer.name, answer.before, answer.after):
        at = f"{name} ({answer.replica})" if answer.replica else name
        if type_ == "AAAA" and old.has_records and not (new.has_records or new.unknown):
            yield f"{at}: its AAAA address is no longer answered"
        if answer.kind == "absent" and new.has_records and not (old.has_records or old.unknown):
            yield f"{at}: nobody has this name, and {type_} is answered with an address"
    after = {answer.after.a.verdict, answer.after.aaaa.verdict}
    if answer.kind == "absent" and answer.before.a.verdict == "nxdomain" and not after & {"nxdomain", "unknown"}:
        yield f"{answer.shown}: nobody has this name, and neither A nor AAAA is NXDOMAIN any longer"


def _both(name: str, one: Observed, other: Observed) -> Iterator[tuple[str, str, Reply, Reply]]:
    """Each name and type that was asked for, with the replies on both sides."""
    sides = (side.candidates or ((name, side.a, side.aaaa),) for side in (one, other))
    for (asked, *mine), (_, *theirs) in zip(*sides, strict=True):
        for type_, reply, others in zip(("A", "AAAA"), mine, theirs, strict=True):
            yield asked, type_, reply, others


def _why(answer: Answer) -> Iterator[str]:
    """The search list's part in a lost lookup: a candidate that was denied, and so passed over, and now has no records."""
    place, after = answer.after.decides, answer.after.candidates
    denied = {name for name, _, aaaa in answer.before.candidates if aaaa.verdict == "nxdomain"}
    if any(name == place and name in denied and aaaa.verdict == "nodata" for name, _, aaaa in after):
        yield f"{_STOPS} {place}, where AAAA was NXDOMAIN, which it passes over, and now is NODATA, which ends it"


def _binding(name: str, computed: Reply, method: Method) -> bool:
    """Has the replica to answer as computed? Where the text itself decides, or every cluster has the name."""
    return method in ("model", "sandbox") or computed.by == "template" or name.startswith("kubernetes.default.svc.")


def _reasons(found: Iterable[Answer]) -> list[str]:
    sides = (side for answer in found for side in (answer.before, answer.after))
    return sorted({f"unknown: {each.unknown}" for side in sides for each in (side.a, side.aaaa) if each.unknown})
