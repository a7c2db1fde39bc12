"""What will show that a replica has taken a change: questions whose answers change, and the hash that its metrics will name.

Everything is looked at once before the write, so that what cannot be verified is refused while nothing has happened; and a prediction
that does not even hold for the text that is live is not trusted for the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from remedy.answers.questions import Question, questions
from remedy.cluster.converge import Proof, Standing, stand
from remedy.cluster.door import Replica
from remedy.cluster.metrics import Metrics, metrics, port_of
from remedy.cluster.source import LiveSource
from remedy.corefile.hash import algorithm, release_of, reload_hash
from remedy.corefile.tree import Corefile
from remedy.errors import ClusterError, InputError, RemedyError

_MD5 = "1.9.0"  # the last release whose hash is MD5
_PLACEHOLDER = "__PILLAR__"  # node-cache puts addresses in such a word's place, in a file of its own (kubernetes/dns: cmd/node-cache)
_IMPORTS = (1, 6, 1)  # the first release that notices a change of an imported file alone (plugin/reload/reload.go)


def before_write(live: LiveSource, before: Corefile, after: Corefile, label: str, *, undo: bool, restarts: bool) -> Proof:
    """The proof that a replica runs `after`; `label` makes up a name that nobody has, `restarts`: every pod is replaced anyway.

    ClusterError or RemedyError where a replica does not answer, or nothing would tell that it has taken the change.
    """
    replicas = replicas_of(live)
    asked = Proof(_questions(live, before, after, label), unheard=live.node_local)
    standings = [stand(live.door, live.namespace, replica, asked) for replica in replicas]
    for standing in standings:
        _require_answer(standing, live.namespace)
    proof = _with_metrics(live, replicas, before, after)
    if undo:  # it may well come before every replica has taken what it undoes
        return proof._replace(questions=asked.questions)
    trusted = _trusted(asked.questions, standings)
    if asked.tells and not any(question.tells for question in trusted) and not _runs(proof, before, live.version):
        raise RemedyError(
            "the replicas do not answer as the live text predicts, so the change could not be seen; nothing was written "
            f"({standings[0].detail})",
            "is one still loading an earlier change, or does a plugin before `template` answer? in a minute, look again: remedy validate",
        )
    proof = proof._replace(questions=trusted)
    _require_seen(proof, replicas, before, after, restarts=restarts)
    return proof


def require_seen(live: LiveSource, before: Corefile, after: Corefile, label: str, *, restarts: bool) -> None:
    """RemedyError where nothing would tell that a replica has taken a change which follows another one, and so cannot be tried yet."""
    replicas = replicas_of(live)
    proof = _with_metrics(live, replicas, before, after, running=False)
    asked = _questions(live, before, after, label)
    _require_seen(proof._replace(questions=asked), replicas, before, after, restarts=restarts)


def _require_seen(proof: Proof, replicas: Sequence[Replica], before: Corefile, after: Corefile, *, restarts: bool) -> None:
    seen = proof.tells or ((proof.hash or proof.moved) and len(proof.metrics) == len(replicas))
    if not seen and not restarts and not _same(before, after):
        raise RemedyError(
            "no DNS answer tells the old text from the new one, and the metrics of the replicas do not either, so remedy could not see "
            "which one a replica runs; nothing was written",
            "--no-verify writes it unseen; --strategy restart replaces every pod, and needs no such proof",
        )


def again(live: LiveSource, before: Corefile, after: Corefile, label: str) -> Proof:
    """The proof that a replica runs `after` by now, whenever it was written: nothing is known of what it ran before."""
    proof = _with_metrics(live, replicas_of(live), before, after)
    if live.node_local and (proof.moved or not proof.hash):
        raise ClusterError(
            "which text the cache on every node runs can only be seen while it changes; nothing was written",
            "undo what was cut off with remedy rollback, or restart those pods",
        )
    return proof._replace(questions=_questions(live, before, after, label), untouched=True)


def back(proof: Proof, live: LiveSource, before: Corefile, after: Corefile) -> Proof:
    """The proof for the way back to `before`. What the old text answers is not known of every question."""
    asked = tuple(each._replace(old=each.new, new=each.old) for each in proof.questions if each.old != "unknown")
    try:
        replicas = replicas_of(live)
    except ClusterError:
        return Proof(asked, unready=proof.unready, unheard=live.node_local)
    fresh = _with_metrics(live, replicas, after, before)
    earlier = {name: each.hash for name, each in proof.metrics.items()}
    return fresh._replace(questions=asked, unready=proof.unready | fresh.unready, untouched=True, earlier=earlier)


def _questions(live: LiveSource, before: Corefile, after: Corefile, label: str) -> tuple[Question, ...]:
    """None for the cache on every node: nobody hears its answers over a port-forward."""
    return () if live.node_local else questions(before, after, label, live.version)


def replicas_of(live: LiveSource) -> tuple[Replica, ...]:
    """ClusterError where there are none."""
    found = live.door.replicas(live.namespace, live.name)
    if not found:
        raise ClusterError(f"no pod answers DNS in {live.namespace}; nothing was written", "remedy has to see replicas to verify a change")
    return found


def reloads(before: Corefile, after: Corefile, version: str | None) -> bool:
    """Does a CoreDNS of this release that runs `before` notice `after`? Old ones look at the Corefile alone, not at what it imports."""
    looks = any(plugin.name.text == "reload" for _, plugin in before.walk())
    return looks and (before.text != after.text or (release_of(version) or _IMPORTS) >= _IMPORTS)


def _with_metrics(live: LiveSource, replicas: Sequence[Replica], old: Corefile, new: Corefile, *, running: bool = True) -> Proof:
    """The part of a proof that metrics give; `running`: do the replicas run the old or the new text now?"""
    known = frozenset(replica.name for replica in replicas)
    unready = frozenset(replica.name for replica in replicas if not replica.ready)
    proof = Proof(known=known, unready=unready, unheard=live.node_local)
    port = port_of(old)
    if port is None or port != port_of(new) or _same(old, new):
        return proof
    found = {replica.name: metrics(live.door, live.namespace, replica, port) for replica in replicas}
    shown = {name: each for name, each in found.items() if each is not None}
    hashing = _hashing(live.version, shown.values())
    predicted = _hash(new, hashing)
    known_hashes = ("", _hash(old, hashing), predicted)
    if live.node_local and _PLACEHOLDER in new.text:
        return proof._replace(moved=bool(shown), port=port, metrics=shown)
    # Where a replica shows a hash that is neither, remedy does not know what this hash is made of (variables, files) or the replica is
    # behind; its answers decide.
    if not shown or not predicted or (running and any(each.hash not in known_hashes for each in shown.values())):
        return proof
    return proof._replace(hash=predicted, port=port, metrics=shown)


def _trusted(asked: tuple[Question, ...], standings: Sequence[Standing]) -> tuple[Question, ...]:
    """Only a prediction that holds for the live text can tell when the new one is there."""
    columns = [(question, {standing.verdicts[place] for standing in standings}) for place, question in enumerate(asked)]
    telling = [question for question, verdicts in columns if question.tells and verdicts == {question.old}]
    others = [question for question, verdicts in columns if not question.tells and verdicts == {question.new}]
    return (*telling, *others)


def _require_answer(standing: Standing, namespace: str) -> None:
    if isinstance(standing.error, ClusterError):
        raise standing.error
    if standing.error is not None:
        raise ClusterError(
            f"{standing.replica} does not answer, so a change could not be verified there; nothing was written ({standing.detail})",
            f"look at that pod first: kubectl -n {namespace} describe pod {standing.replica}",
        )


def _runs(proof: Proof, corefile: Corefile, version: str | None) -> bool:
    """Do the metrics of every replica say that it runs this text?"""
    shown, hashing = [each.hash for each in proof.metrics.values()], _hashing(version, proof.metrics.values())
    return bool(proof.hash and shown and len(shown) == len(proof.known) and all(each == _hash(corefile, hashing) for each in shown))


def _hashing(version: str | None, shown: Iterable[Metrics]) -> str | None:
    """The release as which to hash: the one that runs (None: the newest), unless the metrics of a replica tell otherwise.

    Before its first reload a replica shows no hash, and so not which kind.
    """
    algorithms = {each.algorithm for each in shown} - {""}
    if not algorithms or algorithm(version) in algorithms:
        return version
    return _MD5 if "md5" in algorithms else None


def _same(old: Corefile, new: Corefile) -> bool:
    """Does CoreDNS tell the two texts apart at all? A comment behind a word is nothing to it."""
    return old.same(new) or _hash(old) == _hash(new) != ""


def _hash(corefile: Corefile, version: str | None = None) -> str:
    """Of a Corefile with all that it imports, as plugin/reload hashes it; "" where not all of that is known."""
    if corefile.unread:
        return ""
    try:
        return reload_hash(corefile.text, version=version, files=corefile.files)
    except InputError:
        return ""
