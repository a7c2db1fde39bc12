"""A plan is exactly what would be written: the same input gives the same plan, and a plan that was tampered with is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import service
from remedy.errors import InputError
from remedy.plan import Change, Plan, from_data, to_data
from remedy.rules import Choices
from remedy.sources.document import Document, Target, WholePart

INCIDENT = (Path(__file__).parents[1] / "fixtures" / "rules" / "AAAA001-incident" / "before.Corefile").read_text("utf-8")
TARGET = Target("cluster", None, "prod", "00000000-0000-4000-8000-000000000001", "kube-system", "coredns", "Corefile")


def planned(text: str = INCIDENT, target: Target = TARGET) -> Plan:
    return service.plan([Document(target, text, (WholePart(text),), "41")], Choices())


def through_json(plan: Plan) -> Plan:
    return from_data(json.loads(json.dumps(to_data(plan))), "plan.json")


def test_the_same_input_gives_the_same_bytes() -> None:
    assert json.dumps(to_data(planned())) == json.dumps(to_data(planned()))
    code = "import json, tests.test_plan as t; from remedy.plan import to_data; print(json.dumps(to_data(t.planned())))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(["."]), "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale, zone in [("1", "C", "UTC"), ("2", "C.UTF-8", "Asia/Shanghai")]
    }
    assert said == {json.dumps(to_data(planned())).encode() + b"\n"}


def test_the_fingerprint_covers_the_targets_and_both_texts() -> None:
    plan = planned()
    (change,) = plan.changes
    assert plan.fingerprint == planned().fingerprint
    assert len(plan.fingerprint) == 64
    others = [
        change._replace(target=change.target._replace(uid="00000000-0000-4000-8000-000000000002")),
        change._replace(target=change.target._replace(namespace="dns")),
        change._replace(before=change.before + "\n"),
        change._replace(after=change.after + "\n"),
    ]
    prints = {Plan((each,)).fingerprint for each in others} | {plan.fingerprint, Plan((change, change)).fingerprint, Plan(()).fingerprint}
    assert len(prints) == len(others) + 3


def test_the_fingerprint_covers_nothing_else() -> None:
    plan = planned()
    (change,) = plan.changes
    assert change.fixed
    assert plan.answers
    bare = Plan((Change(change.target, change.before, change.after, resource_version="99"),), coredns_version="1.9.3")
    assert bare.fingerprint == plan.fingerprint


def test_what_stays_as_it_is_does_not_make_another_plan() -> None:
    plan = planned()
    same = Change(Target("file", "Corefile"), "text", "text")
    assert Plan((*plan.changes, same)).fingerprint == plan.fingerprint


def test_a_plan_survives_being_saved() -> None:
    plan = planned()
    again = through_json(plan)
    assert again.fingerprint == plan.fingerprint
    assert [change[:5] for change in again.changes] == [change[:5] for change in plan.changes]


TEXTS = st.one_of(st.text(max_size=30), st.binary(max_size=30).map(lambda content: content.decode("utf-8", "surrogateescape")))


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS)
def test_any_bytes_survive_being_saved(before: str, after: str) -> None:
    plan = Plan((Change(Target("file", "Corefile"), before, after),))
    assert through_json(plan) == plan


def _cut(data: Any) -> None:
    data["changes"][0]["after"]["text"] += "# mine\n"


def _redirected(data: Any) -> None:
    data["changes"][0]["target"]["namespace"] = "other"


def _older(data: Any) -> None:
    data["changes"][0]["before"]["sha256"] = "0" * 64


def _longer(data: Any) -> None:
    data["changes"] *= 2


def _unprinted(data: Any) -> None:
    del data["fingerprint"]


def _numbered(data: Any) -> None:
    data["changes"][0]["after"]["text"] = 5


def _halved(data: Any) -> None:
    data["changes"][0]["after"]["text"] = "\ud800"


def _emptied(data: Any) -> None:
    data["changes"] = None


def _listed(data: Any) -> None:
    data["changes"][0]["target"]["path"] = ["a"]


def _stranger(data: Any) -> None:
    data["changes"][0]["target"]["kind"] = "moon"


@pytest.mark.parametrize("change", [_cut, _redirected, _older, _longer, _unprinted, _numbered, _halved, _emptied, _listed, _stranger])
def test_a_plan_that_was_tampered_with_is_refused(change: Callable[[Any], None]) -> None:
    data = json.loads(json.dumps(to_data(planned())))
    change(data)
    with pytest.raises(InputError, match=r"^plan\.json: ") as caught:
        from_data(data, "plan.json")
    assert "make it again" in caught.value.hint


@pytest.mark.parametrize(
    "data", [None, [], {}, "plan", 1, {"schema": "remedy.plan/1"}, {"schema": "remedy.plan/1", "changes": [1], "fingerprint": ""}]
)
def test_what_is_no_plan_is_refused(data: Any) -> None:
    with pytest.raises(InputError, match="not a plan that remedy wrote"):
        from_data(data, "plan.json")


def test_a_plan_without_a_change_writes_nothing() -> None:
    clean = ". {\n    template IN AAAA .\n}\n"
    assert service.pending(planned(clean)).changes == ()
    scoped = ". {\n    template IN AAAA corp.example {\n        rcode NXDOMAIN\n    }\n}\n"
    plan = planned(scoped)
    assert [finding.code for finding in plan.changes[0].left] == ["AAAA001"]
    assert service.pending(plan).changes == ()
