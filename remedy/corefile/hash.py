r"""The hash by which a running CoreDNS names its Corefile: in its log, and in the metric `coredns_reload_version_info`.

It is made of the parsed server blocks, not of the text (CoreDNS: plugin/reload/reload.go): a comment behind a word changes nothing, one on
a line of its own moves all lines below it and does. Values of environment variables are part of it, and so is the path of an imported file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from remedy.corefile.expand import Expander, Group, Settings
from remedy.corefile.files import Files, texts
from remedy.corefile.lexer import Token
from remedy.errors import InputError, ParseError

_ELSEWHERE = "a replica that runs tells its hash itself: in its log, and in the metric coredns_reload_version_info"
CONTAINER_PATH = "/etc/coredns/Corefile"  # where Kubernetes' own manifests mount it
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+.].+)?", re.ASCII)
_JSON = (1, 6, 1)
_SHA512 = (1, 9, 1)
_SHORT_ESCAPES = (1, 11, 4)  # the first release that is built with Go 1.22, whose encoding/json writes \b and \f so
_NEWEST = (1 << 30, 0, 0)
# What Go's json.Marshal does not write as it is. A surrogate stands for a byte that is not UTF-8.
_ESCAPED = re.compile('[\0-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def reload_hash(
    text: str,
    *,
    version: str | None = None,
    path: str = CONTAINER_PATH,
    files: Mapping[str, str] | Files | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """The hash, in hex, that CoreDNS of this version (None: the newest) logs for a Corefile: SHA-512 since 1.9.1, MD5 before.

    `path` is where CoreDNS reads it, absolute; `files` are the files that it can import (a mapping: all of them, by absolute paths), and
    `environment` is its environment as a whole. ParseError where CoreDNS would refuse the text; InputError where the hash depends on a
    file or a variable that was not given.
    """
    import hashlib  # opens OpenSSL; the rest of remedy can do without

    release = release_of(version) or _NEWEST
    found = texts(files) if isinstance(files, Mapping) else files
    expander = Expander(text, lambda _kind, _token: None, Settings(path, found, environment, None), grouped=True)
    try:
        expander.run()
    except ParseError:
        _require_known(expander)  # what is not known may be what closes a block
        raise
    if release < _JSON:
        return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    _require_known(expander)
    encoded = encode(expander.groups, short_escapes=release >= _SHORT_ESCAPES)
    if release >= _SHA512:
        return hashlib.sha512(encoded).hexdigest()
    return hashlib.md5(encoded, usedforsecurity=False).hexdigest()


def _require_known(expander: Expander) -> None:
    for token in expander.imports.unread:
        raise InputError(f"line {token.line}: the hash depends on a file that is not at hand: import {token.text}", _ELSEWHERE)
    for token in expander.unknown:
        raise InputError(f"line {token.line}: the hash depends on the environment of CoreDNS: {token.text}", _ELSEWHERE)


def algorithm(version: str | None) -> str:
    """Which hash CoreDNS of this version (None: the newest) makes: sha512 or md5."""
    return "sha512" if (release_of(version) or _NEWEST) >= _SHA512 else "md5"


def release_of(version: str | None) -> tuple[int, int, int] | None:
    """The three numbers of a CoreDNS version; whatever a distribution wrote behind them is no part of it."""
    if version is None:
        return None
    match = _VERSION.fullmatch(version)
    if match is None:
        raise InputError(f"{version!r} is not a version of CoreDNS", "write three numbers: 1.11.1 or v1.11.1-eksbuild.4")
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch)


def encode(blocks: Iterable[Group], *, short_escapes: bool = True) -> bytes:
    r"""Server blocks as Go's json.Marshal writes a []caddyfile.ServerBlock; before Go 1.22, without the short escapes \b and \f."""
    escapes = _ESCAPES if short_escapes else {char: escape for char, escape in _ESCAPES.items() if char not in "\b\f"}

    def escaped(match: re.Match[str]) -> str:
        char = match[0]
        return escapes.get(char) or ("\\ufffd" if char >= "\ud800" else f"\\u{ord(char):04x}")

    def string(text: str) -> str:
        return f'"{_ESCAPED.sub(escaped, text)}"'

    def token(word: Token) -> str:
        return f'{{"File":{string(word.file)},"Line":{word.line},"Text":{string(word.text)}}}'

    def block(each: Group) -> str:
        names = sorted(each.tokens, key=lambda name: name.encode("utf-8", "surrogateescape"))
        tokens = ",".join(f"{string(name)}:[{','.join(map(token, each.tokens[name]))}]" for name in names)
        return f'{{"Keys":[{",".join(map(string, each.keys))}],"Tokens":{{{tokens}}}}}'

    written = ",".join(map(block, blocks))
    return (f"[{written}]" if written else "null").encode()
