"""Which provers judge a change, the strongest first, bound to this machine and this cluster.

`auto` is a wish and not a promise: a prover that cannot work here is passed over, and the validation says which and why.
"""

from __future__ import annotations

from collections.abc import Sequence

from remedy.errors import UnavailableError
from remedy.site import Site
from remedy.validate import model
from remedy.validate.prover import Case, Heard, Method, Prover, Question


def provers(word: str, site: Site, *, live: bool, binary: str | None = None) -> tuple[tuple[Method, Prover], ...]:
    """For auto, model, sandbox or canary; `live`: the change is one of the live Corefile; `binary`: the CoreDNS of the sandbox."""
    known: dict[Method, Prover] = {"canary": _canary(site), "sandbox": _sandbox(binary), "model": model.prove}
    if word != "auto":
        return tuple((method, prover) for method, prover in known.items() if method == word)
    return tuple((method, prover) for method, prover in known.items() if live or method != "canary")


def replicas(site: Site) -> Prover:
    """Asks every replica of the live Corefile what it answers now."""

    def prove(case: Case, asked: Sequence[Question]) -> Heard:
        from remedy.validate import live

        return live.today(site.door(), (case.target and case.target.namespace) or "", asked)

    return prove


def _canary(site: Site) -> Prover:
    def prove(case: Case, asked: Sequence[Question]) -> Heard:
        target = case.target
        if target is None or target.kind != "cluster":
            raise UnavailableError("a canary is a pod beside the live ones, and this is a file", "name no file, or: --validate sandbox")
        from remedy.validate import canary

        namespace, name, key = target.namespace or "", target.name or "", target.key or ""
        return canary.prove(case, asked, door=site.door(), namespace=namespace, configmap=name, key=key)

    return prove


def _sandbox(binary: str | None) -> Prover:
    def prove(case: Case, asked: Sequence[Question]) -> Heard:
        from remedy.validate import sandbox

        return sandbox.prove(case, asked, binary=binary)

    return prove
