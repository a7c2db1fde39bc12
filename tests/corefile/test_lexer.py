"""The words of a Corefile are those that CoreDNS reads, and nothing but white space and comments is left between them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy.corefile.lexer import lex, line_and_column
from tests.corefile.words import check

# What it shows, the text, and its words with their lines. Measured on CoreDNS.
ROWS: list[tuple[str, str, list[tuple[str, int]]]] = [
    ("one byte order mark at the start is dropped", "\ufeff. {", [(".", 1), ("{", 1)]),
    ("a second byte order mark belongs to the first word", "\ufeff\ufeff. {", [("\ufeff.", 1), ("{", 1)]),
    ("each byte that is not UTF-8 becomes a replacement character", "\udce2\udc82x a\udcff", [("\ufffd\ufffdx", 1), ("a\ufffd", 1)]),
    (
        "Go's white space separates",
        "a\tb\vc\fd\x85e\xa0f\u1680g\u2000h\u200ai\u2028j\u2029k\u202fl\u205fm\u3000n",
        [(x, 1) for x in "abcdefghijklmn"],
    ),
    ("what only Python takes for white space does not", "a\x1cb\x1dc\x1ed\x1fe", [("a\x1cb\x1dc\x1ed\x1fe", 1)]),
    ("a zero-width space does not separate", "a\u200bb\ufeffc", [("a\u200bb\ufeffc", 1)]),
    ("only a line feed ends a line", "a\nb\vc\x85d\u2028e\r\nf", [("a", 1), ("b", 2), ("c", 2), ("d", 2), ("e", 2), ("f", 3)]),
    ("a line feed inside quotes counts", '"a\nb" c\nd', [("a\nb", 1), ("c", 2), ("d", 3)]),
    ("a carriage return outside quotes is dropped and separates nothing", "foo\rbar\r baz\r", [("foobar", 1), ("baz", 1)]),
    ("a file with carriage returns alone is one word", "{\rwhoami\r}", [("{whoami}", 1)]),
    ("a carriage return inside quotes stays", '"a\rb\r"', [("a\rb\r", 1)]),
    ("quotes open a word only as its first character", 'a"b c"', [('a"b', 1), ('c"', 1)]),
    ("a closing quote ends the word at once", '"a.""b."c', [("a.", 1), ("b.", 1), ("c", 1)]),
    ("other quotes are ordinary", "'a b' `c`", [("'a", 1), ("b'", 1), ("`c`", 1)]),
    ("inside quotes only a quote is escaped", r'"a\"b\\c\n"', [('a"b\\\\c\\n', 1)]),
    ("two backslashes do not escape the quote after them", r'"a\\" b', [("a\\\\", 1), ("b", 1)]),
    ("outside quotes a backslash is ordinary", r"a\"b \"", [('a\\"b', 1), ('\\"', 1)]),
    ("empty quotes are an empty word", 'a "" b', [("a", 1), ("", 1), ("b", 1)]),
    ("quotes left open at the end around nothing are no word", 'a "', [("a", 1)]),
    ("quotes left open reach to the end of the file", '"a # b\n}', [("a # b\n}", 1)]),
    ("a last lone backslash in open quotes is lost", '"a\\', [("a", 1)]),
    ("a number sign starts a comment", "a # b\n# c\nd", [("a", 1), ("d", 3)]),
    ("behind a quoted word a number sign hides the rest of the line", '"a"#b c\nd', [("a", 1), ("d", 2)]),
    ("glued to a bare word it hides only up to the next space", "whoami#x bogus", [("whoami", 1), ("bogus", 1)]),
    ("so the line that it seems to hide counts", "template IN AAAA#x org", [("template", 1), ("IN", 1), ("AAAA", 1), ("org", 1)]),
    ("a glued comment ends at a line feed too", "rcode NXDOMAIN#NOERROR\n}", [("rcode", 1), ("NXDOMAIN", 1), ("}", 2)]),
    ("a carriage return does not end a glued comment", "a#x\rb c", [("a", 1), ("c", 1)]),
    ("inside quotes it is ordinary", '"a#b"', [("a#b", 1)]),
    ("a brace glued to a word is no brace", ".:53{ {} }}", [(".:53{", 1), ("{}", 1), ("}}", 1)]),
    ("quoted braces and keywords are the same words as bare ones", '"{" "}" "import"', [("{", 1), ("}", 1), ("import", 1)]),
    ("control characters are ordinary", "a\x01b \x7f \x1b", [("a\x01b", 1), ("\x7f", 1), ("\x1b", 1)]),
    ("nothing has no words", "", []),
    ("white space has no words", " \t\r\n\v", []),
]


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_words_are_cut_as_coredns_cuts_them(text: str, words: list[tuple[str, int]]) -> None:
    tokens = lex(text).tokens
    assert [(token.text, token.line) for token in tokens] == words
    check(text, tokens)


def test_comments_are_kept_with_their_places() -> None:
    text = '# one\na#two b # three\r\n"#no"#four five\n\r# six'
    assert [text[comment.start : comment.end].rstrip("\r") for comment in lex(text).comments] == [
        "# one",
        "#two",
        "# three",
        "#four five",
        "# six",
    ]


def test_a_place_counts_lines_by_line_feeds_and_columns_by_code_points() -> None:
    text = "é\u2028😀x\r\ny"
    assert line_and_column(text, text.index("x")) == (1, 4)
    assert line_and_column(text, text.index("y")) == (2, 1)
    assert line_and_column(text, len(text)) == (2, 2)


ODD = st.text(alphabet=st.sampled_from(list('ab.,(){}"\\#\n\r\t \v\x85\xa0\u2028\u200b\x1c\ufeff\udc80\udcff')), max_size=40)
TEXTS = st.one_of(ODD, st.text(max_size=40), st.binary(max_size=60).map(lambda content: content.decode("utf-8", "surrogateescape")))


@settings(deadline=None, max_examples=1500)
@given(TEXTS)
def test_any_text_is_words_white_space_and_comments_and_nothing_else(text: str) -> None:
    words = lex(text)
    check(text, words.tokens)
    places = [comment.start for comment in words.comments]
    assert places == sorted(places)
    assert all(text[comment.start] == "#" and "\n" not in text[comment.start : comment.end] for comment in words.comments)
    assert not any(token.start < comment.end and comment.start < token.end for token in words.tokens for comment in words.comments)
