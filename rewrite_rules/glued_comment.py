"""CFG004 glued-comment: a `#` right behind a word hides the rest of that word only, and the words after it count.

What it does
    Finds comments that begin inside a word and are followed by further words on the line.

Why is this bad?
    CoreDNS's lexer ends such a comment at the next space, although its documentation says "to the end of the line". What was meant as a
    remark is read as arguments: host names, zones, servers.

Example
    hosts {
        192.0.2.80 www.corp.example#not mail.corp.example
        fallthrough
    }

Use instead
    hosts {
        192.0.2.80 www.corp.example #not mail.corp.example
        fallthrough
    }

Fix safety
    Unsafe: the words behind it no longer count, which changes what is answered.

Sources
    github.com/coredns/caddy caddyfile/lexer.go.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from remedy.corefile.edit import Edit
from remedy.corefile.lexer import Span, lex
from remedy.corefile.tree import Corefile
from remedy.rules import Choices, Fix, Problem

_WHY = "the words behind it no longer count, which changes what CoreDNS reads"


def check(corefile: Corefile, choices: Choices) -> Iterator[Problem]:  # noqa: ARG001
    for file, text in corefile.texts.items():
        glued = [
            comment for comment in corefile.comments if comment.file == file and not text[: comment.start][-1:].isspace() and comment.start
        ]
        tokens = lex(text, file).tokens if glued else []
        ends, starts = {token.end: token for token in tokens}, [token.start for token in tokens]
        for comment in glued:
            place = bisect_left(starts, comment.end)
            word = ends.get(comment.start)
            after = tokens[place] if place < len(tokens) else None
            if word is None or after is None or "\n" in text[comment.end : after.start] or text[word.start] == '"' or after.text == "{":
                continue
            line_end = text.find("\n", after.start)
            read = text[after.start : line_end if line_end >= 0 else len(text)].rstrip()
            message = f"`{text[comment.start : comment.end]}` hides only the rest of its word: CoreDNS reads `{read}` behind it"
            fix = Fix("make the rest of the line a comment", "space", (Edit(comment.start, comment.start, " ", file),), "unsafe", _WHY)
            yield Problem(Span(word.start, after.start + len(read), file), message, (fix,))
