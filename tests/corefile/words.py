"""CoreDNS's lexer rules written down a second time, character by character, for the tests to judge the product's lexer by."""

from __future__ import annotations

from remedy.corefile.lexer import Token

GO_SPACE = frozenset(
    [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
)


def unquote(source: str) -> str:
    """The word that this stretch of source stands for."""
    readable = "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char for char in source)
    if not readable.startswith('"'):
        return readable.replace("\r", "")
    word, place = "", 1
    while place < len(readable):
        char, after = readable[place], readable[place + 1 : place + 2]
        if char == '"':
            assert place == len(readable) - 1, f"the quotes close before the end of {source!r}"
            return word
        if char == "\\":
            word += '"' if after == '"' else "\\" + after if after else ""
            place += 2
        else:
            word += char
            place += 1
    return word


def only_space_and_comments(gap: str, *, behind_bare_word: bool) -> bool:
    """Is there nothing in this gap that could be a word? A `#` that follows a bare word without a space hides up to the next space."""
    glued = behind_bare_word
    place = 0
    while place < len(gap):
        char = gap[place]
        if char == "#":
            while place < len(gap) and not (gap[place] == "\n" or (glued and gap[place] != "\r" and ord(gap[place]) in GO_SPACE)):
                place += 1
            glued = False
        elif ord(char) in GO_SPACE:
            glued = glued and char == "\r"
            place += 1
        else:
            return False
    return True


def check(text: str, tokens: list[Token]) -> None:
    """Every token's span, unquoted, is that token; spans ascend; between them is nothing but white space and comments."""
    end, bare = (1 if text.startswith("\ufeff") else 0), False
    line, counted = 1, 0
    for token in tokens:
        assert end <= token.start < token.end <= len(text)
        assert only_space_and_comments(text[end : token.start], behind_bare_word=bare), (text[end : token.start], token)
        source = text[token.start : token.end]
        assert unquote(source) == token.text
        line, counted = line + text.count("\n", counted, token.start), token.start
        assert token.line == line
        end, bare = token.end, not source.startswith('"')
    rest = text[end:]
    for unclosed in ('"\\', '"'):  # quotes that the end of the file closes around nothing are no word
        if rest.endswith(unclosed) and only_space_and_comments(rest.removesuffix(unclosed), behind_bare_word=bare):
            return
    assert only_space_and_comments(rest, behind_bare_word=bare), rest
