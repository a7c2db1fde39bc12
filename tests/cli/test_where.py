"""As whom remedy asks, what it may not do with --read-only, and which flags there are."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import pytest

from remedy.cli import parser
from remedy.cluster.api import connect
from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
from remedy.wire import ask
from tests.apiserver.fake import FakeServer
from tests.apiserver.front import Answer, Call, refusal, serving
from tests.command import REPOSITORY, Command

GOLDEN = REPOSITORY / "tests" / "golden" / "help"
VERBS = ["scan", "diff", "validate", "apply", "rollback", "history", "explain", "hash", "doctor", "schema", "tui"]
WRITES = ("POST", "PATCH", "PUT", "DELETE")
REVIEWS = ("selfsubjectaccessreviews.authorization.k8s.io", "selfsubjectreviews.authentication.k8s.io")


@pytest.mark.parametrize("verb", ["apply", "rollback"])
@pytest.mark.parametrize("place", [["--demo"], ["--kubeconfig", "nowhere"]], ids=" ".join)
def test_with_read_only_apply_and_rollback_stop_before_anything_is_asked(verb: str, place: list[str], remedy: Command) -> None:
    done = remedy(verb, "--read-only", "--yes", *place)
    assert done.code == 2
    assert done.err.startswith("remedy: --read-only: remedy only looks, and nothing was written\n")
    assert not (remedy.state / "remedy").exists()


def test_with_read_only_a_file_is_not_written_either_and_a_dry_run_shows_the_change(remedy: Command, folder: Path) -> None:
    before = (folder / "Corefile").read_bytes()
    assert remedy("apply", "Corefile", "--read-only", "--yes").code == 2
    dry = remedy("apply", "Corefile", "--read-only", "--dry-run")
    assert (dry.code, (folder / "Corefile").read_bytes()) == (1, before)
    assert "template IN AAAA ." in dry.err


def test_with_read_only_no_call_changes_anything_and_no_canary_is_made(tmp_path: Path) -> None:
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        remedy = Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(front.kubeconfig(tmp_path / "kubeconfig"))})
        ends = {"scan": 1, "diff": 1, "validate --validate auto": 0, "doctor": 0, "history": 0, "apply --dry-run": 1}
        assert {words: remedy(*words.split(), "--read-only").code for words in ends} == ends
        refused = remedy("validate", "--validate", "canary", "--read-only")
        assert (refused.code, "a canary is a pod that would be made" in refused.err) == (2, True)
        refused = remedy("validate", "--probe-image", "busybox", "--select", "CFG001", "--read-only")
        assert (refused.code, "a pod of busybox would be made" in refused.err) == (2, True)
        assert {call.resource for call in front.calls if call.method in WRITES} <= set(REVIEWS)


def test_as_another_user_every_call_says_so_and_the_record_names_both(tmp_path: Path) -> None:
    def named(call: Call) -> Answer | None:
        if call.resource == REVIEWS[1]:
            user = call.headers.get("impersonate-user", "admin")
            return Answer(201, json.dumps({"status": {"userInfo": {"username": user}}}).encode())
        return None

    with EmbeddedCluster(INCIDENT) as cluster, serving(front := FakeServer(cluster)):
        front.before = named
        remedy = Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(front.kubeconfig(tmp_path / "kubeconfig"))}, validate="model")
        doctor = remedy("doctor", "--as", "jane")
        assert "user: jane, impersonated by admin" in doctor.out
        done = remedy("apply", "--yes", "--settle", "0", "--as", "jane", "--format", "json")
        assert done.code == 0, done.err
        assert json.loads(done.out)["who"].startswith("jane, impersonated by admin (")
        assert "undo it with: remedy rollback" in done.err
        assert " --as jane" in done.err.partition("undo it with:")[2]
        others = [call.kind for call in front.calls if call.headers.get("impersonate-user") != "jane"]
        assert any("portforward" in call.kind for call in front.calls)
    assert set(others) == {f"POST {REVIEWS[1]}"}


def test_a_right_to_impersonate_that_is_missing_is_named_with_its_rule(tmp_path: Path) -> None:
    message = 'users "admin" is forbidden: User "admin" cannot impersonate resource "users" in API group "" at the cluster scope'
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        front.before = lambda _: refusal(403, message)
        remedy = Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(front.kubeconfig(tmp_path / "kubeconfig"))})
        done = remedy("scan", "--as", "jane")
    assert done.code == 2
    assert "not allowed: impersonate users/jane" in done.err
    assert 'resources: ["users"], resourceNames: ["jane"], verbs: ["impersonate"]' in done.err


NOT_IN_A_HEADER = [
    "jane\r\nImpersonate-Group: system:masters",
    "jane\nx",
    "jane\rx",
    "jane\a",
    "jane\x85x",
    "jane\u2028x",
    "jané",
    " jane",
    "jane\t",
]


@pytest.mark.parametrize("user", NOT_IN_A_HEADER)
def test_a_user_that_does_not_fit_into_a_header_is_refused(user: str, tmp_path: Path) -> None:
    with EmbeddedCluster() as cluster, serving(front := FakeServer(cluster)):
        remedy = Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(front.kubeconfig(tmp_path / "kubeconfig"))})
        done = remedy("scan", "--as", user)
        assert (done.code, "cannot be impersonated" in done.err) == (2, True)
        assert front.calls == []


def test_an_empty_name_of_a_user_is_refused_and_not_taken_for_nobody(remedy: Command) -> None:
    done = remedy("apply", "--as", "", "--yes", "--kubeconfig", "nowhere")
    assert (done.code, done.err.splitlines()[0]) == (2, "remedy: --as without a user's name")


def test_a_user_of_every_sign_that_is_allowed_is_one_header_and_no_other(tmp_path: Path) -> None:
    user = bytes(range(0x20, 0x7F)).decode().strip()
    with EmbeddedCluster(INCIDENT) as cluster, serving(front := FakeServer(cluster)):
        door = connect(kubeconfig=str(front.kubeconfig(tmp_path / "kubeconfig")), user=user)
        door.configmap("kube-system", "coredns")
        (replica, *_) = door.replicas("kube-system", "coredns")
        with door.dial("kube-system", replica) as stream:
            assert ask(stream, "shop.example.cn.", "A").verdict == "ok"
        plain = connect(kubeconfig=str(front.kubeconfig(tmp_path / "kubeconfig")))
        with plain.dial("kube-system", replica):
            pass
        *calls, forward, without = front.calls
    assert "portforward" in forward.kind
    for call in (*calls, forward):
        assert {name: value for name, value in call.headers.items() if name.startswith("impersonate")} == {"impersonate-user": user}
    assert forward.headers.keys() - without.headers.keys() == {"impersonate-user"}


def helped(verb: str) -> str:
    """The verb's words as --help explains them, without the layout, which is another in each Python."""
    root = parser([verb])
    (verbs,) = [each for each in root._actions if isinstance(each, argparse._SubParsersAction)]
    lines = []
    for group in verbs.choices[verb]._action_groups:
        lines += [f"{group.title}:"] if group._group_actions else []
        for action in group._group_actions:
            shown = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
            lines.append("  " + "  ".join(each for each in (", ".join(action.option_strings), str(shown), action.help or "") if each))
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("verb", VERBS)
def test_the_flags_of_a_verb_are_those_of_its_golden_file(verb: str) -> None:
    """After a deliberate change: `REMEDY_GOLDEN=write python -m pytest tests/cli/test_where.py` writes them anew; then read the diff."""
    path = GOLDEN / f"{verb}.txt"
    if os.environ.get("REMEDY_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(helped(verb), "utf-8")
    assert helped(verb) == path.read_text("utf-8")
