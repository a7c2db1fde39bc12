"""What a person reads holds no secret; what a program reads is not changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedy.mask import masked
from tests.command import Command

SECRETS = [
    ("    tsig {\n        secret example.org. c2VjcmV0a2V5\n    }\n", "    tsig {\n        secret example.org. ****\n    }\n"),
    ("+        credentials root hunter2\n", "+        credentials root ****\n"),
    ("        -        credentials admin hunter2\n", "        -        credentials admin ****\n"),
    ("        +    password hunter2\n", "        +    password ****\n"),
    ("-    aws_access_key AKIA123 wJalrXUtnFEMI\n", "-    aws_access_key AKIA123 ****\n"),
    ("     redis_password hunter2\n", "     redis_password ****\n"),
    ("    password hunter2", "    password ****"),
    ("    secret abcdef", "    secret ****"),
    ("    token: abc.def", "    token: ****"),
    ('  "token": "abcdef",', '  "token": "****",'),
    ("    client-key-data: LS0tLS1CRUdJTg==", "    client-key-data: ****"),
    ("    mysql_dsn mysql://root:hunter2@db/dns", "    mysql_dsn mysql://root:****@db/dns"),
    ("401 with Authorization: Bearer abcdefghijkl", "401 with Authorization: Bearer ****"),
    ('{"corefile":". {\\n\\ttsig {\\n secret a. \\"abc\\"\\n"}', '{"corefile":". {\\n\\ttsig {\\n secret a. \\"****\\"\\n"}'),
    ("    password hunter2\r\n", "    password ****\r\n"),
    ("    # secret example.org. c2Vj", "    # secret example.org. ****"),
    ("sent eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2ln to it", "sent **** to it"),
]
PLAIN = [
    "    secret example.org. {$TSIG_KEY}\n",
    "    credentials /etc/gcp/key.json\n",
    "    tls cert.pem key.pem\n",
    "    password /run/secrets/redis\n",
    "the token here should be a plugin, as the token before it\n",
    "    forward . tls://9.9.9.9\n",
    "log in again, or pass --context: the password of this user has expired, ask for a new one\n",
]


@pytest.mark.parametrize(("text", "shown"), SECRETS)
def test_a_secret_is_not_shown(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize("text", PLAIN)
def test_paths_variables_and_sentences_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "content",
    [
        "users:\n- name: a\n  user:\n    token: hunter2\n   bad: x\n",
        "a: hunter2: b\n token: hunter2",
        "kind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\nusers: [{name: u, user: {client-certificate-data: hunter2}}]\n",
    ],
)
def test_a_broken_kubeconfig_is_told_of_without_what_stands_in_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "kubeconfig").write_text(content)
    done = Command(tmp_path / "state", tmp_path)("scan", "--kubeconfig", "kubeconfig")
    assert done.code == 2
    assert "hunter2" not in done.err + done.out


COREFILE = """\
. {
    template ANY AAAA {
        rcode NXDOMAIN
    }
    tsig {
        secret example.org. c2VjcmV0a2V5
    }
}
"""


def test_a_diff_in_a_pipe_is_a_patch_and_the_talk_beside_it_masks(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_text(COREFILE)
    remedy = Command(tmp_path / "state", tmp_path)
    assert "c2VjcmV0a2V5" in remedy("diff", "Corefile").out
    applied = remedy("apply", "Corefile", "--yes", "--validate", "none")
    assert applied.code == 0, applied.err
    assert "secret example.org. ****" in applied.err
    assert "c2VjcmV0a2V5" not in applied.err
