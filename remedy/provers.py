"""Which provers judge a change, the strongest first, bound to this machine and this cluster.

`auto` is a wish and not a promise: a prover that cannot work here is passed over, and the validation says which and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from remedy import service
from remedy.errors import InputError, UnavailableError, ValidationError
from remedy.plan import Change, Plan
from remedy.report import text
from remedy.site import Site
from remedy.sources.document import Target
from remedy.validate import model
from remedy.validate.probes import Asking
from remedy.validate.prover import Case, Heard, Method, Prover, Question

if TYPE_CHECKING:
    from remedy.validate.verdict import Validation
    from remedy.work import Event


def provers(word: str, site: Site, *, live: bool, binary: str | None = None) -> tuple[tuple[Method, Prover], ...]:
    """For auto, model, sandbox or canary; `live`: the change is one of the live Corefile; `binary`: the CoreDNS of the sandbox.

    InputError for a canary where nothing may be made.
    """
    if word == "canary" and site.read_only:
        raise InputError("--read-only: a canary is a pod that would be made; nothing was", "another prover: --validate sandbox")
    known: dict[Method, Prover] = {"canary": _canary(site), "sandbox": _sandbox(binary), "model": model.prove}
    if word != "auto":
        return tuple((method, prover) for method, prover in known.items() if method == word)
    return tuple((method, prover) for method, prover in known.items() if live or method != "canary")


def proven(plan: Plan, asking: Asking, site: Site, word: str, *, binary: str | None = None) -> Validation | None:
    """The verdict on what may be answered otherwise, of the strongest prover that a word allows; None where nothing is, or for none."""
    changes = service.judged(plan).changes
    if not changes or word == "none":
        return None
    live = any(change.target.kind == "cluster" for change in changes)
    return service.prove(plan, asking, provers(word, site, live=live, binary=binary))


def meanwhile(plan: Plan, asking: Asking, site: Site, word: str) -> Validation | None:
    """The verdict for as long as the release that runs reads a text for another one; None where there is no such time.

    The program that a person names for the sandbox is of the release to come, so it is not asked.
    """
    live = plan._replace(changes=tuple(change for change in plan.changes if change.target.kind == "cluster"))
    if not (live.moves and live.changes):
        return None
    return proven(live._replace(to=None), asking, site, "auto" if word == "sandbox" else word)


def runs(plan: Plan) -> str:
    """Who reads a text until the image changes."""
    return f"CoreDNS {plan.coredns_version}" if plan.coredns_version else "the release that runs"


def endured(plan: Plan, validation: Validation, found: Validation) -> Validation:
    """The verdict on a plan, with what was `found` of the time until the image changes. ValidationError where that did not pass."""
    if found.verdict != "passed":
        ended = "failed" if found.verdict == "failed" else "is inconclusive"
        reasons = "; ".join(found.transcript[:3])
        raise ValidationError(
            f"{runs(plan)} reads the new text until the image changes, and for it the validation {ended}: {reasons}; nothing was written",
            f"bring text and image at once, or the image first (docs/migration.md): remedy diff --to {plan.to} --out PLAN saves the text",
        )
    said = (f"until the image changes, {runs(plan)} reads it ({text.how(found)}): passed", *found.transcript)
    return validation._replace(transcript=tuple(dict.fromkeys((*validation.transcript, *said))))


def require_loads(found: Validation) -> None:
    """ValidationError where the text that a rollback puts back does not load; what it loses again is no reason to refuse it."""
    if not found.answers and found.verdict == "failed":
        raise ValidationError(
            f"the text from before does not load: {found.transcript[0]}; nothing was written",
            "a record from before another release ran is rolled back when that one runs again: change the image back first",
        )


def running(site: Site, plan: Plan) -> str | None:
    """The release that reads what is live, as far as it is known."""
    live = (site.running(change.target) for change in plan.changes if change.target.kind == "cluster")
    return next((version for version in live if version), None)


class Replicas:
    """The live prover of one command: what every replica answers now, beside what it answered when `before` was called.

    With `image` a pod of it looks names up with its own libc, too. InputError where nothing may be made.
    """

    def __init__(self, site: Site, image: str = "") -> None:
        if image and site.read_only:
            raise InputError(f"--read-only: a pod of {image} would be made; nothing was", "leave --probe-image out")
        self._site = site
        self._image = image
        self._before: dict[Target | None, Heard] = {}

    def before(self, case: Case, asked: Sequence[Question]) -> Heard:
        from remedy.validate import live

        namespace, configmap = _place(case)
        self._before[case.target] = live.today(self._site.door(), namespace, asked, configmap=configmap)
        return self._before[case.target]

    def after(self, case: Case, asked: Sequence[Question]) -> Heard:
        from remedy.validate import live

        namespace, configmap = _place(case)
        earlier = self._before.get(case.target)
        door, image = self._site.door(), self._image
        return live.prove(case, asked, door=door, namespace=namespace, configmap=configmap, before=earlier, image=image)

    def today(self, case: Case, asked: Sequence[Question]) -> Heard:
        """With nothing to change, both sides are what is answered now."""
        heard = self.after(case, asked)
        return heard._replace(rows=tuple((name, now, now) for name, _, now in heard.rows))

    def _unheard(self, change: Change) -> bool:
        """Is it one of the cache on every node, which listens where nobody can ask it?"""
        installation = self._site.installation(change.around[0].home or change.target)
        return installation is not None and installation.node_local

    def lost_by(self, plan: Plan, asking: Asking, on_event: Callable[[Event], None]) -> Callable[[], str]:
        """Asks every replica now, and again when what is returned is called: then what was lost on the way, "" for nothing.

        UnavailableError where they cannot be asked now.
        """
        from remedy.work import Event

        plan = service.only(plan, [change for change in plan.changes if not self._unheard(change)])
        service.validate(plan, asking, prover=self.before, method="live")

        def lost() -> str:
            try:
                found = service.validate(plan, asking, prover=self.after, method="live")
            except UnavailableError as error:
                return f"what clients get could not be asked: {error}"
            on_event(Event("note", text.verdict(found).rstrip("\n")))
            return "" if found.verdict != "failed" else "; ".join(found.transcript[:3])

        return lost


def _place(case: Case) -> tuple[str, str]:
    """The namespace and the ConfigMap that the replicas read."""
    return (case.target.namespace or "", case.target.name or "") if case.target else ("", "")


def _canary(site: Site) -> Prover:
    def prove(case: Case, asked: Sequence[Question]) -> Heard:
        if site.read_only:
            raise UnavailableError("it would be made in the cluster, and this is --read-only", "another prover: --validate sandbox")
        target = case.target
        if target is None or target.kind != "cluster":
            raise UnavailableError("a canary is a pod beside the live ones, and this is a file", "name no file, or: --validate sandbox")
        if case.moves:
            why = f"a canary is a copy of what runs, CoreDNS {case.version}, and {case.to} is to read the text"
            raise UnavailableError(why, "run that release here: --validate sandbox --coredns PATH")
        from remedy.validate import canary

        namespace, name, key = target.namespace or "", target.name or "", target.key or ""
        return canary.prove(case, asked, door=site.door(), namespace=namespace, configmap=name, key=key)

    return prove


def _sandbox(binary: str | None) -> Prover:
    def prove(case: Case, asked: Sequence[Question]) -> Heard:
        from remedy.validate import sandbox

        return sandbox.prove(case, asked, binary=binary)

    return prove
