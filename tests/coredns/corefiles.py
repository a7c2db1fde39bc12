"""Corefiles that a CoreDNS can start with, without privileges and without a network: written by hand, and composed.

Every server block binds 127.0.0.1, which the runner turns into a loopback address of its own, so that many can run side by side.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple


class Running(NamedTuple):
    """A Corefile with what its CoreDNS has around it; `oldest` is the first release that can start with it."""

    name: str
    text: str
    files: dict[str, str] = {}  # noqa: RUF012  by their paths beside the Corefile
    environment: dict[str, str] = {}  # noqa: RUF012
    oldest: tuple[int, int, int] = (1, 8, 0)


START = ".:5300 {\n  bind 127.0.0.1\n  reload\n"
ROWS = [
    # layout
    ("one block", START + "}\n"),
    ("no newline at the end", START + "}"),
    ("a comment behind a word", ".:5300 { # here\n  bind 127.0.0.1 # there\n  reload\n} # end\n"),
    ("a comment on its own line", "# first\n\n" + START + "  # inside\n  whoami\n}\n# last"),
    ("a comment without a space behind a word", ".:5300 {\n  bind 127.0.0.1\n  cache 30#seconds\n  reload\n}\n"),
    ("a hidden word and the one behind it", ".:5300 {\n  bind 127.0.0.1\n  template IN AAAA#x org\n  reload\n}\n"),
    ("a comment glued to a quoted word", '.:5300 {\n  bind "127.0.0.1"#all of it\n  reload\n}\n'),
    ("carriage returns before line feeds", (START + "  whoami\n  log\n}\n").replace("\n", "\r\n")),
    ("a carriage return inside a word", ".:5300 {\n  bi\rnd 127.0.0.1\n  re\rload\n}\n"),
    ("a byte order mark", "\ufeff" + START + "}\n"),
    ("tabs and many empty lines", "\n\n\n.:5300\t{\n\n\n\tbind\t127.0.0.1\n\n\t\treload\n\n\n}\n\n\n"),
    ("the white space of other scripts", ".:5300\u3000{\n\u2003bind\u00a0127.0.0.1\n\u2028reload\u0085\u1680\n}\n"),
    ("vertical tabs and form feeds", ".:5300 {\n\v bind\f127.0.0.1\n reload\n}\n"),
    ("the brace on the next line", ".:5300\n{\n  bind 127.0.0.1\n  reload\n}\n"),
    ("the brace some lines below", ".:5300\n\n# why not\n\n{\n  bind 127.0.0.1\n  reload\n}\n"),
    ("a plugin behind the brace", ".:5300 { bind 127.0.0.1\n  reload\n}\n"),
    ("a block without braces", ".:5300\nbind 127.0.0.1\nreload\nwhoami\n"),
    ("a block without braces that a brace ends", ".:5300\nbind 127.0.0.1\nreload\n}\na.org:5301 {\n  bind 127.0.0.1\n}\n"),
    ("the last brace shared with a plugin's options", START + "  hosts {\n    10.0.0.1 a.org\n    fallthrough\n  }\n"),
    # keys
    ("two keys", ".:5300 a.org:5301 {\n  bind 127.0.0.1\n  reload\n}\n"),
    ("keys with commas", ".:5300, a.org:5301, b.org:5302 {\n  bind 127.0.0.1\n  reload\n}\n"),
    ("keys over lines", ".:5300,\n  a.org:5301,\n\n  b.org:5302 {\n  bind 127.0.0.1\n  reload\n}\n"),
    ("a scheme", "dns://.:5300 dns://A.Org:5300 {\n  bind 127.0.0.1\n  reload\n}\n"),
    ("upper case", "A.ORG:5300 b.Org:5300 {\n  bind 127.0.0.1\n  reload\n}\n"),
    ("a network as key", "10.1.0.0/17:5300 {\n  bind 127.0.0.1\n  reload\n}\n"),
    ("a quoted key", '".:5300" "a.org:5300" {\n  bind 127.0.0.1\n  reload\n}\n'),
    ("an empty quoted key", '"" .:5300 {\n  bind 127.0.0.1\n  reload\n}\n'),
    ("a letter of another script in a key", "bücher.example:5300 {\n  bind 127.0.0.1\n  reload\n}\n"),
    # several blocks
    ("two blocks", START + "}\na.org:5300 {\n  bind 127.0.0.1\n}\n"),
    ("two blocks on one line's end", START + "} a.org:5300 {\n  bind 127.0.0.1\n}\n"),
    (
        "three blocks, the last one with reload",
        "a:5300 {\n bind 127.0.0.1\n}\nb:5300 {\n bind 127.0.0.1\n}\nc:5300 {\n bind 127.0.0.1\n reload\n}\n",
    ),
    ("an empty block", START + "}\na.org:5301 {\n  bind 127.0.0.1\n}\n"),
    # words
    ("quoted words", '.:5300 {\n  "bind" "127.0.0.1"\n  "reload" "10s"\n}\n'),
    ("quoted words without a space between them", '.:5300 {\n  "bind""127.0.0.1"\n  "reload""10s"\n}\n'),
    ("quoted braces", '.:5300 "{"\n  bind 127.0.0.1\n  reload\n"}"\n'),
    ("escaped quotes", START + '  template IN TXT a.org {\n    answer "a.org. 60 IN TXT \\"x y\\""\n  }\n}\n'),
    ("backslashes", START + '  template IN A a.org {\n    match ^(.*)\\.a\\.org\\.$ "\\\\d\\.b"\n    rcode NXDOMAIN\n  }\n}\n'),
    ("what HTML escapes", START + '  template IN TXT a.org {\n    answer "a.org. 60 IN TXT <a&b>"\n  }\n}\n'),
    ("line separators in quotes", START + '  log . "a\u2028b\u2029c\u0085d"\n}\n'),
    ("a line feed in quotes", START + '  log . "a\nb"\n  whoami\n}\n'),
    ("a carriage return and a tab in quotes", START + '  log . "a\rb\tc\r\nd"\n  whoami\n}\n'),
    ("control characters in quotes", START + '  log . "a\x01b\x1bc\x7fd\x1fe\x0bf"\n}\n'),
    ("letters of many scripts and emoji", START + '  log . "größe 名前 🚒 \u202ex é"\n}\n'),
    ("bytes that are no text", START + '  log . "a\udcffb\udce2\udc82c"\n}\n'),
    ("a replacement character", START + '  log . "a\ufffdb"\n}\n'),
    ("a character beyond the first plane and its neighbours", START + '  log . "\ud7ff\ue000\uffff\U00010000\U0010ffff"\n}\n'),
    ("an empty word", START + '  log . ""\n}\n'),
    ("a long word", START + f'  log . "{"long " * 4000}"\n}}\n'),
    ("a byte order mark inside", START + '  log . "a\ufeffb"\n}\n'),
    # options
    ("options", START + "  cache {\n    success 100\n    denial 10 5\n  }\n}\n"),
    ("options on one line", START + "  template IN AAAA { rcode NXDOMAIN }\n}\n"),
    ("empty options", START + "  template IN AAAA { }\n}\n"),
    ("options with comments", START + "  cache { # a\n    # b\n    success 100 # c\n\n\n    denial 10\n  } # d\n}\n"),
    ("the incident", START + "  template ANY AAAA {\n    rcode NXDOMAIN\n  }\n  forward . 127.0.0.1:9\n}\n"),
    ("hosts in the text", START + "  hosts {\n    10.0.0.1 a.org b.org\n    ::1 c.org\n    ttl 60\n    fallthrough\n  }\n}\n"),
    ("a plugin in two places", START + "  template IN A a.org\n  whoami\n  template IN AAAA a.org\n  log\n  template IN MX a.org\n}\n"),
    ("rewrites", START + "  rewrite stop {\n    name regex (.*)\\.a\\.org {1}.b.org\n    answer name (.*)\\.b\\.org {1}.a.org\n  }\n}\n"),
    ("rewrites and their names", START + '  rewrite name suffix "a.org." .b.org.\n  rewrite type ANY HINFO\n  rewrite class CH IN\n}\n'),
    ("an access list", START + "  acl {\n    block type A net 10.0.0.0/8\n    allow\n  }\n}\n"),
    (
        "forwards",
        START + "  forward a.org 127.0.0.1:9 127.0.0.1:10 {\n    except b.a.org\n    policy sequential\n    max_fails 0\n  }\n}\n",
    ),
    ("errors with a pattern", START + '  errors {\n    consolidate 5m ".* i/o timeout$"\n  }\n}\n'),
    ("log with classes", START + '  log a.org "{remote} {name} {>id}" {\n    class denial error\n  }\n}\n'),
    ("endpoints", START + "  health 127.0.0.1:5391\n  ready 127.0.0.1:5392\n  prometheus 127.0.0.1:5393\n}\n"),
    ("a lame duck", START + "  health 127.0.0.1:5391 {\n    lameduck 1s\n  }\n}\n"),
    ("chaos and nsid", START + '  chaos "CoreDNS <1>" a@b.org\n  nsid "here & there"\n}\n'),
    ("dns64 and bufsize", START + "  dns64 64:ff9b::/96\n  bufsize 1232\n  cancel 2s\n}\n"),
    ("any, debug, erratic, loadbalance, metadata", START + "  any\n  debug\n  erratic\n  loadbalance round_robin\n  metadata\n}\n"),
    ("reload with its times", ".:5300 {\n  bind 127.0.0.1\n  reload 10s 2s\n}\n"),
    ("reload twice", START + "  reload 20s\n}\n"),
    # snippets
    ("a snippet", "(a) {\n  bind 127.0.0.1\n  reload\n}\n.:5300 {\n  import a\n}\n"),
    (
        "a snippet in two blocks",
        "(a) {\n  bind 127.0.0.1\n  reload\n}\nx:5300 {\n  import a\n}\ny:5300 {\n  log\n  import a\n  whoami\n}\n",
    ),
    ("a snippet in a snippet", "(a) {\n  reload\n}\n(b) {\n  bind 127.0.0.1\n  import a\n}\n.:5300 {\n  import b\n  errors\n}\n"),
    ("a snippet in options", "(a) {\n  success 100\n}\n" + START + "  cache {\n    import a\n    denial 10\n  }\n}\n"),
    ("a snippet of server blocks", "(a) {\n.:5300 {\n  bind 127.0.0.1\n  reload\n}\n}\nimport a\n"),
    ("a snippet that nothing imports", "(a) {\n  nonsense\n}\n" + START + "}\n"),
    ("an empty snippet", "(a) {\n}\n.:5300 {\n  import a\n  bind 127.0.0.1\n  reload\n}\n"),
    ("a snippet's brace on the next line", "(a)\n{\n  reload\n}\n.:5300 {\n  bind 127.0.0.1\n  import a\n}\n"),
    ("a quoted import", '(a) {\n  reload\n}\n.:5300 {\n  bind 127.0.0.1\n  "import" "a"\n}\n'),
]
# With files beside the Corefile and variables in the environment.
AROUND = [
    Running("a file", ".:5300 {\n  import some.conf\n}\n", {"some.conf": "bind 127.0.0.1\nreload # x\n"}),
    Running("a file in a folder", ".:5300 {\n  import sub/some.conf\n  log\n}\n", {"sub/some.conf": "\n\nbind 127.0.0.1\n\nreload"}),
    Running(
        "a file that imports its neighbour",
        ".:5300 {\n  import sub/a\n}\n",
        {"sub/a": "import b\nlog\n", "sub/b": "bind 127.0.0.1\nreload\n", "b": "nonsense\n"},
    ),
    Running(
        "files by a pattern",
        ".:5300 {\n  import conf.d/*.conf\n}\n",
        {"conf.d/b.conf": "reload\n", "conf.d/a.conf": "bind 127.0.0.1\n", "conf.d/c.txt": "nonsense\n", "conf.d/.d.conf": "whoami\n"},
    ),
    Running("a pattern that matches nothing", START + "  import none/*.conf\n  whoami\n}\nimport x?\n"),
    Running("server blocks from a file", START + "}\nimport more\n", {"more": "\ufeffa.org:5300 {\n  bind 127.0.0.1\n}\n"}),
    Running("a file that closes the block", START + "  import end\n", {"end": "whoami\n}\na.org:5300 {\n  bind 127.0.0.1\n}\n"}),
    Running("snippets from a file", "import lib\n.:5300 {\n  import a\n}\n", {"lib": "(a) {\r\n  bind 127.0.0.1\r\n  reload\r\n}\r\n"}),
    Running("a file in options", START + "  cache {\n    import ttl\n    denial 5\n  }\n}\n", {"ttl": "success 100\n"}),
    Running("an empty file", START + "  import empty\n  log\n}\n", {"empty": ""}),
    Running("a path with what HTML escapes", START + "  import 'a&b<ü>'/c\n}\n", {"'a&b<ü>'/c": "whoami\n"}),
    Running(
        "variables",
        "{$ZONE}:{$PORT} {\n  bind {$ADDRESS}\n  {%NAME%}\n}\n",
        {},
        {"ZONE": ".", "PORT": "5300", "ADDRESS": "127.0.0.1", "NAME": "reload"},
    ),
    Running("a variable that is not set", START + '  log . "a{$NOBODY}b{%NOBODY%}c"\n}\n'),
    Running("a value with spaces", START + "  log . {$FORMAT}\n}\n", {}, {"FORMAT": '{remote} "a" <b>\t&'}),
    Running("a value with line feeds", START + "  log . {$FORMAT} \n  whoami\n}\n", {}, {"FORMAT": "a\nb"}),
    Running("a value that holds a variable", START + "  log . {$A}\n}\n", {}, {"A": "x{$B}y", "B": "z"}),
    Running("a value of bytes that are no text", START + "  log . {$A}\n}\n", {}, {"A": "x\udcffy"}),
    Running("what looks like a variable", START + '  log . "{$} {$ {%%} {%x {$ {}"\n}\n'),
    Running("a variable in an import", ".:5300 {\n  import {$FILE}\n}\n", {"some": "bind 127.0.0.1\nreload\n"}, {"FILE": "some"}),
    Running("variables in a file", ".:5300 {\n  import some\n}\n", {"some": "bind {$A}\n{$R}\n"}, {"A": "127.0.0.1", "R": "reload"}),
]
# With plugins that 1.8.0 does not have.
NEWER = [
    Running("minimal and local", START + "  minimal\n  local\n  header {\n    response set ra\n  }\n}\n", oldest=(1, 8, 5)),
    Running(
        "views",
        "(v) {\n  bind 127.0.0.1\n  view six {\n    expr type() == 'AAAA'\n  }\n}\n.:5300 {\n  import v\n  reload\n}\n",
        oldest=(1, 10, 0),
    ),
    Running("an extended error", START + '  template IN A {\n    rcode NXDOMAIN\n    ederror 15 "<blocked>"\n  }\n}\n', oldest=(1, 10, 0)),
]

# What a composed server block chooses from: a plugin with its arguments, and its options. `reload` and `bind` are always there.
_PLUGINS: list[tuple[list[str], list[list[str]]]] = [
    (["errors"], []),
    (["errors"], [["consolidate", "5m", ".* timeout$"]]),
    (["log"], []),
    (["log", ".", "{remote} <{name}> & {rcode}"], [["class", "denial", "error"]]),
    (["cache", "30"], []),
    (["cache"], [["success", "9984", "30"], ["denial", "9984", "5"], ["prefetch", "10", "1m", "10%"]]),
    (["whoami"], []),
    (["loadbalance", "round_robin"], []),
    (["hosts"], [["10.0.0.1", "a.org", "b.org"], ["fallthrough"]]),
    (["hosts"], [["2001:db8::1", "größe.example"], ["ttl", "60"], ["no_reverse"], ["fallthrough", "a.org"]]),
    (["forward", ".", "127.0.0.1:9"], []),
    (["forward", "a.org", "127.0.0.1:9", "127.0.0.1:10"], [["except", "b.a.org"], ["policy", "sequential"], ["max_concurrent", "1000"]]),
    (["rewrite", "name", "a.org", "b.org"], []),
    (["rewrite", "stop"], [["name", "regex", "(.*)\\.x\\.org", "{1}.y.org"], ["answer", "name", "(.*)\\.y\\.org", "{1}.x.org"]]),
    (["acl"], [["block", "type", "A", "net", "10.0.0.0/8"], ["allow"]]),
    (["template", "IN", "AAAA"], []),
    (["template", "ANY", "AAAA", "a.org"], [["rcode", "NXDOMAIN"]]),
    (
        ["template", "IN", "TXT", "."],
        [["match", "^x\\.(?P<n>.*)$"], ["answer", '{{ .Name }} 60 IN TXT "<{{ .Group.n }}>"'], ["fallthrough"]],
    ),
    (["chaos", "CoreDNS", "a & b"], []),
    (["debug"], []),
    (["any"], []),
    (["erratic"], [["drop", "0"], ["delay", "0"]]),
    (["bufsize", "1232"], []),
    (["nsid", "a", "b"], []),
    (["cancel"], []),
    (["metadata"], []),
    (["dns64"], [["prefix", "64:ff9b::/96"]]),
]


def by_hand() -> list[Running]:
    return [*(Running(name, text) for name, text in ROWS), *AROUND, *NEWER]


def composed(count: int, seed: int = 1) -> Iterator[Running]:
    """Server blocks of chosen plugins in every layout that the grammar allows; the same ones for the same seed."""
    dice = random.Random(seed)
    for number in range(count):
        end = dice.choice(["\n", "\n", "\r\n"])
        blocks = [_block(dice, f"z{number}-{place}.example", end) for place in range(dice.choice([1, 1, 2, 4]))]
        snippet = ""
        if dice.random() < 0.4:
            snippet = f"(common) {{{end}{_gap(dice, end)}  reload{_comment(dice)}{end}}}{end}"
            blocks = [block.replace("\x00", "import common") for block in blocks]
        text = snippet + end.join(blocks).replace("\x00", "reload")
        yield Running(f"composed {number}", dice.choice(["", "", "\ufeff"]) + (text if dice.random() < 0.8 else text.rstrip("\r\n")))


def _block(dice: random.Random, zone: str, end: str) -> str:
    keys = dice.choice(
        [f"{zone}:5300", f"{zone}:5300 a.{zone}:5301", f"{zone}:5300,{end}  b.{zone}:5302", f'"{zone}:5300"', f"dns://{zone}:5300"]
    )
    lines = [[_word(dice, "bind"), _word(dice, "127.0.0.1")], ["\x00"]]
    chosen = {plugin[0][0]: plugin for plugin in dice.sample(_PLUGINS, dice.randint(0, 8))}
    written = [_gap(dice, end) + "".join(f"{_indent(dice)}{' '.join(line)}{_comment(dice)}{end}" for line in lines)]
    for words, options in chosen.values():
        head = f"{_indent(dice)}{_gap_words(dice, words)}"
        if not options:
            written.append(f"{head}{_comment(dice)}{end}{_gap(dice, end)}")
        elif len(options) == 1 and words[0] != "hosts" and dice.random() < 0.3 and options[0][0] == "rcode":
            written.append(f"{head} {{ {_gap_words(dice, options[0])} }}{_comment(dice)}{end}")
        else:
            body = "".join(f"{_indent(dice)}  {_gap_words(dice, option)}{_comment(dice)}{end}{_gap(dice, end)}" for option in options)
            written.append(f"{head} {{{_comment(dice)}{end}{_gap(dice, end)}{body}{_indent(dice)}}}{end}")
    dice.shuffle(written)
    return f"{keys}{dice.choice([' {', end + '{', '   {', ' {' + _comment(dice)])}{end}{''.join(written)}}}{_comment(dice)}{end}"


def _word(dice: random.Random, word: str) -> str:
    if dice.random() < 0.2 or not word or any(char in ' "#' for char in word):
        return '"' + word.replace('"', '\\"') + '"'
    return word


def _gap_words(dice: random.Random, words: list[str]) -> str:
    return dice.choice([" ", " ", "  ", "\t", "\u00a0"]).join(_word(dice, word) for word in words)


def _indent(dice: random.Random) -> str:
    return dice.choice(["", "  ", "    ", "\t", "\u3000"])


def _comment(dice: random.Random) -> str:
    return dice.choice(["", "", "", " # a comment", " #{ }", '\t# "quotes', " # größe"])


def _gap(dice: random.Random, end: str) -> str:
    return dice.choice(["", "", "", end, f"{end}{end}", f"# a line of comment {{{end}", f"   {end}"])
