"""Keeps secrets off terminals and out of logs: what a Corefile, a kubeconfig or an error message may hold of them is shown as `****`.

Only what a person reads is masked. A diff that goes into a pipe is a patch, and a record has to hold the text; both stay as they are.
Paths of key files and names of variables are no secrets.
"""

from __future__ import annotations

import re

_MARKS = ("secret", "password", "passwd", "passphrase", "token", "credential", "_key", "-key", "apikey", "://", "eyj", "bearer")
# In JSON a line's end, a tab and a quote are two characters.
_SPACE = r"(?:[ \t]|\\t)"
_WORD = r"(?:(?!\\[nrt])[^\s\"'\\]|\\[^\"'nrt\s])+"
_QUOTE = r"\\?[\"']?"
_END = rf"(?={_QUOTE},?{_SPACE}*(?:#[^\n]*)?(?:\r|\\r)*(?:$|\\n))"
# A diff may be indented as a whole, as the hint of an error is: its signs stand behind spaces then.
_HEAD = rf"(?im)((?:^|\\n)(?:[ \t]*[-+])?(?:{_SPACE}|[\"'#])*(?:\d+[:|](?:{_SPACE}|#)*)?"
_PATH = r"(?![/.{]|\*{4})"
# `secret NAME KEY` (tsig), `credentials USER PASSWORD` (etcd), `aws_access_key ID SECRET` (route53)
_PAIRS = rf"{_HEAD}(?:secret|credentials|aws_access_key){_SPACE}+{_QUOTE}{_WORD}{_QUOTE}{_SPACE}+{_QUOTE}){_PATH}{_WORD}"
# `password X` of any plugin, `token: X` of a kubeconfig, `secret X` (azure)
_NAMES = (
    r"(?:[\w-]*(?:password|passwd|passphrase|secret|secret[_-]key|api[_-]?key|api[_-]?token|access[_-]?token|auth[_-]?token)|token|"
    r"(?:client|certificate-authority|client-certificate|client-key|id-token|refresh-token)[-\w]*-data|id-token|refresh-token)"
)
_SINGLE = rf"{_HEAD}{_NAMES}{_QUOTE}(?:{_SPACE}*[:=]{_SPACE}*|{_SPACE}+){_QUOTE}){_PATH}{_WORD}{_END}"
_URL = r"(\b[a-zA-Z][\w+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"
_BEARER = r"(?i)(\bbearer[ \t]+)[\w.~+/=-]{8,}"
_JWT = r"()\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"


def masked(text: str) -> str:
    """The text with every secret that is known by its place or its shape replaced by `****`."""
    lowered = text.lower()
    if not any(mark in lowered for mark in _MARKS):
        return text
    for pattern in (_PAIRS, _SINGLE, _URL, _BEARER, _JWT):
        text = re.sub(pattern, r"\1****", text)
    return text


def visible(text: str) -> str:
    """The text for a person: secrets masked, and what a terminal would obey spelled out.

    Whoever may edit a Corefile can write an escape sequence in it.
    """
    text = masked(text)
    return "".join(each if each.isprintable() or each in "\n\t" else each.encode("unicode_escape").decode() for each in text)
