"""Corefiles out of a seed: built along the grammar, with snippets, imports, variables and every odd spelling, then damaged.

About half of them CoreDNS has to accept, or the comparison says little; so a case is damaged only every other time, and lightly.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import strategies as st

from tests.oracle.ask import Case

ENVIRONMENT = {
    "ZONE": "a.org",
    "BRACE": "{",
    "CLOSE": "}",
    "COMMA": "b.org,",
    "FILE": "a.conf",
    "HALF": "{$Z",
    "IMPORT": "import",
    "LINES": "x\ny",
    "NEST": "{$ZONE}",
    "OTHER": "{%ZONE%}",
    "SNIPPET": "one",
    "SPACES": "two words",
}
_VARIABLES = [f"{{${name}}}" for name in ENVIRONMENT] + [
    "{%ZONE%}",
    "{%NEST%}",
    "{$UNSET}",
    "{$}",
    "{%%}",
    "{$ZONE",
    "{%ZONE}",
    "{$HALF}ONE}",
]
_PLUGINS = ["log", "errors", "cache", "template", "forward", "hosts", "kubernetes", "reload", "rewrite", "whoami"]
_WORDS = [
    "IN",
    "AAAA",
    ".",
    "NXDOMAIN",
    "30",
    "rcode",
    "match",
    "/etc/hosts",
    "10.0.0.1",
    "import",
    "a,",
    "{}",
    "}}",
    "'x",
    "\\",
    "é😀",
    "(",
    "\x1c",
]
_QUOTED = [
    '"x y"',
    '"{{ .Name }} 60 IN A 1.2.3.4"',
    '"a\\"b"',
    '"\\\\"',
    '""',
    '"#"',
    '"two\nlines"',
    '"cr\r\nlf"',
    '"import"',
    '"log"',
    '"a,"',
]
_KEYS = [".", ".:53", "a.org", "b.org:53", "dns://c.org", "10.0.0.0/9", '"q.org"', '""', "é.org", "x:1,y:2", "(not) (one)", "{x", "#k\n."]
_SPACES = [" "] * 12 + ["\t", "  ", "\r ", "\u00a0", "\u2028", "\v", " \r"]
_BREAKS = ["\n"] * 12 + ["\r\n", "\n\n", " # note\n", "#glued\n", "\n # line { }\n", " \n\t"]
_PATTERNS = [
    "a.conf",
    "b.conf",
    "sub/c.conf",
    "*.conf",
    "?.conf",
    "sub/*",
    "*/c.conf",
    "./a.conf",
    "sub/../a.conf",
    "a.conf/",
    "sub//c.conf",
]
_PATTERNS += [
    "nothing",
    "nothing*",
    "sub",
    "*",
    "[a].conf",
    "a[.conf",
    "*[",
    "a\\.conf",
    "*.conf*",
    "\\",
    "{$FILE}",
    ".h*",
    "/nothing/*",
    "../*/a.conf",
]
_PIECES = [
    "{",
    "}",
    " { ",
    " }\n",
    '"',
    "#",
    ",",
    "\n",
    "\r",
    " ",
    "import none*\n",
    "import",
    "(one) {\n",
    '""',
    "\\",
    "\ufeff",
    "\n{\n",
    "\n}\n",
    "\0",
]
_BYTES = [b"\xff", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf"]


def cases(seed: int, count: int) -> Iterator[Case]:
    """The same ones for the same seed."""
    for number in range(count):
        yield _Maker(random.Random(f"{seed}/{number}")).case()


# A strategy over seeds, not over every choice on the way: drawn choice by choice, three in four texts are repetitions.
corefiles: st.SearchStrategy[Case] = st.integers(0, (1 << 64) - 1).map(lambda seed: _Maker(random.Random(seed)).case())


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.snippets: list[str] = []
        self.alone = False  # no imports: in a file, they may lead round in circles, a hundred thousand times

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def case(self) -> Case:
        self.alone = True
        files = {"sub/c.conf": self.part(()), "b.conf": self.part(("sub/c.conf",)), "a.conf": self.part(("b.conf", "sub/c.conf"))}
        files[".hidden"] = "log\n"
        self.alone, self.snippets = False, []
        text = ("\ufeff" if self.maybe(0.03) else "") + "".join(self.top() for _ in range(self.dice.choice([0, 1, 1, 1, 2, 2, 3, 4])))
        if self.maybe(0.6):
            text = self.damaged(text, _PIECES)
        if self.maybe(0.16):
            text += '\n""\n' + self.dice.choice(["}\n", "import none*\n", "{\n}\n", self.lines(), self.lines() + "}\n"])
        if self.maybe(0.1):
            files["b.conf"] = self.damaged(files["b.conf"], ["{", "}", '"', " ", "\n", "#"])
        content = text.encode()
        if self.maybe(0.05):
            place = self.dice.randrange(len(content) + 1)
            content = content[:place] + self.dice.choice(_BYTES) + content[place:]
        plugins = [*_PLUGINS, "a.org", "two words"] if self.maybe(0.15) else None
        return Case(content, {name: part.encode() for name, part in files.items()}, ENVIRONMENT if self.maybe(0.8) else {}, plugins)

    def part(self, others: tuple[str, ...]) -> str:
        """A file: plugins, whole server blocks, options, or a brace that closes what another file opened."""
        kind = self.dice.choice(["lines", "lines", "block", "options", "closing", "nothing", "snippet"])
        if kind == "nothing":
            return self.dice.choice(["", "# nothing", "\n", '""'])
        text = {
            "lines": self.lines,
            "block": self.block,
            "options": self.lines,
            "closing": lambda: self.lines() + "}\n",
            "snippet": self.snippet,
        }[kind]()
        return text + (f"\nimport {self.dice.choice(others)}\n" if others and self.maybe(0.3) else "")

    def top(self) -> str:
        if self.maybe(0.2):
            return self.snippet()
        if self.maybe(0.12):
            return self.imported() + "\n"
        return self.block()

    def snippet(self) -> str:
        name = self.dice.choice(["one", "two", "three", "four", '"five', "{$SNIPPET}"])
        text = (
            f"({name}) {{\n{self.block() if self.maybe(0.1) else self.lines()}}}\n" if not name.startswith('"') else '"(five)" {\nlog\n}\n'
        )
        self.snippets.append(name.strip('"'))
        return text

    def block(self) -> str:
        keys = self.dice.choice([" ", ", ", ",\n", ", "]).join(self.key() for _ in range(self.dice.choice([1, 1, 1, 2, 3])))
        style = self.dice.random()
        if style < 0.12:
            return f"{keys}\n{self.lines()}" + ("}\n" if self.maybe(0.7) else "")
        if style < 0.16:
            return keys + "\n"
        opening = self.dice.choice([" {\n"] * 6 + ["\n{\n", " { ", ' "{"\n', " {$BRACE}\n", "\n\n{ # x\n"])
        return f"{keys}{opening}{self.lines()}" + self.dice.choice(["}\n"] * 8 + ["} ", '"}"\n', "}"])

    def key(self) -> str:
        return self.dice.choice(_VARIABLES) if self.maybe(0.06) else self.dice.choice(_KEYS)

    def lines(self, depth: int = 0) -> str:
        return "".join(self.line(depth) for _ in range(self.dice.choice([0, 1, 1, 2, 3] if depth else [0, 1, 2, 3, 4, 5])))

    def line(self, depth: int) -> str:
        if self.maybe(0.12) and not self.alone:
            return self.imported() + "\n"
        words = [self.dice.choice(_PLUGINS) if self.maybe(0.9) else self.word()] + [
            self.word() for _ in range(self.dice.choice([0, 0, 1, 2, 3]))
        ]
        text = "  " * depth + self.dice.choice(_SPACES).join(words)
        if self.maybe(0.35) and depth < 4:
            opening = self.dice.choice([" {\n"] * 6 + ["\n{\n", " { ", ' "{"\n'])
            text += f"{opening}{self.lines(depth + 1)}" + self.dice.choice(["}"] * 8 + ["} x", "} { y\n}", '"}"'])
        elif self.maybe(0.1):
            text += self.dice.choice([" { ", f" {{\n{self.lines(depth + 1)}"]) + self.word() + " }"
        return text + self.dice.choice(_BREAKS)

    def word(self) -> str:
        chance = self.dice.random()
        if chance < 0.08:
            return self.dice.choice(_VARIABLES)
        return self.dice.choice(_QUOTED if chance < 0.25 else _WORDS)

    def imported(self) -> str:
        if self.snippets and self.maybe(0.6):
            return "import " + self.dice.choice(self.snippets)
        return self.dice.choice(["import "] * 12 + ["{$IMPORT} ", '"import" ']) + self.dice.choice(
            _PATTERNS if self.maybe(0.5) else _PATTERNS[:6]
        )

    def damaged(self, text: str, pieces: list[str]) -> str:
        for _ in range(self.dice.choice([1, 1, 1, 2, 3])):
            start = self.dice.randrange(len(text) + 1)
            end = min(len(text), start + self.dice.choice([1, 1, 2, 5, 20]))
            piece = self.dice.choice(pieces)
            text = self.dice.choice(
                [
                    text[:start] + text[end:],
                    text[:start] + piece + text[start:],
                    text[:start] + piece + text[end:],
                    text[:end] + text[start:],
                    text[:start] + text[start:end].replace("\n", " ") + text[end:],
                    text[:start] if end - start > 4 else text,
                ]
            )
        return text
