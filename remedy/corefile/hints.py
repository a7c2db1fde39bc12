"""What a person most likely meant who wrote a plugin or a closing brace where CoreDNS takes none.

CoreDNS names the word at which it gave up; the cause often stands lines above it.
"""

from __future__ import annotations

from collections.abc import Container

from remedy.corefile.lexer import Token, lex


def misplaced(at: Token, text: str, plugins: Container[str] | None) -> str:
    """A sentence of advice for a word that is no plugin of this build, or for a brace that closes nothing; `text` is that of its file."""
    before = [token for token in lex(text, at.file).tokens if token.start < at.start]
    brace = next((token.text for token in reversed(before) if token.text in ("{", "}") or token.text.endswith("{")), "")
    if len(brace) > 1:
        return f"a brace counts only with a space before it: {brace[:-1]} {{"
    if at.text == "}":
        return "a closing brace needs a line of its own" if brace == "{" else "no block is open here"
    if at.text == "{":
        return "a plugin's name must stand before its opening brace"
    if at.text.startswith(("@", "handle", "route", "respond", "reverse_proxy")):
        return "this is Caddy 2 syntax; a Corefile holds zones and CoreDNS's plugins"
    if plugins is not None and at.text.lower() in plugins:
        return f"plugin names are in lower case: {at.text.lower()}"
    return "this build of CoreDNS has no plugin of that name"
