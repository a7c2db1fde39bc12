"""The hash of a Corefile: which digest for which version, what it depends on, and that it is never guessed.

That it is the one that a CoreDNS logs is tests/coredns/test_hash.py's to say.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import remedy.corefile
from remedy.corefile.expand import Group
from remedy.corefile.hash import encode, reload_hash
from remedy.corefile.lexer import Token
from remedy.errors import InputError, ParseError
from tests.command import REPOSITORY, Command

TEXT = ". {\n  reload\n}\n"
ENCODED = '[{"Keys":["."],"Tokens":{"reload":[{"File":"","Line":2,"Text":"reload"}]}}]'


@pytest.fixture
def remedy_command(tmp_path: Path) -> Command:
    return Command(tmp_path / "state", tmp_path)


def test_the_hash_is_the_sha512_of_the_parsed_server_blocks_in_json() -> None:
    assert reload_hash(TEXT) == hashlib.sha512(ENCODED.encode()).hexdigest()


@pytest.mark.parametrize(
    ("version", "digest"),
    [
        (None, hashlib.sha512(ENCODED.encode())),
        ("1.15.0", hashlib.sha512(ENCODED.encode())),
        ("v1.11.1-eksbuild.4", hashlib.sha512(ENCODED.encode())),
        ("1.10.1+distribution", hashlib.sha512(ENCODED.encode())),
        ("1.9.1", hashlib.sha512(ENCODED.encode())),
        ("1.9.0", hashlib.md5(ENCODED.encode())),
        ("v1.8.4-eksbuild.2", hashlib.md5(ENCODED.encode())),
        ("1.6.1", hashlib.md5(ENCODED.encode())),
        ("1.6.0", hashlib.md5(TEXT.encode())),
        ("1.3.1", hashlib.md5(TEXT.encode())),
    ],
)
def test_every_version_has_its_digest(version: str | None, digest: object) -> None:
    assert reload_hash(TEXT, version=version) == digest.hexdigest()  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", ["", "1", "1.9", "1.9.1.", "one.two.three", "1.9.1eks", "١.٩.١"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(InputError, match="is not a version of CoreDNS"):
        reload_hash(TEXT, version=version)


def test_a_comment_behind_a_word_and_spaces_change_nothing() -> None:
    assert reload_hash(TEXT) == reload_hash(".   { # here\n\treload # there\n} # end") == reload_hash("\ufeff" + TEXT.replace("\n", "\r\n"))


def test_a_line_above_changes_it() -> None:
    assert reload_hash(TEXT) != reload_hash("# a comment\n" + TEXT)


def test_a_text_without_a_server_block_has_the_hash_of_null() -> None:
    """Go's json.Marshal of a nil slice; CoreDNS then serves its built-in default."""
    null = hashlib.sha512(b"null").hexdigest()
    assert [reload_hash(text) for text in ("", "# nothing\n", "(a) {\n  log\n}\n")] == [null] * 3


def test_the_order_of_the_file_does_not_matter_within_a_line_numbering_but_that_of_one_plugin_does() -> None:
    one = "a {\n log x\n log y\n}\n"
    assert reload_hash(one) != reload_hash("a {\n log y\n log x\n}\n")


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("<a&b>", "\\u003ca\\u0026b\\u003e"),
        ('"\\/', '\\"\\\\/'),
        ("\n\r\t", "\\n\\r\\t"),
        ("\b\f", "\\b\\f"),
        ("\x00\x01\x0b\x1b\x1f", "\\u0000\\u0001\\u000b\\u001b\\u001f"),
        ("\x7f\x80\x85\xa0", "\x7f\x80\x85\xa0"),
        ("\u2027\u2028\u2029\u202a", "\u2027\\u2028\\u2029\u202a"),
        ("é名🚒\ufffd\uffff\U0010ffff", "é名🚒\ufffd\uffff\U0010ffff"),
        ("a\udc80\udcffb", "a\\ufffd\\ufffdb"),
    ],
)
def test_strings_are_written_as_go_writes_them(word: str, written: str) -> None:
    encoded = encode([Group([word], {word: [Token(word, 0, 1, 7)]})])
    assert encoded.decode() == f'[{{"Keys":["{written}"],"Tokens":{{"{written}":[{{"File":"","Line":7,"Text":"{written}"}}]}}}}]'
    assert json.loads(encoded)[0]["Keys"] == [word if word.isprintable() or "\udc80" not in word else "a\ufffd\ufffdb"]


def test_before_go_1_22_backspace_and_form_feed_have_no_escapes_of_their_own() -> None:
    text = '. {\n  log "\b\f"\n}\n'
    assert reload_hash(text, version="1.11.4") == reload_hash(text)
    assert reload_hash(text, version="1.11.3") != reload_hash(text)
    assert encode([Group(["\b\f"], {})], short_escapes=False) == b'[{"Keys":["\\u0008\\u000c"],"Tokens":{}}]'


def test_plugins_stand_in_the_order_of_their_bytes() -> None:
    names = ["b", "a", "é", "Z", "\U00010000", "\uffff", "a\udcff", "aa"]
    encoded = encode([Group(["."], {name: [] for name in names})]).decode()
    assert encoded == '[{"Keys":["."],"Tokens":{"Z":[],"a":[],"aa":[],"a\\ufffd":[],"b":[],"é":[],"\uffff":[],"\U00010000":[]}}]'


def test_where_coredns_refuses_the_text_there_is_no_hash() -> None:
    with pytest.raises(ParseError, match="Unexpected token 'reload', expecting '}'"):
        reload_hash(". {\n  reload\n")
    with pytest.raises(ParseError):
        reload_hash(". {\n  reload\n", version="1.6.0")


IMPORT = ". {\n  reload\n  import custom/*.override\n}\n"
VARIABLE = "{$ZONE}:53 {\n  reload\n}\n"


@pytest.mark.parametrize("text", [IMPORT, VARIABLE])
def test_without_the_files_and_the_environment_it_is_not_guessed(text: str) -> None:
    with pytest.raises(InputError, match="the hash depends on") as caught:
        reload_hash(text)
    assert "coredns_reload_version_info" in caught.value.hint
    assert reload_hash(text, version="1.6.0") == hashlib.md5(text.encode()).hexdigest()  # of the text alone


def test_a_text_that_looks_broken_without_an_imported_file_is_not_called_broken() -> None:
    text = ". {\n  reload\n  import end\n"
    with pytest.raises(InputError, match="line 3: the hash depends on a file that is not at hand: import end") as caught:
        reload_hash(text)
    assert not isinstance(caught.value, ParseError)
    assert len(reload_hash(text, files={"/etc/coredns/end": "}\n"})) == 128


def test_with_the_files_it_holds_their_words_under_their_paths() -> None:
    files = {"/etc/coredns/custom/a.override": "log\n", "/etc/coredns/custom/b": "nonsense"}
    encoded = (
        '[{"Keys":["."],"Tokens":{"log":[{"File":"/etc/coredns/custom/a.override","Line":1,"Text":"log"}],'
        '"reload":[{"File":"","Line":2,"Text":"reload"}]}}]'
    )
    assert reload_hash(IMPORT, files=files) == hashlib.sha512(encoded.encode()).hexdigest()
    moved = {path.replace("/etc/coredns", "/srv"): text for path, text in files.items()}
    assert reload_hash(IMPORT, files=moved, path="/srv/Corefile") != reload_hash(IMPORT, files=files)
    assert reload_hash(IMPORT, files={}) == reload_hash(". {\n  reload\n\n}\n")  # a pattern may match nothing


def test_with_the_environment_it_holds_the_values() -> None:
    assert reload_hash(VARIABLE, environment={"ZONE": "."}) == reload_hash(".:53 {\n  reload\n}\n")
    assert reload_hash(VARIABLE, environment={}) == reload_hash(":53 {\n  reload\n}\n")


def test_the_package_offers_it_and_does_not_load_it() -> None:
    assert remedy.corefile.reload_hash is reload_hash
    loaded = "import sys, remedy.corefile; print(*(name for name in sys.modules if name.startswith('remedy.') or name == 'hashlib'))"
    run = subprocess.run([sys.executable, "-c", loaded], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["remedy.corefile"]
    with pytest.raises(AttributeError):
        remedy.corefile.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_the_command_prints_the_hash_alone_for_one_corefile(remedy_command: Command) -> None:
    (remedy_command.folder / "Corefile").write_text(TEXT)
    done = remedy_command("hash", "Corefile")
    assert (done.code, done.out, done.err) == (0, reload_hash(TEXT) + "\n", "")
    assert remedy_command("hash", "-", stdin=TEXT.encode()).out == done.out
    assert remedy_command("hash", "Corefile", "--coredns-version", "v1.8.4-eksbuild.2").out == reload_hash(TEXT, version="1.8.4") + "\n"


def test_the_command_prints_hashes_and_paths_for_several(remedy_command: Command) -> None:
    for name in ("Corefile", "Corefile.bad", "Corefile.other"):
        (remedy_command.folder / name).write_text(TEXT + "# \n" * len(name))
    (remedy_command.folder / "Corefile.bad").write_text(". {\n  whoami\n")
    manifest = "".join(
        f"kind: ConfigMap\napiVersion: v1\nmetadata: {{name: {name}, namespace: dns}}\n"
        f"data:\n  Corefile: |\n    {name} {{\n      reload\n    }}\n---\n"
        for name in ("one", "two")
    )
    (remedy_command.folder / "both.yaml").write_text(manifest)
    done = remedy_command("hash", ".")
    of = {name: reload_hash(TEXT.replace(".", name)) for name in (".", "one", "two")}
    assert sorted(done.out.splitlines(), key=lambda line: line[130:]) == [
        f"{of['.']}  Corefile",
        f"{of['.']}  Corefile.other",
        f"{of['one']}  both.yaml:dns/one/Corefile",
        f"{of['two']}  both.yaml:dns/two/Corefile",
    ]
    assert done.code == 2
    assert "Corefile.bad:2:3: Unexpected token 'whoami', expecting '}'" in done.err


def test_the_command_says_why_there_is_no_hash_and_what_to_do(remedy_command: Command) -> None:
    for text, why in ((IMPORT, "line 3: the hash depends on a file"), (VARIABLE, "line 1: the hash depends on the environment")):
        (remedy_command.folder / "Corefile").write_text(text)
        done = remedy_command("hash", "Corefile")
        assert (done.code, done.out) == (2, "")
        assert f"remedy: Corefile: {why}" in done.err
        assert "coredns_reload_version_info" in done.err


def test_the_command_names_the_place_in_a_manifest_where_coredns_would_refuse(remedy_command: Command) -> None:
    (remedy_command.folder / "c.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  Corefile: |\n    . {\n      log }\n    }\n"
    )
    done = remedy_command("hash", "c.yaml")
    assert (done.code, done.out) == (2, "")
    assert "c.yaml:7:11: Unexpected '}'" in done.err


def test_the_command_says_that_a_corefile_without_reload_is_never_hashed(remedy_command: Command) -> None:
    (remedy_command.folder / "Corefile").write_text(". {\n  whoami\n}\n")
    done = remedy_command("hash", "Corefile")
    assert done.code == 0
    assert "without the plugin reload" in done.err
    assert remedy_command("hash", "Corefile", "--quiet").err == ""


def test_the_command_refuses_a_version_that_is_none(remedy_command: Command) -> None:
    (remedy_command.folder / "Corefile").write_text(TEXT)
    done = remedy_command("hash", "Corefile", "--coredns-version", "latest")
    assert (done.code, done.out) == (2, "")
    assert "is not a version of CoreDNS" in done.err


def test_the_command_hashes_the_live_corefile(remedy_command: Command) -> None:
    done = remedy_command("hash", "--demo", "--format", "json")
    (hashed,) = json.loads(done.out)["hashes"]
    assert done.code == 0
    assert hashed["target"]["kind"] == "cluster"
    assert len(hashed["hash"]) == 128
