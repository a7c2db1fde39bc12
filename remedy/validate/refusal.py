"""Where in the user's text stands what CoreDNS refuses, from what it said of the text that was run. Pure.

CoreDNS names the line that it had read up to, often that of the last word of a directive, and no column; some plugins name no line at all.
"""

from __future__ import annotations

import re

from remedy.corefile.lexer import Token, lex, line_and_column
from remedy.corefile.tree import Corefile
from remedy.validate.stage import Runnable

_SAID = re.compile(
    r"(?:plugin/(?P<plugin>[^:\s]+): )?(?:(?:[^\s:]*/)?Corefile:(?P<line>\d+) - (?:Error during parsing|Syntax error): )?(?P<what>.*)",
    re.DOTALL,
)
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_PORT = re.compile(r":(\d+)\b")


def explained(corefile: Corefile, run: Runnable, said: str, version: str) -> str:
    """`Corefile:LINE:COLUMN: what is wrong (CoreDNS 1.15.0 says: …)`; the place is in the original text."""
    own = _PORT.sub(lambda match: f":{run.shown.get(int(match[1]), match[1])}", said).replace(" on 127.0.0.1", "")
    match = _SAID.fullmatch(said)
    assert match is not None  # its last group takes anything
    place = _place(corefile, run, match["plugin"] or "", int(match["line"] or 0), match["what"])
    line, column = line_and_column(corefile.text, place)
    own = re.sub(r"(?:[^\s:]*/)?Corefile:\d+ - ", f"Corefile:{line} - ", own)
    what = _SAID.fullmatch(own)
    assert what is not None
    about = f"{match['plugin']}: " if match["plugin"] else ""
    return f"Corefile:{line}:{column}: {about}{what['what']} (CoreDNS {version} says: {own})"


def _place(corefile: Corefile, run: Runnable, plugin: str, line: int, what: str) -> int:
    """The offset of the word that is to blame, as near as it can be told."""
    tokens = lex(corefile.text).tokens
    if line:
        ends = [place for place, char in enumerate(run.text) if char == "\n"]
        start = run.origin(ends[line - 2] + 1 if line > 1 else 0)
        number = line_and_column(corefile.text, start)[0]
        on_line = [token for token in tokens if token.line <= number <= token.last_line]
    else:
        spans = [directive.span for _, directive in corefile.walk() if directive.name.text == plugin and not directive.name.file]
        on_line = [token for token in tokens if any(span.start <= token.start < span.end for span in spans)]
        on_line = on_line or _keys(corefile, what)
    if not on_line:
        return run.origin(0) if not line else start
    quoted = [first or second for first, second in _QUOTED.findall(what)]
    words = [*quoted, *reversed(re.split(r"[\s,:]+", what))]  # what is wrong comes last: unknown rcode NODATA
    blamed = [token for word in words for token in on_line if word and token.text == word]
    again = [token for token in on_line if token.text == plugin][1:] if "only be used once" in what else []
    return (again or blamed or on_line)[0].start


def _keys(corefile: Corefile, what: str) -> list[Token]:
    """The last key whose zone CoreDNS speaks of."""
    zones = re.findall(r"(?:dns|tls|quic|grpc|https3?)://(\S+?):\d+", what)
    found = [key for block in corefile.blocks for key in block.keys if not key.file and any(zone.rstrip(".") in key.text for zone in zones)]
    return found[-1:]
