"""Any Corefile with any templates in it: a fix heals what it is for and changes nothing else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import engine
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile
from remedy.diff import unified
from remedy.engine import Repair
from remedy.rules import STYLES, Choices, Style
from remedy.sources.document import Document, Target, WholePart
from remedy.validate import model
from remedy.validate.verdict import judge
from rewrite_rules import RULES
from tests.test_diff import patched

INDENTS = st.sampled_from(["", "  ", "    ", "\t", " \t "])
COMMENTS = st.sampled_from(["# off", "#", "# é \udce9", '# "quoted" {', "# template ANY AAAA {", "# }", "#\ttab  "])
ZONES = st.lists(st.sampled_from([".", "corp.example", "Corp.Example.", "lan", '"lan"', "{$ZONE}"]), max_size=2)
CLASSES = st.sampled_from(["IN", "ANY", "IN", "ANY", "CH", '"ANY"', "in"])
TYPES = st.sampled_from(["AAAA", "AAAA", "AAAA", "A", "ANY", "HINFO", '"AAAA"'])
RCODES = st.sampled_from(["NXDOMAIN", "NXDOMAIN", "NXDOMAIN", "NOERROR", "SERVFAIL", '"NXDOMAIN"', "{$RC}"])
OPTIONS = st.sampled_from(
    [
        "fallthrough",
        "match ^a[.]",
        "match ^b[.] ^c[.]",
        "upstream",
        'authority ". 60 IN SOA ns.dns. h.dns. (1 60 60 60 60)"',
        "ederror 15",
        'answer "{{ .Name }} 60 IN AAAA ::1"',
        "import options",
        "import options.conf",
    ]
)
PLUGINS = st.sampled_from(
    ["errors", "cache 30", "log #x", "forward . 192.0.2.53", "chaos", 'any "a\nb" c', "import noaaaa", "import x/*.override"]
)
KEYS = st.sampled_from([".", ".:53", "corp.example", ". corp.example", "lan:1053,\nlan2", "tls://.", "{$ZONE}:53"])


@st.composite
def templates(draw: st.DrawFn) -> list[str]:
    """The lines of a template."""
    head = " ".join(["template", draw(CLASSES), draw(TYPES), *draw(ZONES)])
    rcodes = [f"rcode {rcode}" for rcode in draw(st.lists(RCODES, max_size=2))]
    options = draw(st.permutations(rcodes + draw(st.lists(OPTIONS, max_size=2, unique=True))))
    if draw(st.booleans()) and len(options) == 1:
        return [f"{head} {{ {options[0]} }}"]
    if not options and draw(st.booleans()):
        return [head]
    lines = [f"{head} {{"]
    for option in options:
        lines += draw(st.lists(COMMENTS, max_size=1))
        lines.append(option + draw(st.sampled_from(["", "", "#glued", " # behind", "  "])))
    return [*lines, *draw(st.lists(COMMENTS, max_size=1)), draw(st.sampled_from(["}", "}", "} # behind", "}#glued"]))]


@st.composite
def corefiles(draw: st.DrawFn) -> str:
    lines = ["(options) {", "fallthrough", "}", "(noaaaa) {", *draw(templates()), "}"] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        body = draw(
            st.lists(st.one_of(templates(), templates(), PLUGINS.map(lambda line: [line]), COMMENTS.map(lambda line: [line])), max_size=4)
        )
        lines += [*draw(KEYS).split("\n"), "{"] if draw(st.integers(0, 9)) == 0 else [f"{draw(KEYS)} {{"]
        lines += [line for part in body for line in part] + ["}"]
    indented = [draw(INDENTS) + line for line in lines]
    text = "\n".join(indented) + draw(st.sampled_from(["", "\n", "\n\n", "\n# end"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def repaired(text: str, style: Style, *, unsafe: bool) -> Repair:
    return engine.repair(document(text), RULES, Choices(style), unsafe=unsafe)


def document(text: str) -> Document:
    return Document(Target("file", "Corefile"), text, (WholePart(text),))


def others(corefile: Corefile) -> list[list[str]]:
    """Every word of every plugin that is no template."""
    return [[word.text for word in plugin.words()] for _, plugin in corefile.walk() if plugin.name.text != "template"]


def comments(text: str) -> list[str]:
    return [text[comment.start : comment.end].rstrip("\r") for comment in lex(text).comments]


@settings(deadline=None, max_examples=500)
@given(text=corefiles(), style=st.sampled_from(STYLES), unsafe=st.booleans())
def test_a_fix_of_any_corefile_heals_and_keeps_everything_else(*, text: str, style: Style, unsafe: bool) -> None:
    before = parse(text)
    result = repaired(text, style, unsafe=unsafe)
    after = parse(result.text)
    assert (result.text == text) == (not result.fixed)
    # nothing is left to fix, and a second run changes nothing
    left = engine.scan(document(result.text), RULES, Choices(style))
    assert not [finding for finding in left if finding.fix and (unsafe or finding.fix.safety == "safe")]
    assert repaired(result.text, style, unsafe=unsafe).text == result.text
    # comments, keys and other plugins are as they were
    assert comments(result.text) == comments(text)
    assert [[key.text for key in block.keys] for block in after.blocks] == [[key.text for key in block.keys] for block in before.blocks]
    assert others(after) == others(before)
    assert [name.text for name in after.unread] == [name.text for name in before.unread]
    # lines that are none of a finding's stay, byte for byte
    touched = {line for finding in result.fixed for line in range(finding.line - 1, finding.end_line)}
    lines = iter(result.text.split("\n"))
    assert all(line in lines for number, line in enumerate(text.split("\n")) if number not in touched)
    # what is shown is what is written
    if result.fixed:
        assert patched(text, unified(text, result.text, "Corefile", result.edits)) == result.text


@settings(deadline=None, max_examples=300)
@given(corefiles(), st.sampled_from(STYLES))
def test_a_safe_fix_loses_no_lookup_for_any_client(text: str, style: Style) -> None:
    result = repaired(text, style, unsafe=False)
    if result.fixed:
        validation = judge(model.answers([(parse(text), parse(result.text))]))
        assert validation.verdict != "failed", validation.transcript
