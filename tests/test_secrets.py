"""Whatever is in a Corefile, and whatever is wrong with it: a secret that stands there is never shown to a person, by any verb."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remedy import journal
from remedy.cli import main
from remedy.cluster.advice import Wanted, advice
from remedy.cluster.owners import Owner
from remedy.talk import visible

VERBS = ("scan", "diff", "validate", "hash", "apply --yes --settle 0 --validate none")
SECRET = st.from_regex(r"[A-Za-z0-9+]{19}[A-Za-z0-9]", fullmatch=True).map(lambda each: f"zQ{each}")
FORMS = (
    "tsig {\n        secret example.org. SECRET\n    }",
    'tsig {\n        secret example.org. "SECRET"\n    }',
    "tsig {\n\tsecret\texample.org.\tSECRET # new\n    }",
    "transfer {\n        to *\n    }\n    # secret example.org. SECRET",
    "etcd {\n        credentials root SECRET\n    }",
    "route53 example.org.:Z1 {\n        aws_access_key AKIA1234 SECRET\n    }",
    "azure {\n        secret SECRET\n    }",
    "redis {\n        redis_password SECRET\n    }",
    'redis {\n        password "SECRET"\n    }',
    "external {\n        token SECRET\n        api_key SECRET\n    }",
    "forward . tls://user:SECRET@9.9.9.9",
)
HARM = (
    "",
    "    }\n",
    "    template ANY\n",
    "    template ANY AAAA {\n",
    "    frobnicate {\n    } x\n",
    '    log "\n',
    "    tsig {\n    secret\n",
)
"""What else is wrong with it: a message may show the lines around."""
TEMPLATE = "    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n"


class Terminal(io.TextIOWrapper):
    """A stream that says that a person reads it."""

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def terminal() -> Iterator[io.BytesIO]:
    """Both streams of this process as a terminal, and what came there."""
    shown = io.BytesIO()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (Terminal(shown, "utf-8", write_through=True) for _ in range(2))
    try:
        yield shown
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError):
                cast(Terminal, stream).detach()
        sys.stdout, sys.stderr = before


def corefile(form: str, secret: str, harm: str = "") -> str:
    return f".:53 {{\n    {form.replace('SECRET', secret)}\n{TEMPLATE}{harm}    reload\n}}\n"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(secret=SECRET, form=st.sampled_from(FORMS), harm=st.sampled_from(HARM), crlf=st.booleans())
def test_of_a_file_no_verb_shows_a_secret_on_a_terminal(
    secret: str, form: str, harm: str, crlf: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / secret))
    text = corefile(form, secret, harm)
    path = tmp_path / "Corefile"
    path.write_bytes((text.replace("\n", "\r\n") if crlf else text).encode())
    with terminal() as shown:
        for verb in VERBS:
            main([*verb.split(), str(path)])
        main(["history"])
    assert secret not in shown.getvalue().decode()


def test_of_a_live_corefile_no_verb_shows_a_secret_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "remedy").mkdir()
    secret = "zQ0123456789abcdefghi"
    (tmp_path / "remedy" / "demo.json").write_text(json.dumps({"corefile": corefile(FORMS[0], secret), "version": 1}))
    with terminal() as shown:
        for verb in (*VERBS, "rollback --yes --settle 0", "history", "doctor"):
            main([*verb.split(), "--demo"])
        (record,) = [each.id for each in journal.history() if each.undoes is None]
        main(["history", record])
    told = shown.getvalue().decode()
    assert "template IN AAAA" in told
    assert secret not in told
    assert secret in journal.path_of(record).read_text()


@pytest.mark.parametrize("kind", ["eks", "k0s", "helm", "rke2", "flux-helmrelease", "argocd", "k3s", "operator"])
@pytest.mark.parametrize("form", FORMS)
def test_the_text_to_copy_for_an_owner_shows_no_secret(kind: str, form: str) -> None:
    text = corefile(form, "c2VjcmV0a2V5c2VjcmV0", "    import custom/*.override\n")
    wanted = Wanted("kube-system", "coredns", "Corefile", text, text.replace("ANY AAAA", "IN AAAA"), "", "coredns-custom")
    owner = Owner(kind, kind, "a mark", "yes", "soon", "there", of=("kube-system", "coredns"))
    assert "c2VjcmV0a2V5c2VjcmV0" not in visible(advice(owner, wanted))
