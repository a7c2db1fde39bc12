"""remedy's answers in the oracle's shape, and what there is to say where the two differ.

The tree is put together again from its nodes, so it is not enough that the words are right: every one has to hang where it belongs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from remedy.corefile import files as corefiles
from remedy.corefile.expand import Expander, Settings
from remedy.corefile.hash import encode
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.errors import ParseError
from tests.corefile.words import check, unquote
from tests.oracle.ask import Answer, Block, Case, ask, placed


def disagreements(cases: Iterable[Case]) -> list[tuple[Case, str]]:
    """The cases on which remedy and CoreDNS's parser do not agree, each with the first difference."""
    with placed(cases) as ready:
        return [(case, said) for case, answer in zip(ready, ask(ready), strict=True) if (said := difference(case, answer))]


def difference(case: Case, expected: Answer) -> str:
    """Where remedy differs from this answer; "" if nowhere."""
    text = case.text.decode("utf-8", "surrogateescape")
    tokens = lex(text).tokens
    check(text, tokens)
    if (words := [(token.line, token.text) for token in tokens]) != expected.tokens:
        return f"tokens: {words} instead of {expected.tokens}"
    settings = Settings(f"{case.folder}/Corefile", corefiles.on_disk, case.environment, case.plugins)
    try:
        tree = parse(text, path=settings.path, files=settings.files, environment=settings.environment, plugins=settings.plugins)
    except ParseError as error:
        return "" if error.said == expected.error else f"error: {error.said!r} instead of {expected.error!r}"
    if expected.error:
        return f"accepted, instead of {expected.error!r}"
    expander = Expander(text, lambda _kind, _token: None, settings, grouped=True)
    expander.run()
    groups = [
        (group.keys, {name: [(token.file, token.line, token.text) for token in each] for name, each in group.tokens.items()})
        for group in expander.groups
    ]
    if groups != expected.blocks:
        return f"groups: {groups} instead of {expected.blocks}"
    if (blocks := grouped(tree)) != expected.blocks:
        return f"tree: {blocks} instead of {expected.blocks}"
    encoded = encode(expander.groups)
    if (hashes := (hashlib.sha512(encoded).hexdigest(), hashlib.md5(encoded).hexdigest())) != (expected.sha512, expected.md5):
        return f"hash: {hashes}"
    return ""


def grouped(tree: Corefile) -> list[Block]:
    """The server blocks as CoreDNS keeps them, from the nodes of the tree."""
    blocks: list[Block] = []
    for block in tree.blocks:
        plugins: dict[str, list[tuple[str, int, str]]] = {}
        for plugin in block.plugins:
            name, *words = plugin.tokens()
            raw = name._replace(text=unquote(tree.source(name.span)))  # CoreDNS keeps the variables of a plugin's name
            plugins.setdefault(name.text, []).extend((token.file, token.line, token.text) for token in (raw, *words))
        blocks.append(([key.text for key in block.keys], plugins))
    return blocks
